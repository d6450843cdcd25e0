"""Values of slots in a caller's words: by the grammar of the slot's kind, by its list, or by carrier phrases."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from ivr.model.meaning import SlotRule, SlotValue, Vocabulary
from ivr.model.unfinished import part_that_is_said
from ivr.nlu import dates_en, dates_zh, numbers_en, numbers_zh
from ivr.nlu.carriers import CarrierPhrases, without_hedge
from ivr.nlu.cities import known_cities
from ivr.nlu.cleanup import LONGEST, clean, is_chinese, joined, pieces, tidy
from ivr.nlu.durations import read_duration
from ivr.nlu.lists import ListMatcher, pick
from ivr.nlu.persons import read_person
from ivr.nlu.phones import read_phone
from ivr.nlu.reading import Reading
from ivr.nlu.when import When
from ivr.nlu.words_en import is_number_word

_POLITE_END = re.compile(r"[\s,.!。,]*(?:please|thank you|thanks|谢谢)?[\s,.!。]*$", re.I)
_UNASKED = 0.8
"""Least confidence of a value nobody asked for."""
_MOST_LISTS = 2000
_UNSURE_LENGTH = 0.4


class _Numbers(Protocol):
    """What the number grammars of both languages offer."""

    def read_number(self, text: str) -> Reading | None: ...

    def read_money(self, text: str) -> Reading | None: ...

    def read_digits(self, text: str, length: tuple[int, int] | None = None) -> Reading | None: ...

    def names_money(self, text: str) -> bool: ...


Values = tuple[tuple[str, tuple[str, ...]], ...]


class SlotReader:
    """Reads slots in one language of one flow. Safe to share between threads.

    Args:
        vocabulary: the flow's words in this language.
        region: ISO country for telephone numbers.
        now: the callers' local time.
    """

    def __init__(self, vocabulary: Vocabulary, region: str, now: Callable[[], datetime]) -> None:
        self._language = vocabulary.language
        self._chinese = is_chinese(vocabulary.language)
        self._region = "CN" if self._chinese else region
        self._now = now
        self._rules = vocabulary.slots
        self._carriers = CarrierPhrases(vocabulary)
        self._lists: dict[Values, ListMatcher] = {}
        self._cities = ListMatcher(known_cities(vocabulary.language), vocabulary.language)
        for rule in vocabulary.slots:
            if rule.values:
                self.list_of(rule)

    def list_of(self, rule: SlotRule) -> ListMatcher:
        """The matcher of a rule's list, built at its first use."""
        key = tuple((value, tuple(ways)) for value, ways in rule.values.items())
        found = self._lists.get(key)
        if found is None:
            found = ListMatcher(rule.values, self._language)
            if len(self._lists) < _MOST_LISTS:
                self._lists[key] = found
        return found

    def asked(self, rule: SlotRule, text: str) -> SlotValue | None:
        """The value of a slot the step asks for, as generously as its kind allows."""
        found = self._listed(rule, text) if rule.values else self._of_kind(rule, text)
        if not found and rule.values and rule.kind == "number":
            found = self._number_in_list(rule, text)
        return SlotValue(rule.name, found.value, found.said, found.confidence) if found else None

    def number_beside(self, rule: SlotRule, text: str, said: str) -> SlotValue | None:
        """A second number the step asks for, in the words that the first value left over."""
        rest = tidy(text).replace(said, " ", 1)
        if rule.values or rule.kind not in ("number", "money") or rest == tidy(text):
            return None
        return self.asked(rule, rest)

    def others(
        self, text: str, known: Sequence[SlotValue], intent: str, also: Sequence[SlotRule] = ()
    ) -> tuple[SlotValue, ...]:
        """Values of other slots, only those hardly to be mistaken.

        Args:
            text: the caller's words.
            also: slots of the step besides the one it asks for; those of the flow come after them.
            known: values found already; their names and words are left alone.
            intent: the intent meant, whose carrier phrases count; empty for none.
        """
        found: list[SlotValue] = []
        names = {value.name for value in known}
        taken = " ".join(value.said for value in known)
        for rule in (*also, *self._rules):
            if rule.name in names:
                continue
            names.add(rule.name)
            reading = self._volunteered(rule, text, intent)
            again = rule.kind not in ("date", "time") and reading is not None and reading.said in taken
            if reading and reading.confidence >= _UNASKED and not again:
                found.append(SlotValue(rule.name, reading.value, reading.said, reading.confidence))
        return tuple(found)

    def carried(self, slot: str, text: str) -> Reading | None:
        """What the flow's examples say is the value of `slot` in these words."""
        return self._carriers.find(slot, text)

    def _listed(self, rule: SlotRule, text: str) -> Reading | None:
        matcher = self.list_of(rule)
        return pick(matcher.exact(text), clean(text, self._language), self._language) or matcher.near(text)

    def _number_in_list(self, rule: SlotRule, text: str) -> Reading | None:
        number = self._numbers().read_number(tidy(text))
        return number if number and number.value in rule.values else None

    def _numbers(self) -> "_Numbers":
        return numbers_zh if self._chinese else numbers_en

    def _of_kind(self, rule: SlotRule, text: str) -> Reading | None:
        numbers, flat = self._numbers(), tidy(text)
        match rule.kind:
            case "number":
                return numbers.read_number(flat)
            case "digits":
                return self._digits(rule, flat)
            case "money":
                return numbers.read_money(flat)
            case "date":
                return day_of(self.when(flat))
            case "time":
                return clock_of(self.when(flat))
            case "duration":
                return read_duration(flat, self._language)
            case "phone":
                return read_phone(flat, self._language, self._region, rule.length)
            case "city":
                return pick(self._cities.exact(flat), flat, self._language) or self._cities.near(flat)
            case "person":
                return read_person(clean(text, self._language), self._language, asked=True)
            case _:
                return self._own_words(rule, text)

    def when(self, text: str) -> When:
        read = dates_zh.read_when if self._chinese else dates_en.read_when
        return read(tidy(text), self._now())

    def _digits(self, rule: SlotRule, text: str) -> Reading | None:
        found = self._numbers().read_digits(text, rule.length)
        if found and rule.length and not rule.length[0] <= len(found.value) <= rule.length[1]:
            return Reading(found.value, found.said, _UNSURE_LENGTH)
        return found

    def _own_words(self, rule: SlotRule, text: str) -> Reading | None:
        carried = self._carriers.find(rule.name, text)
        if carried:
            return carried
        said = without_hedge(_POLITE_END.sub("", text.strip()[:LONGEST]).strip(), self._language)
        said = part_that_is_said(said, self._language)
        return Reading(said, said, 0.8) if clean(said, self._language) else None

    def _volunteered(self, rule: SlotRule, text: str, intent: str) -> Reading | None:
        if rule.values:
            return self._volunteered_value(rule, text)
        flat = tidy(text)
        match rule.kind:
            case "date":
                when = self.when(flat)
                return day_of(when) if when.day_is_named else None
            case "time" | "duration":
                return self._of_kind(rule, text)
            case "money":
                return self._of_kind(rule, text) if self._numbers().names_money(flat) else None
            case "digits":
                found = self._digits(rule, flat) if rule.length else None
                whole = found and found.said in joined(
                    pieces(clean(text, self._language), self._language), self._language
                )
                return found if found and whole and len(found.value) >= 3 else None
            case "phone":
                found = self._of_kind(rule, text)
                return found if found and found.value.startswith("+") else None
            case "city":
                return pick(self._cities.exact(flat), flat, self._language)
            case "person":
                return read_person(clean(text, self._language), self._language, asked=False)
            case "number" | "yes_no":
                return None
            case _:
                return self._carriers.of_intent(rule.name, text, intent) if intent else None

    def _volunteered_value(self, rule: SlotRule, text: str) -> Reading | None:
        matcher = self.list_of(rule)
        found = pick(matcher.exact(text), clean(text, self._language), self._language) or matcher.near(text)
        if not found or all(is_number_word(word) for word in found.said.split()):
            return None
        return None if self._chinese and len(found.said) < 2 else found


def day_of(when: When) -> Reading | None:
    """The day as YYYY-MM-DD."""
    return Reading(when.day.isoformat(), when.said, 1.0 if when.day_is_named else 0.85) if when.day else None


def clock_of(when: When) -> Reading | None:
    """The time of day as HH:MM."""
    return Reading(when.clock.strftime("%H:%M"), when.said) if when.clock else None
