"""Pure: values of a flow's list in the caller's words: exact first, longest first, then by letters and sound.

"not satisfied" is never "satisfied": a phrase after a negation counts only if the list says the negated phrase itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from ivr.nlu.cleanup import clean, is_chinese, joined, pieces, spelled
from ivr.nlu.negation import denies, is_negated, without_degree
from ivr.nlu.reading import Reading
from ivr.nlu.sounds import chinese_sounds, english_sounds

_NEAR_ENOUGH = {"en": 0.8, "zh": 0.79}
"""Least likeness, 0 to 1, of a phrase heard wrongly. 0.79: all syllables right and no character (国贸, 果茂)."""
_GAP = 0.04
"""How much nearer the best value must be than the second."""
_SHORTEST_HEARD_WRONGLY = {"en": 4, "zh": 2}
"""Letters or characters; shorter phrases must be exact."""
_COUNTS = set("分星号级颗点吧")
_MAKES_A_WORD = set("半些下直定样切起会共旦")
_MAKES_A_NUMBER = {"hundred", "thousand", "million", "point"}
_SPELLED = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
_LARGE, _DIGITS = set("百千万亿十"), set("一二三四五六七八九")
"""After a number: it is another one."""

_TAKEN_BACK = (" no", " not", "才怪", " nope")
"""After a value: "satisfied? no"."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say one value."""

    value: str
    parts: tuple[str, ...]
    letters: str
    sounds: str


