"""Pure: values in the caller's own words, found by the phrases that carry them in the examples.

From "find a branch near {place}" is learned that what follows "near" is a place.
"""

import re
from dataclasses import dataclass

from ivr.model.meaning import Vocabulary
from ivr.model.unfinished import part_that_is_said
from ivr.nlu.cleanup import clean, is_chinese, joined, pieces
from ivr.nlu.examples import PLACEHOLDER
from ivr.nlu.reading import Reading

_LEFT, _RIGHT = {"en": 3, "zh": 4}, {"en": 2, "zh": 3}
_LONGEST = {"en": 8, "zh": 16}
_EDGE_EN = {"please", "thanks", "thank", "you", "now", "right", "some", "that", "it's"}
_NO_CARRIER = {"the", "a", "an", "your", "my", "is", "of", "to", "do", "does", "的", "是", "有"}
_SURE = 0.9
_EMPTY = {
    "me", "here", "there", "us", "it", "this", "home", "you", "one",
    "我", "这", "这里", "那", "那里", "附近", "这边", "我家", "的", "旁边", "离我", "哪", "哪里", "最", "最近",
}  # fmt: skip
_LEAD_ZH = (
    "请问",
    "我需要",
    "我想查",
    "我想问",
    "我要查",
    "查询",
    "看看",
    "问一下",
    "我要",
    "我想",
    "帮我查",
    "帮我",
    "找一下",
    "一下",
    "不用",
    "不是",
    "不要",
    "不对",
    "好的",
    "麻烦",
    "请",
    "查一下",
    "在",
    "就在",
    "离",
    "是",
    "查",
    "找",
)


_HEDGE_EN = re.compile(
    r"(?:[\s,]+(?:i think|i guess|i believe|i suppose|i'd say|or so|or something|maybe|if possible|"
    r"if you can|right|actually))+[\s.!?]*$",
    re.I,
)
_HEDGE_ZH = re.compile("(?:[,，]?(?:我想是|我觉得|我想|应该是|应该吧|好像是|好像|大概|吧))+[。!?]*$")


def without_hedge(said: str, language: str) -> str:
    """A value without "I think" behind it; hedges alone stay what they are."""
    return (_HEDGE_ZH if is_chinese(language) else _HEDGE_EN).sub("", said) or said


@dataclass(frozen=True, slots=True)
class _Carrier:
    intent: str
    slot: str
    left: tuple[str, ...]
    right: tuple[str, ...]


class CarrierPhrases:
    """Built once from a flow's examples, read by all calls."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._language = vocabulary.language
        self._family = "zh" if is_chinese(vocabulary.language) else "en"
        self._carriers = tuple(
            carrier
            for intent in vocabulary.intents
            for phrase in intent.phrases
            for carrier in self._of(intent.name, phrase)
        )
        self.slots = frozenset(carrier.slot for carrier in self._carriers)

    def find(self, slot: str, text: str, intent: str = "") -> Reading | None:
        """The value of `slot` in the words, by the best fitting carrier of `intent`, or of any intent if empty."""
        parts = pieces(clean(text, self._language), self._language)
        best: tuple[int, Reading] | None = None
        for carrier in self._carriers:
            if carrier.slot != slot or (intent and carrier.intent != intent):
                continue
            found = self._carried(carrier, parts)
            if found and (best is None or found[0] > best[0]):
                best = found
        return best[1] if best else None

    def of_intent(self, slot: str, text: str, intent: str) -> Reading | None:
        """The value by the intent's own carriers; by another's only where more than one word of it is there."""
        own = self.find(slot, text, intent)
        if own or any(each.slot == slot and each.intent == intent for each in self._carriers):
            return own
        other = self.find(slot, text)
        return other if other and other.confidence >= _SURE else None

    def _of(self, intent: str, phrase: str) -> list[_Carrier]:
        carriers = []
        for found in PLACEHOLDER.finditer(phrase):
            before = PLACEHOLDER.sub(" ", phrase[: found.start()])
            after = PLACEHOLDER.split(phrase[found.end() :])[0]
            left = pieces(clean(before, self._language), self._language)[-_LEFT[self._family] :]
            right = pieces(clean(after, self._language), self._language)[: _RIGHT[self._family]]
            if left or right:
                carriers.append(_Carrier(intent, found[1], tuple(left), tuple(right)))
        return carriers

    def _carried(self, carrier: _Carrier, parts: list[str]) -> tuple[int, Reading] | None:
        """(how much of the carrier was there, the value)."""
        for size in range(len(carrier.left), -1 if not carrier.left else 0, -1):
            left = list(carrier.left[len(carrier.left) - size :])
            starts = [at + size for at in range(len(parts) - size) if parts[at : at + size] == left]
            if not carrier.left:
                starts = [0]
            for start in starts:
                end, matched = self._end(carrier, parts, start)
                value = self._trimmed(parts[start:end])
                weak = size == 1 and not matched and left[0] in _NO_CARRIER
                if value and not weak and (size or matched):
                    return size + matched, Reading(value, value, _SURE if size + matched > 1 else 0.8)
        return None

    def _end(self, carrier: _Carrier, parts: list[str], start: int) -> tuple[int, int]:
        for size in range(len(carrier.right), 0, -1):
            for at in range(start + 1, len(parts) - size + 1):
                if tuple(parts[at : at + size]) == carrier.right[:size]:
                    return at, size
        return len(parts), 0

    def _trimmed(self, parts: list[str]) -> str:
        kept = list(parts)
        if self._family == "en":
            while kept and kept[0] in _EDGE_EN:
                kept.pop(0)
            while kept and kept[-1] in _EDGE_EN:
                kept.pop()
        value = without_hedge(joined(kept, self._language), self._language)
        while self._family == "zh" and (lead := next((lead for lead in _LEAD_ZH if value.startswith(lead)), "")):
            value = value.removeprefix(lead)
        value = part_that_is_said(value, self._language)
        return "" if value in _EMPTY or len(kept) > _LONGEST[self._family] else value
