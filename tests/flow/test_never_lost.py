"""Whatever a caller does and whatever comes back, a call is never left hanging and the engine never breaks."""

from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.engine import advance, begin
from ivr.flow.flow import Flow
from ivr.flow.loader import load_flow
from ivr.flow.progress import Answer, Outcome, Progress, Reply, Silence, Trouble
from ivr.flow.schema_steps import FetchStep, MessageStep, QueueStep, TransferStep
from ivr.model.commands import Fetch, HangUp, JoinQueue, TakeMessage, Transfer
from ivr.model.meaning import IntentGuess, Meaning, SlotValue

BANK = Path(__file__).parents[2] / "flows" / "bank" / "hotline.yaml"
SURVEY = BANK.parents[1] / "survey" / "post_call.yaml"
CONTROLS = ["", "agent", "repeat", "help", "back", "start_over", "goodbye", "hold_on", "yes", "no", "dont_know"]
INTENTS = ["branch_lookup", "report_lost_card", "balance", "another_branch", "speak_chinese", "fees", "unknown"]
SLOTS = ["place", "last4", "csat", "resolved", "choice", "unknown"]
sure = st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9, 1.0])

meanings = st.builds(
    Meaning,
    text=st.sampled_from(["", "something"]),
    guesses=st.lists(st.builds(IntentGuess, st.sampled_from(INTENTS), sure), max_size=3).map(tuple),
    slots=st.lists(
        st.builds(SlotValue, st.sampled_from(SLOTS), st.sampled_from(["", "5", "4421", "lake"]), st.just(""), sure),
        max_size=2,
    ).map(tuple),
    control=st.sampled_from(CONTROLS),
    control_confidence=sure,
)
bodies: st.SearchStrategy[object] = st.sampled_from(
    [
        None,
        "text",
        [],
        {"found": True},
        {"found": True, "branches": [{}]},
        {"frozen": True},
        {"found": 1, "branches": 7},
    ]
)
replies: st.SearchStrategy[Reply] = st.one_of(
    st.builds(Answer, text=st.sampled_from(["", "yes", "find a branch", "人工", "4 4 2 1"]), meaning=meanings),
    st.builds(Answer, digits=st.sampled_from(["0", "*", "1", "9", "4421", "##", "12345678901234567890123"])),
    st.just(Silence()),
    st.just(Trouble("hearing")),
    st.builds(
        Outcome,
        st.sampled_from(["ok", "failed", "connected", "completed", "busy", "closed", "odd"]),
        bodies,
        st.sampled_from([{"status": "200"}, {"status": "404"}, {"status": "500", "error": "x"}, {}]),
    ),
)


@cache
def loaded(path: Path) -> Flow:
    return load_flow(path)


def never_lost(flow: Flow, progress: Progress) -> bool:
    """Someone is expected to speak, something is under way, or the call is over with a hang-up."""
    if progress.state.finished:
        return progress.expect is None
    step = flow.step(progress.state.stack[-1])
    return progress.expect is not None or isinstance(step, FetchStep | QueueStep | TransferStep | MessageStep)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([BANK, SURVEY]), st.sampled_from(["en", "zh"]), st.lists(replies, max_size=25))
def test_a_call_is_never_left_hanging(path: Path, language: str, said: list[Reply]) -> None:
    flow = loaded(path)
    progress = begin(flow, {"bank_url": "http://x"}, language)
    assert never_lost(flow, progress)
    for reply in said:
        before = progress
        progress = advance(flow, before.state, reply)
        assert never_lost(flow, progress)
        assert progress == advance(flow, before.state, reply)
        waits = [
            one for one in progress.actions if isinstance(one, Fetch | JoinQueue | Transfer | TakeMessage | HangUp)
        ]
        assert len(waits) <= 1
        assert not waits or progress.actions[-1] == waits[0]
