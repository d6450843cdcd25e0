"""Pure: the commands in a caller's words. Precise before generous: a wrong "agent" or "goodbye" costs a call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from rapidfuzz import fuzz

from ivr.model.meaning import Control
from ivr.nlu.cleanup import bare, clean, is_chinese, pieces, spelled
from ivr.nlu.control_phrases import (
    BACKCHANNELS_EN,
    BACKCHANNELS_ZH,
    COURTESIES_EN,
    COURTESIES_ZH,
    DECLINES,
    PHRASES_EN,
    PHRASES_ZH,
    THANKS,
    YES_NO_ONLY_EN,
    YES_NO_ONLY_ZH,
)
from ivr.nlu.negation import denies
from ivr.nlu.person_wanted import wants_person
from ivr.nlu.sounds import chinese_sounds, english_sounds
from ivr.nlu.yes_no import leading_answer

_CERTAIN, _PATTERN, _LEADING = 0.98, 0.92, 0.85
_NEAR_ENOUGH = 0.87
_SHORTEST_HEARD_WRONGLY = {"en": 7, "zh": 3}
_POLITE_EN = re.compile(
    r"^(?:(?:well|so|oh|hi|hello|hey|okay|ok|please|yes|yeah|no|just|actually|sorry|look|listen|um|and|but|"
    r"can you|could you|can i|could i|may i|would you|will you|i want to|i want|i'd like to|i would like to|i'd like|"
    r"i need to|i wanna|let me|let's|to|please can you|give me|get me|an|a|the)\s+)+|"
    r"(?:\s+(?:please|thanks|thank you|now|right now|then|for me|sir|madam|thank you very much|immediately|"
    r"would you))+$"
)
_POLITE_ZH = re.compile(
    "^(?:那|那么|请问|请|麻烦|麻烦您|麻烦你|你好|您好|我想|我要|帮我|给我|能不能|可不可以|能|你|您|嗯|快)+|(?:吧|了|谢谢|一下|好吗|行吗|可以吗|吗)+$"
)
_HARMLESS_WHEN_LONG = frozenset(("yes", "no"))


@dataclass(frozen=True, slots=True)
class Command:
    control: Control = ""
    confidence: float = 0.0
    exact: bool = False
    """All the words are a phrase of the command."""


class ControlMatcher:
    """Recognizes commands in one language. Built once, read by all calls.

    Args:
        language: `en…` or `zh…`; others are matched by `added` alone.
        added: more phrases of the flow, by `Control` name; unknown names are passed over.
    """

    def __init__(self, language: str, added: Mapping[str, tuple[str, ...]]) -> None:
        self._language = language
        self._chinese = is_chinese(language)
        self._sounds_of = chinese_sounds if self._chinese else english_sounds
        self._polite = _POLITE_ZH if self._chinese else _POLITE_EN
        self._backchannels = BACKCHANNELS_ZH if self._chinese else BACKCHANNELS_EN
        shipped = PHRASES_ZH if self._chinese else PHRASES_EN
        self._phrases: dict[str, Control] = {}
        for control, phrases in shipped.items():
            for phrase in phrases.split("|"):
                self._phrases.setdefault(self._normal(phrase) or bare(phrase, language), control)
        for name, more in added.items():
            if name in get_args(Control):
                control = next(known for known in get_args(Control) if known == name)
                self._phrases.update({self._normal(phrase): control for phrase in more if self._normal(phrase)})
        self._phrases.pop("", None)
        shortest = _SHORTEST_HEARD_WRONGLY["zh" if self._chinese else "en"]
        self._by_sound = [
            (phrase, self._sounds_of(phrase), control)
            for phrase, control in self._phrases.items()
            if len(phrase) >= shortest and control not in _HARMLESS_WHEN_LONG
        ]

    def is_backchannel(self, text: str) -> bool:
        return bare(text, self._language) in self._backchannels

    def is_courtesy(self, text: str) -> bool:
        """Nothing but "please" or "thank you"."""
        return bare(text, self._language) in (COURTESIES_ZH if self._chinese else COURTESIES_EN)

    def is_thanks(self, text: str) -> bool:
        return bare(text, self._language) in THANKS

    def exact(self, text: str) -> Command:
        """The command whose phrase is all that was said, or all but politeness."""
        said = self._normal(text) or bare(text, self._language)
        control = self._phrases.get(bare(text, self._language)) or self._phrases.get(said)
        if control is None:
            control = self._phrases.get(self._polite.sub("", said))
        return Command(control, _CERTAIN, True) if control else Command()

    def person(self, text: str) -> Command:
        """The wish for a person, in whatever words."""
        return self._agent(self._normal(text)) or Command()

    def find(self, text: str) -> Command:
        """The command said exactly, by pattern ("… talk to a person about it") or heard slightly wrong."""
        exact = self.exact(text)
        if exact.control:
            return exact
        said = self._normal(text)
        if not said:
            return Command()
        return self._agent(said) or self._near(said) or Command()

    def answer(self, text: str) -> Command:
        """Yes or no to a question just asked, possibly with content: "yes, on Saturday", "no, Haidian"."""
        said = self._normal(text) or bare(text, self._language)
        short = (YES_NO_ONLY_ZH if self._chinese else YES_NO_ONLY_EN).get(said.replace(" ", ""))
        if short:
            return Command(short, _CERTAIN, True)
        exact = self.exact(text)
        if exact.control == "goodbye" and (said in DECLINES or self._polite.sub("", said) in DECLINES):
            return Command("no", 0.9, True)
        if exact.control:
            return exact
        if agent := self._agent(said):
            return agent
        leading = leading_answer(said, self._language)
        return Command(leading, _LEADING) if leading else Command()

    def _normal(self, text: str) -> str:
        return spelled(clean(text, self._language), self._language).replace("okay", "ok")

    def _agent(self, said: str) -> Command | None:
        return Command("agent", _PATTERN) if wants_person(said, self._language) else None

    def _denies(self, said: str) -> bool:
        """What is refused is no command heard wrongly: "don't transfer me", 别给我转人工."""
        return denies(pieces(said, self._language), self._language)

    def _near(self, said: str) -> Command | None:
        """Only texts about as long as the phrase: near-matching inside sentences invents commands."""
        stripped = self._polite.sub("", said) or said
        sounds, refused = self._sounds_of(stripped), self._denies(said)
        best, command = _NEAR_ENOUGH * 100, None
        for phrase, phrase_sounds, control in self._by_sound:
            if not -3 <= len(phrase) - len(stripped) <= 3 or (refused and not self._denies(phrase)):
                continue
            by_sound = fuzz.ratio(phrase_sounds, sounds, score_cutoff=70)
            score = by_sound if self._chinese else (by_sound + fuzz.ratio(phrase, stripped)) / 2
            if score > best:
                best, command = score, Command(control, round(score / 100 * 0.85, 3))
        return command
