"""One hypothesis at one step to its meaning, in one language of one flow."""

from dataclasses import replace

from ivr.model.meaning import Expect, IntentGuess, Meaning, SlotRule, SlotValue
from ivr.nlu.cleanup import clean, is_chinese, pieces, spelled
from ivr.nlu.controls import Command, ControlMatcher
from ivr.nlu.endings import ends_open
from ivr.nlu.homophones import as_digits
from ivr.nlu.intents import IntentModel
from ivr.nlu.menu import menu_place
from ivr.nlu.sentences import Sentence, SentenceReader
from ivr.nlu.settings import UnderstandingSettings
from ivr.nlu.slots import SlotReader
from ivr.nlu.words_en import SCALES, TENS
from ivr.nlu.yes_no import after_no, opens_with_answer

VALUE_KINDS = frozenset(("choice", "digits", "number", "money", "date", "time"))
_NOT_FOR_COMMENTS = frozenset(("yes", "no"))
_SHORT_REQUEST = 12
"""Words (Chinese: characters) of a request for a person where free words are asked for; a longer one is a comment."""
_GOES_ON_ZH = ("十", "百", "千", "万", "点", "月")
_CORRECTION = 0.7
_THANKS = 0.9
_WHOLE_SENTENCE = 0.99
"""Confidence of an intent whose pattern the words follow from first to last."""
_UNSURE = 0.6
"""Values surer than this answer the step."""