class ListMatcher:
    """Finds the values of one list in one language. Built once, read by all calls."""

    def __init__(self, values: Mapping[str, tuple[str, ...]], language: str) -> None:
        self._language = language
        self._sounds = chinese_sounds if is_chinese(language) else english_sounds
        ways: dict[tuple[str, ...], Way] = {}
        for value, said in values.items():
            for phrase in (value, *said):
                letters = self._normal(phrase)
                parts = tuple(pieces(letters, language))
                if parts:
                    ways.setdefault(parts, Way(value, parts, letters, self._sounds(letters)))
        self._ways = tuple(sorted(ways.values(), key=lambda way: -len(way.parts)))
        self._first_parts = {way.parts[0] for way in self._ways}
        self.values = tuple(values)

    def exact(self, text: str) -> list[Reading]:
        """Values said word for word, in the order they come; words used by a longer phrase are not used again."""
        parts = pieces(self._normal(text), self._language)
        if self._is_beyond(parts):
            return []
        found = self._exact(parts)
        if not found and (plainer := without_degree(parts, self._language)) != parts:
            found = self._exact(plainer)
        return [reading for _, reading in sorted(found, key=lambda each: each[0])]

    def near(self, text: str) -> Reading | None:
        """The one value that sounds most like some part of the words, or None if none or two do."""
        parts = pieces(self._normal(text), self._language)
        if self._is_beyond(parts):
            return None
        family = "zh" if is_chinese(self._language) else "en"
        shortest, enough = _SHORTEST_HEARD_WRONGLY[family], _NEAR_ENOUGH[family]
        best: dict[str, tuple[float, str]] = {}
        windows: dict[int, list[tuple[int, str, str]]] = {}
        for way in self._ways:
            if len(way.letters) < shortest:
                continue
            for size in {max(1, len(way.parts) - 1), len(way.parts), len(way.parts) + 1}:
                for at, letters, sounds in windows.setdefault(size, self._windows(parts, size)):
                    score = self._likeness(way, letters, sounds)
                    known = best.get(way.value, (0.0, ""))[0]
                    if score > max(known, enough) and not self._is_denied(way, parts, at, size):
                        best[way.value] = score, letters
        ranked = sorted(((score, value, said) for value, (score, said) in best.items()), reverse=True)
        if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _GAP):
            return None
        return Reading(ranked[0][1], ranked[0][2], round(ranked[0][0] * 0.9, 3))

    def _normal(self, text: str) -> str:
        cleaned = clean(text, self._language)
        return spelled(cleaned, self._language).replace("'", "")

    def _exact(self, parts: list[str]) -> list[tuple[int, Reading]]:
        found: list[tuple[int, Reading]] = []
        taken: set[int] = set()
        if not self._first_parts & set(parts):
            return found
        for way in self._ways:
            size = len(way.parts)
            for at in range(len(parts) - size + 1):
                span = set(range(at, at + size))
                if tuple(parts[at : at + size]) != way.parts or taken & span or self._is_inside_a_word(parts, at, size):
                    continue
                taken |= span
                if not self._is_denied_before(way, parts, at):
                    found.append((at, Reading(way.value, joined(parts[at : at + size], self._language))))
        return found

    def _is_denied_before(self, way: Way, parts: list[str], at: int) -> bool:
        """不,不满意: who says the negation of the phrase twice has stumbled over it."""
        stumbled = bool(at) and parts[at - 1] == way.parts[0] and denies([way.parts[0]], self._language)
        return not stumbled and is_negated(parts, at, self._language)

    def _is_beyond(self, parts: list[str]) -> bool:
        """Whether a value is only the beginning of another number: "one hundred", 一百分, 十一, "four and a half"."""
        taken: set[int] = set()
        for way in self._ways:
            size = len(way.parts)
            for at in range(len(parts) - size + 1):
                if tuple(parts[at : at + size]) == way.parts and not taken & set(range(at, at + size)):
                    taken |= set(range(at, at + size))
                    if self._goes_on(parts[at + size - 1], parts[at + size : at + size + 3]):
                        return True
        return False

    def _goes_on(self, last: str, after: list[str]) -> bool:
        if not after:
            return False
        if is_chinese(self._language):
            return (last in _DIGITS and after[0] in _LARGE) or (last == "十" and after[0] in _DIGITS)
        return (last in _SPELLED or last.isdigit()) and (after[0] in _MAKES_A_NUMBER or after == ["and", "a", "half"])

    def _is_inside_a_word(self, parts: list[str], at: int, size: int) -> bool:
        """A single Chinese character in a long sentence is rarely the value: 一 in 等一下."""
        if size > 1 or not is_chinese(self._language) or not parts[at].isalpha() or len(parts[at]) > 1:
            return False
        after = "".join(parts[at + 1 : at + 2])
        return after in _MAKES_A_WORD or (len(parts) > 4 and after not in _COUNTS)

    def _is_denied(self, way: Way, parts: list[str], at: int, size: int) -> bool:
        """A negation before or inside what sounds like the phrase, unless the phrase has one too."""
        inside = denies(parts[at : at + size], self._language) and not denies(list(way.parts), self._language)
        return inside or is_negated(parts, at, self._language)

    def _windows(self, parts: list[str], size: int) -> list[tuple[int, str, str]]:
        texts = [(at, joined(parts[at : at + size], self._language)) for at in range(max(1, len(parts) - size + 1))]
        return [(at, letters, self._sounds(letters)) for at, letters in texts if letters]

    def _likeness(self, way: Way, letters: str, sounds: str) -> float:
        by_letters = fuzz.ratio(way.letters, letters, score_cutoff=40)
        by_sounds = fuzz.ratio(way.sounds, sounds, score_cutoff=60)
        share = 0.2 if is_chinese(self._language) else 0.5
        return (share * by_letters + (1 - share) * by_sounds) / 100


def pick(readings: list[Reading], text: str, language: str) -> Reading | None:
    """The value meant where several were said: the last one after a correction, else the first, unsure.

    Args:
        readings: in the order said.
        text: the caller's words, cleaned.
    """
    if not readings:
        return None
    if len({reading.value for reading in readings}) == 1:
        taken_back = text.rstrip(" ?!.,。").endswith(_TAKEN_BACK)
        return Reading(readings[0].value, readings[0].said, 0.5) if taken_back else readings[0]
    corrections = (
        ("不是", "不对", "说错", "改成", "应该是") if is_chinese(language) else (" no ", "sorry", "i mean", "rather")
    )
    if any(correction in f" {text} " for correction in corrections):
        return readings[-1]
    return Reading(readings[0].value, readings[0].said, 0.5)
