"""Pure: what a customer hears whom we call back: who is calling, then the person, or an apology."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.call.dialogue import Dialogue
from ivr.flow.progress import FlowState, Frame, Outcome, Progress, Reply
from ivr.model.commands import Action, HangUp, JoinQueue, Say

_HELLO = {
    "en": "Hello, this is the call back that you asked for. I'm connecting you now.",
    "zh": "您好,这是您预约的回拨电话,现在为您接通。",
}
_SORRY = {
    "en": "I'm sorry, nobody can take your call at the moment. Please call us again.",
    "zh": "抱歉,现在没有人可以接听,请您稍后再拨。",
}


@dataclass(frozen=True, slots=True)
class CalledBack:
    """Stands before the flow of our number, whose name, words and understanding it has."""

    flow: Dialogue
    request: JoinQueue

    @property
    def name(self) -> str:
        return self.flow.name

    @property
    def version(self) -> str:
        return self.flow.version

    def begin(self, facts: Mapping[str, Any], language: str) -> Progress:
        state = FlowState((Frame(self.name, "called_back"),), language)
        said = Say(_HELLO.get(language, _HELLO["en"]), language=language, barge_in=False, step="called_back")
        return Progress(state, (said, self.request), ("called_back",))

    def advance(self, state: FlowState, reply: Reply) -> Progress:
        """After the person, or when there is none. Whatever else breaks, the customer still gets to the person."""
        language = state.language
        if not isinstance(reply, Outcome):
            return Progress(state, (self.request,), ("called_back",))
        if reply.name == "connected":
            return Progress(state, (HangUp("agent_completed"),), ("goodbye",))
        said = Say(_SORRY.get(language, _SORRY["en"]), language=language, step="goodbye")
        actions: tuple[Action, ...] = (said, HangUp("timeout", survey=False))
        return Progress(state, actions, ("goodbye",))

    def sentence(self, name: str, language: str, **places: str) -> str:
        return self.flow.sentence(name, language, **places)

    def worded(self, kind: str, value: str, language: str) -> str:
        return self.flow.worded(kind, value, language)
