"""Pure: the question before everything else: may this call be recorded? A `Dialogue` like any flow, of one step.

Whoever does not clearly say yes is not recorded, and the call goes on all the same (domain.md 2.11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.flow.progress import Answer, FlowState, Frame, Progress, Reply, Silence
from ivr.model.commands import Action, Note, Say
from ivr.model.meaning import Expect, KeyRule

CONSENT_NOTE = "recording_consent"
"""Note of the answer, yes or no; the session records from a yes on."""

TRIES = 2

_QUESTION = {
    "en": "May we record this call, to improve our service? Please say yes or no.",
    "zh": "为了提升服务质量,这次通话可以录音吗?请说可以或者不可以。",
}
_AGAIN = {
    "en": "Sorry: may we record this call? For yes press one, for no press two.",
    "zh": "抱歉,请问可以录音吗?可以请按1,不可以请按2。",
}
_REFUSED = {"en": "All right, nothing is recorded.", "zh": "好的,本次通话不录音。"}


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    name: str
    """Of the flow that comes after it: its understanding reads the answer."""

    version: str = "1"

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress:
        state = FlowState((Frame(self.name, "recording_consent"),), language)
        return self._ask(state, _QUESTION)

    def advance(self, state: FlowState, reply: Reply) -> Progress:
        said = _said(reply)
        if said in ("yes", "no"):
            return self._end(state, said)
        if not isinstance(reply, Answer | Silence):
            return self._end(state, "no")
        if state.no_matches + 1 >= TRIES:
            return self._end(state, "no")
        return self._ask(replace(state, no_matches=state.no_matches + 1), _AGAIN, matched=False)

    def sentence(self, name: str, language: str, **places: str) -> str:
        raise AssertionError("nobody waits before the flow has begun")

    def worded(self, kind: str, value: str, language: str) -> str:
        raise AssertionError("the question has no values")

    def _ask(self, state: FlowState, words: Mapping[str, str], *, matched: bool = True) -> Progress:
        language = state.language
        said = Say(words.get(language, words["en"]), language=language, step="recording_consent")
        keys = KeyRule(choices={"1": "yes", "2": "no"})
        expect = Expect("recording_consent", kind="yes_no", language=language, keys=keys)
        return Progress(state, (said,), ("recording_consent",), expect, matched)

    def _end(self, state: FlowState, answer: str) -> Progress:
        actions: tuple[Action, ...] = (Note(CONSENT_NOTE, answer),)
        if answer == "no":
            words = _REFUSED.get(state.language, _REFUSED["en"])
            actions += (Say(words, language=state.language, step="recording_consent"),)
        return Progress(replace(state, finished=True), actions, ("recording_consent",))


def _said(reply: Reply) -> str:
    if not isinstance(reply, Answer):
        return ""
    return {"1": "yes", "2": "no"}.get(reply.digits, "") or reply.meaning.control
