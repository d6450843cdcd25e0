"""Whether a call may be recorded: the question, the answer, and what is on the disk."""

from pathlib import Path

import pytest

from ivr.call.conductor import Conductor
from ivr.call.consent import CONSENT_NOTE, ConsentQuestion
from ivr.flow.progress import Answer, FlowState, Frame, Outcome, Progress, Silence, Trouble
from ivr.model.audio import AudioFrame
from ivr.model.commands import CancelTimer, Listen, Note, Say
from ivr.model.events import CallEvent, DigitPressed, Heard, PlaybackFinished
from ivr.model.meaning import Control, Meaning
from tests.call.fakes import FRAME, ScriptEars
from tests.call.test_conductor import OPEN, answered, flow, in_flow
from tests.call.test_reception import Call, run

ASKED = "May we record this call, to improve our service? Please say yes or no."


def meant(control: Control) -> Answer:
    return Answer("…", meaning=Meaning("…", control=control, control_confidence=1.0))


def ends(progress: Progress) -> tuple[object, ...]:
    assert progress.state.finished
    return progress.actions


def test_yes_and_no_are_noted_and_a_no_is_confirmed() -> None:
    question = ConsentQuestion("bank/hotline")
    asked = question.begin({}, "en")
    assert asked.actions == (Say(ASKED, step="recording_consent"),)
    assert asked.expect is not None
    assert asked.expect.kind == "yes_no"
    for yes in (meant("yes"), Answer(digits="1")):
        assert ends(question.advance(asked.state, yes)) == (Note(CONSENT_NOTE, "yes"),)
    for no in (meant("no"), Answer(digits="2"), Trouble("hearing"), Outcome("odd")):
        note, words = ends(question.advance(asked.state, no))
        assert (note, words) == (
            Note(CONSENT_NOTE, "no"), Say("All right, nothing is recorded.", step="recording_consent"),
        )  # fmt: skip


def test_who_does_not_say_yes_is_asked_once_more_and_then_not_recorded() -> None:
    question = ConsentQuestion("bank/hotline")
    first = question.begin({}, "zh")
    again = question.advance(first.state, Silence())
    assert not again.state.finished
    assert not again.matched
    assert [action.text for action in again.actions if isinstance(action, Say)] == [
        "抱歉,请问可以录音吗?可以请按1,不可以请按2。"
    ]
    assert ends(question.advance(again.state, meant("help")))[0] == Note(CONSENT_NOTE, "no")
    with pytest.raises(AssertionError):
        question.sentence("wait_next", "en")
    with pytest.raises(AssertionError):
        question.worded("phone", "1", "en")
    assert question.begin({}, "fr").actions == (Say(ASKED, language="fr", step="recording_consent"),)
    assert FlowState((Frame("a", "b"),)).step == "b"


def test_the_flow_begins_after_the_answer() -> None:
    conductor = Conductor(flow(), consent=ConsentQuestion("table"))
    listen, said = answered(conductor)
    assert isinstance(listen, Listen)
    assert isinstance(said, Say)
    assert (listen.expect.flow, said.text) == ("table", ASKED)
    conductor.handle(PlaybackFinished(1))
    commands = conductor.handle(DigitPressed("1"))
    assert commands[-4:] == [
        Note(CONSENT_NOTE, "yes"), in_flow(OPEN), Say("Welcome.", utterance=2), Say("How can I help?", utterance=3),
    ]  # fmt: skip
    assert CancelTimer("no_input") in commands
    assert conductor.path == ["recording_consent", "recording_consent", "menu"]


class Agreeing(ScriptEars):
    """Hears yes and no as what they are."""

    async def hear(self, frame: AudioFrame, own_level_dbfs: float) -> list[CallEvent]:
        return [meant_as(event) for event in await super().hear(frame, own_level_dbfs)]


def meant_as(event: CallEvent) -> CallEvent:
    if not isinstance(event, Heard) or event.text not in ("yes", "no"):
        return event
    control: Control = "yes" if event.text == "yes" else "no"
    return Heard(event.text, meaning=Meaning(event.text, control=control, control_confidence=1.0))


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_only_who_agrees_is_on_the_disk(tmp_path: Path, answer: str) -> None:
    call = Call(Agreeing(answer, "bye"), recordings=tmp_path)
    call.reception.asks_consent = True
    record = run(call, (1, (FRAME,)), (2 if answer == "yes" else 3, (FRAME,)), (1, ()))
    assert call.store.began[0].recording == ""
    assert len(list(tmp_path.rglob("*.wav"))) == (answer == "yes")
    assert bool(record.recording) == (answer == "yes")
    assert record.notes[CONSENT_NOTE] == answer
    assert record.end_reason == "self_service_completed"