class Reader:
    """Built once per flow and language; read by all calls."""

    def __init__(
        self, language: str, controls: ControlMatcher, slots: SlotReader, intents: IntentModel | None,
        sentences: SentenceReader, settings: UnderstandingSettings,
    ) -> None:  # fmt: skip
        self._language = language
        self._controls = controls
        self._slots = slots
        self._intents = intents
        self._sentences = sentences
        self._settings = settings

    def read(self, text: str, expect: Expect) -> Meaning:
        """What `text` means where `expect` says what is asked."""
        if not text.strip():
            return Meaning(text=text)
        meaning = self._read(text, expect)
        return self._courtesy(meaning, text, expect) if self._controls.is_courtesy(text) else meaning

    def _courtesy(self, meaning: Meaning, text: str, expect: Expect) -> Meaning:
        """ "Yes," … "please.": said over what we say next it asks for nothing. Once we are silent it can be an answer:
        "thank you" to "anything else?" is a no."""
        if self._controls.is_thanks(text) and expect.kind == "open" and "no" in expect.keys.choices.values():
            return replace(meaning, guesses=(), slots=(), control="no", control_confidence=_THANKS, backchannel=True)
        answers = expect.kind == "yes_no" and len(clean(text, self._language).split()) > 1 and meaning.control == "yes"
        return replace(meaning, guesses=(), slots=(), backchannel=not answers)

    def _read(self, text: str, expect: Expect) -> Meaning:
        if expect.kind == "yes_no":
            return self._answer(text, expect)
        if expect.kind in VALUE_KINDS:
            return self._value(text, expect)
        if expect.kind == "free":
            return self._comment(text, expect)
        return self._request(text, expect)

    def follows_pattern(self, text: str, expect: Expect) -> bool:
        """Whether `text` is a whole sentence of an intent that leads on from here."""
        return bool(expect.patterns) and self._sentence(text, expect) is not None

    def _sentence(self, text: str, expect: Expect) -> Sentence | None:
        found = self._sentences.read(text)
        return found if found and (not expect.intents or found.intent in expect.intents) else None

    def _answer(self, text: str, expect: Expect) -> Meaning:
        command = self._controls.answer(text)
        guesses = () if command.exact else self._guesses(text, expect)
        if not command.exact and self._is_sure(guesses):
            command = command if command.control in ("yes", "no") else Command()
        asked = tuple(
            SlotValue(rule.name, command.control, text, command.confidence)
            for rule in expect.slots
            if rule.kind == "yes_no" and command.control in ("yes", "no")
        )
        others = tuple(rule for rule in expect.slots if rule.kind != "yes_no")
        asked += self._corrected(text, command, others)
        intent = guesses[0].intent if self._is_likely(guesses) else ""
        slots = asked + self._slots.others(text, asked, intent, others)
        complete = (bool(command.control) or self._is_sure(guesses)) and not self._may_go_on(text, command)
        return self._meaning(text, expect, guesses, slots, command, complete)

    def _value(self, text: str, expect: Expect) -> Meaning:
        rules = self._rules(expect)
        text = self._homophones(text, rules[:1]) or text
        values = self._asked(text, rules[:1])
        command = self._controls.exact(text)
        if not values and not command.control and expect.kind == "choice" and rules:
            values = self._by_key_or_place(text, expect, rules[0])
        if values and command.control and not self._covers(values[0], text):
            values = ()
        if values and values[0].confidence >= _UNSURE:
            complete = self._is_finished(values[0], text, expect)
            slots = values if self._covers(values[0], text) else self._with_others(text, values, rules)
            return self._meaning(text, expect, (), slots, Command(), complete)
        guesses = self._guesses(text, expect)
        command = command if command.control else self._controls.find(text)
        command = command if command.control else self._opening(text)
        complete = bool(command.control) and not self._may_go_on(text, command)
        intent = guesses[0].intent if self._is_likely(guesses) else ""
        slots = values + self._slots.others(text, values, intent, rules[1:])
        return self._meaning(text, expect, guesses, slots, command, complete)

    def _with_others(
        self, text: str, values: tuple[SlotValue, ...], rules: tuple[SlotRule, ...]
    ) -> tuple[SlotValue, ...]:
        """The value asked for, and what came with it: "two of us, on Saturday"."""
        found = values + self._slots.others(text, values, "", rules[1:])
        names = {value.name for value in found}
        numbers = (self._slots.number_beside(rule, text, values[0].said) for rule in rules if rule.name not in names)
        return found + tuple(value for value in numbers if value)

    def _comment(self, text: str, expect: Expect) -> Meaning:
        command = self._controls.exact(text)
        if not command.control and len(pieces(clean(text, self._language), self._language)) <= _SHORT_REQUEST:
            command = self._controls.person(text)
        if command.control and command.control not in _NOT_FOR_COMMENTS:
            return self._meaning(text, expect, (), (), command, not self._may_go_on(text, command))
        values = self._asked(text, expect.slots[:1])
        guesses = () if command.control else self._guesses(text, expect)
        slots = values + self._slots.others(text, values, "", expect.slots[1:])
        return self._meaning(text, expect, guesses, slots, command, False)

    def _request(self, text: str, expect: Expect) -> Meaning:
        if whole := self._sentence(text, expect):
            guesses: tuple[IntentGuess, ...] = (IntentGuess(whole.intent, _WHOLE_SENTENCE),)
            return self._meaning(text, expect, guesses, whole.slots, Command(), not whole.open)
        command = self._controls.find(text)
        own_phrase = self._intents is not None and self._intents.is_example(text)
        guesses = () if command.exact and not own_phrase else self._guesses(text, expect)
        if own_phrase and guesses:
            command = Command()  # the flow's author put it among the phrases of an intent
        if not command.control and not self._is_likely(guesses):
            command = self._opening(text)
        intent = guesses[0].intent if self._is_likely(guesses) else ""
        values = self._corrected(text, command, expect.slots)
        slots = values + self._slots.others(text, values, intent, expect.slots)
        answered = bool(command.control) or self._is_sure(guesses)
        return self._meaning(text, expect, guesses, slots, command, answered and not self._may_go_on(text, command))

    def _meaning(
        self, text: str, expect: Expect, guesses: tuple[IntentGuess, ...], slots: tuple[SlotValue, ...],
        command: Command, complete: bool,
    ) -> Meaning:  # fmt: skip
        answers = expect.kind in VALUE_KINDS or expect.kind == "yes_no"
        listening = self._controls.is_backchannel(text) and not slots and not (answers and command.control)
        return Meaning(text, guesses, slots, command.control, command.confidence, complete, listening)

    def _opening(self, text: str) -> Command:
        """A yes or no that nobody asked for, before other words."""
        answer = opens_with_answer(spelled(clean(text, self._language), self._language), self._language)
        return Command(answer, _UNSURE) if answer else Command()

    def _rules(self, expect: Expect) -> tuple[SlotRule, ...]:
        """The step's slots; a menu without a slot answers with the phrase chosen, as slot `choice`."""
        if expect.slots or expect.kind != "choice":
            return expect.slots or (SlotRule(expect.kind, expect.kind),)
        return (SlotRule("choice", "choice", values={phrase: () for phrase in expect.phrases}),)

    def _by_key_or_place(self, text: str, expect: Expect, rule: SlotRule) -> tuple[SlotValue, ...]:
        """A menu entry by the key it was offered with ("press two") or by its place ("the second one")."""
        said = spelled(clean(text, self._language), self._language)
        at = menu_place(said, self._language)
        if not at or not rule.values:
            return ()
        if not at.by_order and str(at.number) in expect.keys.choices:
            chosen = expect.keys.choices[str(at.number)]
            return (SlotValue(rule.name, chosen, said, 0.9),) if chosen in rule.values else ()
        values = tuple(rule.values)
        if not at.by_order or not -len(values) <= at.number - (at.number > 0) < len(values):
            return ()
        return (SlotValue(rule.name, values[at.number - (at.number > 0)], said, 0.85),)

    def _homophones(self, text: str, rules: tuple[SlotRule, ...]) -> str:
        """The digits that the words sound like, where the step asks for such; else nothing."""
        if is_chinese(self._language) or not rules:
            return ""
        digits = as_digits(spelled(clean(text, self._language), self._language), rules[0])
        found = self._asked(digits, rules) if digits else ()
        return digits if found and found[0].confidence >= _UNSURE else ""

    def _asked(self, text: str, rules: tuple[SlotRule, ...]) -> tuple[SlotValue, ...]:
        found = (self._slots.asked(rule, text) for rule in rules)
        return tuple(value for value in found if value)

    def _corrected(self, text: str, command: Command, rules: tuple[SlotRule, ...]) -> tuple[SlotValue, ...]:
        """One slot from the few words after a no: "no, Haidian", 不是,海淀. Free words fit all, so they come last."""
        if command.control != "no" or command.exact or not rules:
            return ()
        rest = after_no(clean(text, self._language), self._language)
        if not rest:
            return ()
        found = self._asked(rest, tuple(sorted(rules, key=lambda rule: rule.kind == "text")))[:1]
        return tuple(replace(value, confidence=min(value.confidence, _CORRECTION)) for value in found)

    def _guesses(self, text: str, expect: Expect) -> tuple[IntentGuess, ...]:
        if not self._intents or not (expect.intents or expect.kind == "open"):
            return ()
        found = self._intents.guesses(text)
        return tuple(guess for guess in found if not expect.intents or guess.intent in expect.intents)

    def _is_sure(self, guesses: tuple[IntentGuess, ...]) -> bool:
        return bool(guesses) and guesses[0].confidence >= self._settings.accept

    def _is_likely(self, guesses: tuple[IntentGuess, ...]) -> bool:
        return bool(guesses) and guesses[0].confidence >= self._settings.confirm

    def _may_go_on(self, text: str, command: Command) -> bool:
        return not command.exact and ends_open(text, self._language)

    def _covers(self, value: SlotValue, text: str) -> bool:
        """Whether the value was (nearly) all that was said."""
        said = spelled(clean(text, self._language), self._language).replace(" ", "")
        return 10 * len(value.said.replace(" ", "")) >= 8 * len(said)

    def _is_finished(self, value: SlotValue, text: str, expect: Expect) -> bool:
        """The value is whole: the digits are all there, and no longer number or date begins like it."""
        if ends_open(text, self._language):
            return False
        rule = self._rules(expect)[0]
        if rule.values:
            return True
        if expect.kind == "digits":
            return bool(rule.length) and len(value.value) == (rule.length or (0, 0))[1]
        if is_chinese(self._language):
            return not text.strip(" 。.").endswith(_GOES_ON_ZH)
        last = clean(text, self._language).split()[-1:]
        return not (last and (last[0] in TENS or last[0] in SCALES or last[0] == "hundred"))
