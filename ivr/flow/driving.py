"""Pure: play a conversation against the engine alone: every prompt is played at once, replies are recorded ones."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ivr.flow.conversation import Act, Happened, Reply, Script
from ivr.flow.engine import advance, begin
from ivr.flow.flow import Flow
from ivr.flow.progress import Answer, Outcome, Progress, Silence, Trouble
from ivr.flow.progress import Reply as EngineReply
from ivr.model.commands import Action, Fetch, HangUp, JoinQueue, Say, TakeMessage, Transfer
from ivr.model.meaning import Hypothesis
from ivr.model.ports import Understanding


class EngineDriver:
    """A caller's side of one call, for `rehearse`."""

    def __init__(
        self,
        flow: Flow,
        script: Script,
        understanding: Mapping[str, Understanding] | None = None,
        feel: Callable[[str], str] = lambda words: "",
    ) -> None:
        """
        Args:
            understanding: by language; without one the engine's own plain one is used.
            feel: the mood after a sentence: amber, red or empty; what a test says itself comes before it.
        """
        self._flow, self._feel = flow, feel
        self._script = script
        self._understanding = understanding or {}
        self._progress: Progress | None = None
        self._asked: dict[str, int] = {}

    def __call__(self, act: Act) -> Happened:
        if act.kind == "begin" or self._progress is None:
            return self._settle(begin(self._flow, self._script.facts, self._script.language))
        if act.kind == "hang_up":
            return replace(self._happened([], self._progress), ended="abandoned_in_ivr")
        return self._settle(advance(self._flow, self._progress.state, self._reply(act, self._progress)))

    def _reply(self, act: Act, progress: Progress) -> EngineReply:
        match act.kind:
            case "press":
                return Answer(digits=act.text)
            case "silence":
                return Silence()
            case "trouble":
                return Trouble(act.text)
            case _:
                mood = self._feel(act.text)
                reader = self._understanding.get(progress.state.language)
                if reader is None or progress.expect is None:
                    return Answer(act.text, mood=act.mood or mood)
                meaning = reader.understand((Hypothesis(act.text),), progress.expect)
                return Answer(act.text, meaning=meaning, mood=act.mood or mood)

    def _settle(self, progress: Progress) -> Happened:
        """Give every request its recorded answer until the caller is asked something or the call is over."""
        actions: list[Action] = list(progress.actions)
        while not progress.state.finished and progress.expect is None:
            answer = self._recorded(progress)
            if answer is None:
                break
            progress = advance(self._flow, progress.state, answer)
            actions.extend(progress.actions)
        self._progress = progress
        return self._happened(actions, progress)

    def _recorded(self, progress: Progress) -> Outcome | None:
        """What comes back for the last action; nothing recorded: a fetch fails, a queue is still waiting."""
        step = progress.state.step
        last = next((action for action in reversed(progress.actions) if not isinstance(action, Say)), None)
        reply = self._script.replies.get(step)
        number = self._asked.get(step, 0)
        self._asked[step] = number + 1
        if isinstance(last, Fetch):
            if isinstance(reply, tuple):
                reply = reply[min(number, len(reply) - 1)]
            return _fetched(reply if isinstance(reply, Reply) else Reply(status=0, error="refused"))
        if isinstance(last, JoinQueue | Transfer | TakeMessage) and isinstance(reply, str):
            return Outcome(reply)
        return None

    def _happened(self, actions: list[Action], progress: Progress) -> Happened:
        said = tuple(action.text for action in actions if isinstance(action, Say))
        done = tuple(action for action in actions if not isinstance(action, Say))
        ended = next((action.reason for action in done if isinstance(action, HangUp)), "")
        return Happened(
            said, done, f"{progress.state.stack[-1].flow}.{progress.state.step}", progress.state.language, ended
        )


def _fetched(reply: Reply) -> Outcome:
    ok = not reply.error and 200 <= reply.status < 300
    facts: dict[str, Any] = {"status": str(reply.status), "error": reply.error}
    return Outcome("ok" if ok else "failed", reply.body, facts)
