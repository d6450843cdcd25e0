"""Pure: wordings: each language complete, nothing said in one that is missing in another, no phrase twice."""

import re
from collections.abc import Mapping

from ivr.flow.fill import places
from ivr.flow.finding import Findings, heard_texts, spoken_in, spoken_texts
from ivr.flow.flow import words_in
from ivr.flow.plain import plain_words
from ivr.flow.schema_steps import ListeningStep
from ivr.flow.sentences import SENTENCES
from ivr.flow.vocabulary import example_phrases
from ivr.model.patterns import fault_in, is_pattern

FEWEST_PHRASES = 5
"""Example phrases below which an intent is poorly understood (the format asks for 5 to 20)."""

_SENTENCE = re.compile(r"[.!?。!?]+")
_PROMISED = re.compile(
    r"\b(?:never|not) ask\b|不会(?:询问|问|索要)|(?:绝不|从不)(?:会)?(?:询问|问|索要)", re.IGNORECASE
)
_NEVER_ASKED = re.compile(r"\bPINs?\b|\bOTP\b|\bCVV2?\b|(?i:\bpass(?:word|code)s?\b)|密码|验证码|动态码")

_Words = Mapping[str, tuple[str, ...]]
_Path = tuple[str, ...]


def check_languages(found: Findings) -> None:
    file = found.file
    for language in file.languages:
        if language not in SENTENCES:
            why = f"the language '{language}' is not known."
            found.add(("languages",), why, f"It is one of: {', '.join(SENTENCES)}.", code="language")
    for path, words in spoken_texts(file):
        _complete(found, path, words)
        _alike(found, path, words)
    for path, words in heard_texts(file):
        _complete(found, path, words)
    for name, step in file.steps.items():
        other = getattr(step, "language", None)
        if other is not None and other not in file.languages:
            why = f"switches to '{other}', which the flow does not speak."
            found.add(("steps", name, "language"), why, f"It speaks: {', '.join(file.languages)}.", code="language")


def _complete(found: Findings, path: _Path, words: _Words) -> None:
    spoken = found.file.languages
    if "" in words:
        if len(spoken) > 1:
            why = f"this text has no language, but the flow speaks {', '.join(spoken)}."
            found.add(path, why, f"Write {', '.join(f'`{name}:`' for name in spoken)} below it.", code="language")
        return
    for language in spoken:
        if not any(text.strip() for text in words.get(language, ())):
            found.add(path, f"there is no text in '{language}'.", f"Add `{language}:`.", code="language")
    for language in words:
        if language not in spoken:
            why = f"'{language}' is not one of the flow's languages."
            found.add((*path, language), why, f"They are: {', '.join(spoken)}.", code="language")


def _alike(found: Findings, path: _Path, words: _Words) -> None:
    """The same number of texts, and the same places in them, in every language."""
    counts = {language: len(texts) for language, texts in words.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{language} {count}" for language, count in counts.items())
        why = f"the languages have different numbers of texts: {told}."
        found.warn(path, why, "Write as many in each.", code="languages_differ")
    named = {language: {name for text in texts for name, _ in places(text)} for language, texts in words.items()}
    everything = set().union(*named.values())
    for language, names in named.items():
        for name in sorted(everything - names):
            found.warn((*path, language), f"{{{name}}} is said in another language, but not in this one.",
                       "Say it in both, or in none.", code="languages_differ")  # fmt: skip


def _asked_for(text: str) -> str:
    """What of that a text asks for; a promise that it never will be asked for is no question."""
    sentences = (part for part in _SENTENCE.split(text) if not _PROMISED.search(part))
    return next((match[0] for part in sentences if (match := _NEVER_ASKED.search(part))), "")


def check_asking(found: Findings) -> None:
    """Nobody is asked for what only a thief would ask for (domain.md 2.8.7, 2.11)."""
    for name, step in found.file.steps.items():
        if not isinstance(step, ListeningStep):
            continue
        for path, words in spoken_in(step):
            asked = next((what for texts in words.values() for text in texts if (what := _asked_for(text))), "")
            if asked:
                why = f"asks a caller about '{asked}'."
                remedy = "Callers are taught never to tell it; use the last digits of a card, or a date of birth."
                found.warn(("steps", name, *path), why, remedy, code="asks_for_secret")


def check_phrases(found: Findings) -> None:
    """The same words may not mean two things; and too few examples teach too little."""
    file = found.file
    for language in file.languages:
        meaning: dict[str, str] = {}
        for name, intent in file.intents.items():
            phrases = words_in(intent.phrases, language)
            path = ("intents", name, "phrases", language)
            if len(example_phrases(phrases)) < FEWEST_PHRASES and name in _led(found):
                why = f"intent '{name}' has only {len(phrases)} phrase{'s' * (len(phrases) != 1)} in '{language}'."
                found.warn(path, why, f"Give {FEWEST_PHRASES} to 20.", code="few_phrases")
            for number, phrase in enumerate(phrases):
                if is_pattern(phrase) and (fault := fault_in(phrase)):
                    why = f"in '{phrase}' {fault}."
                    remedy = "`(a|b)` is one of several, `[a]` may be left out; every bracket needs its other half."
                    found.add((*path, str(number)), why, remedy, code="phrase_brackets")
                other = meaning.setdefault(plain_words(phrase), name)
                if other != name:
                    why = f"'{phrase}' is an example of '{name}' and of '{other}'."
                    found.add((*path, str(number)), why, "Keep it in one of them.", code="phrases_collide")
        for name, values in file.lists.items():
            _check_list(found, name, values, language)


def _led(found: Findings) -> set[str]:
    """Intents that are asked for in so many words, not switches such as a change of language."""
    return {name for name, intent in found.file.intents.items() if intent.kind in ("task", "question")}


def _check_list(found: Findings, name: str, values: Mapping[str, _Words], language: str) -> None:
    said: dict[str, str] = {}
    for value, words in values.items():
        for way in words_in(words, language):
            other = said.setdefault(plain_words(way), value)
            if other != value:
                why = f"'{way}' stands for '{value}' and for '{other}'."
                found.add(("lists", name, value, language), why, "Keep it in one of them.", code="phrases_collide")
