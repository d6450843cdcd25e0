"""Pure: a flow's example phrases as training texts, with values put where `{slot}` stands."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ivr.model.meaning import SlotRule, Vocabulary
from ivr.nlu.cleanup import clean, is_chinese, spelled

MOST_QUESTIONS = 300
"""Questions of knowledge files that an understanding is taught with; always the same ones of a large file."""

PLACEHOLDER = re.compile(r"\{\s*(\w+)\s*\??\s*\}")
_IS_WORDS = (re.compile(r"[a-z]{3}"), re.compile(r"[\u3400-\u9fff]{2}"))
"""By whether the language is Chinese."""

_SAMPLES_EN: Mapping[str, tuple[str, ...]] = {
    "number": ("three", "twenty", "two"), "digits": ("four four two one", "one zero nine three"),
    "money": ("fifty dollars", "two hundred"), "date": ("saturday", "tomorrow", "the fifth of may"),
    "time": ("ten o'clock", "half past three"), "duration": ("two weeks", "half an hour"),
    "phone": ("five five five oh one two three",), "city": ("springfield", "london"),
    "person": ("john smith", "mary"), "yes_no": ("yes",),
    "text": ("the station", "main street", "the old town hall"),
}  # fmt: skip
_SAMPLES_ZH: Mapping[str, tuple[str, ...]] = {
    "number": ("三", "二十"), "digits": ("四四二一", "一零九三"), "money": ("五十块", "两百元"),
    "date": ("周六", "明天", "五月五号"), "time": ("十点", "下午三点"), "duration": ("两周", "半小时"),
    "phone": ("幺三八零零幺三八零零零",), "city": ("北京", "上海"), "person": ("王小明", "李芳"), "yes_no": ("是",),
    "text": ("火车站", "人民广场", "市中心"),
}  # fmt: skip


def expanded(phrase: str, turn: int, slots: Mapping[str, SlotRule], language: str) -> str:
    """The phrase with a sample value for each placeholder, cleaned; another `turn`, another sample."""

    def sample(found: re.Match[str]) -> str:
        rule = slots.get(found[1])
        samples = (_SAMPLES_ZH if is_chinese(language) else _SAMPLES_EN)["text"]
        if rule and rule.values:
            samples = tuple(said[0] if said else value for value, said in rule.values.items())
        elif rule:
            samples = (_SAMPLES_ZH if is_chinese(language) else _SAMPLES_EN).get(rule.kind, samples)
        return samples[turn % len(samples)]

    filled = PLACEHOLDER.sub(sample, phrase)
    return spelled(clean(filled, language), language)


def taught(vocabulary: Vocabulary) -> Vocabulary:
    """What is learned from a flow's words: questions that its knowledge files answer are nobody's intent, so that
    "account fees" is not taken for "account balance"."""
    questions = []
    for known in vocabulary.knowledge:
        lists = {rule.name: rule for rule in known.lists}
        asked = (question for entry in known.entries.values() for question in entry)
        questions += [expanded(question, turn, lists, vocabulary.language) for turn, question in enumerate(asked)]
    if len(questions) > MOST_QUESTIONS:
        questions = sorted(questions, key=lambda said: hashlib.sha256(said.encode()).digest())[:MOST_QUESTIONS]
    others = dict.fromkeys((*vocabulary.out_of_scope, *questions))
    return replace(vocabulary, knowledge=(), out_of_scope=tuple(others))


def training_texts(vocabulary: Vocabulary) -> tuple[list[str], list[int]]:
    """Texts and the number of the intent each belongs to; phrases with placeholders come twice, with other values."""
    slots = {rule.name: rule for rule in vocabulary.slots}
    texts: list[str] = []
    classes: list[int] = []
    for number, intent in enumerate(vocabulary.intents):
        seen: set[str] = set()
        for turn, phrase in enumerate(intent.phrases):
            for extra in range(2 if PLACEHOLDER.search(phrase) else 1):
                text = expanded(phrase, turn + extra, slots, vocabulary.language)
                if text and text not in seen:
                    seen.add(text)
                    texts.append(text)
                    classes.append(number)
    return texts, classes


def named(vocabulary: Vocabulary) -> tuple[list[str], NDArray[np.int64]]:
    """The intents' names as words, and the intents' numbers: "card_not_working" says what it is about.

    One phrase more for each intent, worth half a point with ten phrases each and nothing with a hundred. Names that
    are no words of the language ("a", "x12", English names in a Chinese flow) are left out.
    """
    texts: list[str] = []
    numbers: list[int] = []
    for number, intent in enumerate(vocabulary.intents):
        parted = re.sub(r"(?<=[a-z])(?=[A-Z])|[_.\-]+", " ", intent.name)
        text = spelled(clean(parted, vocabulary.language), vocabulary.language)
        if intent.phrases and _IS_WORDS[is_chinese(vocabulary.language)].search(text):
            texts.append(text)
            numbers.append(number)
    return texts, np.array(numbers, np.int64)
