"""Whole calls through the real session and reception; only the line, the ears and the voice are scripted."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.call.conductor import Conductor
from ivr.call.live import Surroundings
from ivr.call.reception import Plan, Reception
from ivr.call.record import CallLog
from ivr.model.calls import CallRecord, Leg, SurveyRecord
from ivr.model.commands import Fetch, HangUp, JoinQueue, Note, Say, Transfer
from ivr.model.errors import NotThere
from ivr.model.events import CallAnswered, CallerHungUp, DigitPressed, SpeechStarted, TransferFinished
from ivr.model.meaning import Expect, Hypothesis, KeyRule, Meaning
from tests.call.dialogues import TableDialogue
from tests.call.fakes import FRAME, Memory, ScriptEars, ScriptLine, ToneVoice, around
from tests.call.test_conductor import SURVEY, Rules, flow

ANSWERED = CallAnswered("+15550100", "+15550199")
LEG = Leg("script", {"call_sid": "CA1"})


class NoUnderstanding:
    def understand(self, hypotheses: Sequence[Hypothesis], expect: Expect) -> Meaning:
        return Meaning()


class OnePlan:
    def __init__(self, dialogue: TableDialogue, survey: TableDialogue | None) -> None:
        self._plan = Plan(dialogue, NoUnderstanding(), survey=survey)

    def plan(self, called: str, parameters: Mapping[str, str]) -> Plan:
        if called != "+15550199":
            raise NotThere(f"no flow answers {called}")
        return self._plan


def concluded(log: CallLog, conductor: Conductor, plan: Plan) -> SurveyRecord:
    return SurveyRecord("partial" if log.answers else "hung_up_before", answers=dict(log.answers))


class Call:
    """One call under test."""

    def __init__(
        self,
        ears: ScriptEars,
        line: ScriptLine | None = None,
        *,
        dialogue: TableDialogue | None = None,
        survey: TableDialogue | None = None,
        voice: ToneVoice | None = None,
        store: Memory | None = None,
        recordings: Path | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.line, self.ears = line or ScriptLine(), ears
        self.voice, self.store = voice or ToneVoice(), store or Memory()
        self.reception = Reception(
            OnePlan(dialogue or flow(), survey),
            surroundings or around(self.voice, self.store),
            lambda plan, rate: self.ears,
            concluded,
            recordings,
        )

    async def take(self) -> CallRecord | None:
        return await asyncio.wait_for(self.reception.take(self.line, ANSWERED, LEG), 5)

    async def speaking(self, utterances: int, *frames: object) -> None:
        """Wait until so many utterances were played, then let the caller's sound come."""
        for _ in range(utterances):
            await asyncio.wait_for(self.line.played.get(), 5)
        for item in frames:
            self.line.arrivals.put_nowait(item)  # type: ignore[arg-type]


def run(call: Call, *steps: tuple[int, tuple[object, ...]]) -> CallRecord:
    async def scenario() -> CallRecord | None:
        taking = asyncio.create_task(call.take())
        for utterances, frames in steps:
            await call.speaking(utterances, *frames)
        return await taking

    record = asyncio.run(scenario())
    assert record is not None
    assert call.ears.closed
    assert call.reception.live == {}
    assert call.store.finished == [record]
    return record


def test_a_call_is_held_to_its_goodbye_with_survey_journal_and_record(tmp_path: Path) -> None:
    call = Call(ScriptEars("book", "friday", "five"), survey=SURVEY, recordings=tmp_path)
    record = run(call, (2, (FRAME,)), (1, (FRAME,)), (2, (FRAME,)), (1, ()))
    assert call.voice.said == [
        "Welcome.", "How can I help?", "Which day?", "Booked.", "How satisfied are you?", "Thank you.",
    ]  # fmt: skip
    assert (record.end_reason, record.disconnect_by, record.handled_by) == ("self_service_completed", "system", "bot")
    assert [turn.heard for turn in record.turns] == ["", "book", "friday", "five"]
    assert [turn.said for turn in record.turns][1] == ("Which day?",)
    assert set(record.turns[1].latency) >= {"total", "first_audio", "understanding_and_flow"}
    assert call.store.answers == [("csat", "5")]
    assert record.survey == SurveyRecord("partial", answers={"csat": "5"})
    assert call.line.hung_up == 1
    assert Path(record.recording).exists()
    assert [entry.seq for entry in call.store.journal] == list(range(1, len(call.store.journal) + 1))
    assert call.store.began[0].call_id == record.call_id


def test_a_call_can_be_replayed_from_its_journal() -> None:
    call = Call(ScriptEars("book", "friday"))
    record = run(call, (2, (FRAME,)), (1, (FRAME,)), (1, ()))
    again = Conductor(flow())
    for entry in call.store.journal:
        again.handle(entry.event)
    assert (tuple(again.path), again.over) == (record.path, True)


def test_a_caller_who_hangs_up_leaves_a_complete_record() -> None:
    record = run(Call(ScriptEars()), (1, (SpeechStarted(0.1), CallerHungUp("caller"))))
    assert (record.end_reason, record.disconnect_by) == ("abandoned_in_ivr", "customer")
    assert record.survey == SurveyRecord("hung_up_before")


@pytest.mark.parametrize("breaks", [False, True])
def test_a_line_that_dies_ends_the_call_as_a_network_fault(breaks: bool) -> None:
    record = run(Call(ScriptEars(), ScriptLine(breaks=breaks)), (1, (None,)))
    assert record.disconnect_by == "network"


def test_a_line_that_does_not_hang_up_is_left_after_a_second() -> None:
    record = run(Call(ScriptEars("quiet"), ScriptLine(deaf_to_hang_up=True)), (2, (FRAME,)))
    assert (record.end_reason, record.disconnect_by) == ("self_service_completed", "system")


def test_ears_that_break_are_an_apology_and_the_call_goes_on() -> None:
    call = Call(ScriptEars(RuntimeError("bug"), "book", "monday"))
    record = run(call, (2, (FRAME,)), (1, (FRAME,)), (1, (FRAME,)), (1, ()))
    assert call.voice.said[2:4] == ["Pardon?", "Which day?"]
    assert record.end_reason == "self_service_completed"


def test_a_flow_that_breaks_says_sorry_and_ends_the_call() -> None:
    call = Call(ScriptEars("book"), dialogue=TableDialogue({"": {"begin": ("nowhere", (Say("Hi."),), Expect())}}))
    record = run(call, (1, (FRAME,)), (1, ()))
    assert call.voice.said == ["Hi.", "So sorry."]
    assert record.end_reason == "error"


def test_without_any_voice_the_call_still_ends_and_is_recorded() -> None:
    call = Call(ScriptEars(), voice=ToneVoice(dumb=True))
    record = run(call, (3, (CallerHungUp("caller"),)))
    assert record.end_reason == "abandoned_in_ivr"


def test_a_store_that_refuses_a_survey_answer_does_not_stop_the_call() -> None:
    call = Call(ScriptEars("bye", "five"), survey=SURVEY, store=Memory(broken=True))
    record = run(call, (2, (FRAME,)), (2, (FRAME,)), (1, ()))
    assert record.survey == SurveyRecord("partial", answers={"csat": "5"})


def test_secret_keys_reach_the_flow_and_nobody_else() -> None:
    secret = Expect(step="pin", kind="digits", secret=True, keys=KeyRule(least=2, most=2))
    rules: Rules = {
        "": {"begin": ("pin", (Say("Enter it."),), secret)},
        "pin": {"42": ("bye", (HangUp("checked"),), None), "else": ("bye", (HangUp("wrong"),), None)},
    }
    call = Call(ScriptEars(), dialogue=TableDialogue(rules))
    record = run(call, (1, (DigitPressed("4"), DigitPressed("2"))))
    assert record.end_reason == "checked"
    assert [entry.event for entry in call.store.journal if isinstance(entry.event, DigitPressed)] == [
        DigitPressed("•"), DigitPressed("•"),
    ]  # fmt: skip
    assert record.turns[-1].keys == "••"


def test_a_card_number_that_is_said_reaches_the_flow_and_nobody_else() -> None:
    card, phone = "4111 1111 1111 1111", "13800000001"
    notes = (Note("card", card), Note("to", phone), Note("survey.comment", phone))
    rules: Rules = {
        "": {"begin": ("card", (Say("Which card?"),), Expect(step="card"))},
        "card": {f"it is {card}": ("bye", (Say(f"So {card}."), *notes, HangUp("known")), None)},
    }
    shown: list[object] = []
    call = Call(ScriptEars(f"it is {card}"), dialogue=TableDialogue(rules))
    call.reception.around = replace(call.reception.around, watchers=(lambda call_id, at, what: shown.append(what),))
    record = run(call, (1, (FRAME,)), (1, ()))
    assert call.voice.said == ["Which card?", f"So {card}."]
    assert record.end_reason == "known"
    assert [(turn.heard, turn.said) for turn in record.turns] == [
        ("", ("Which card?",)),
        ("it is <CARD>", ("So <CARD>.",)),
    ]
    assert record.notes == {"card": "<CARD>", "to": phone}
    assert record.stats["redaction_version"] == "2"
    everything = str([call.store.journal, shown, call.store.answers, record.turns, record.survey])
    assert card not in everything
    assert phone not in str([call.store.answers, record.survey])
    assert "it is <CARD>" in everything


def test_a_card_number_that_is_keyed_reaches_the_flow_and_nobody_else() -> None:
    card = "4111111111111111"
    sixteen = Expect(step="card", kind="digits", keys=KeyRule(least=16, most=16))
    rules: Rules = {
        "": {"begin": ("card", (Say("Enter it."),), sixteen)},
        "card": {card: ("bye", (HangUp("known"),), None), "else": ("bye", (HangUp("odd"),), None)},
    }
    shown: list[object] = []
    call = Call(ScriptEars(), dialogue=TableDialogue(rules))
    call.reception.around = replace(call.reception.around, watchers=(lambda call_id, at, what: shown.append(what),))
    record = run(call, (1, tuple(DigitPressed(key) for key in card)))
    assert record.end_reason == "known"
    assert record.turns[-1].keys == "•" * 16
    keys = [entry.event for entry in call.store.journal if isinstance(entry.event, DigitPressed)]
    assert keys == [each for each in shown if isinstance(each, DigitPressed)] == [DigitPressed("•")] * 16
    assert [entry.seq for entry in call.store.journal] == list(range(1, len(call.store.journal) + 1))


def test_a_transferred_call_waits_for_the_caller_to_come_back_and_goes_on() -> None:
    call = Call(ScriptEars("outside", "five"), ScriptLine(takes_transfers=True), survey=SURVEY)

    async def scenario() -> CallRecord | None:
        taking = asyncio.create_task(call.take())
        await call.speaking(2, FRAME)
        assert await taking is None
        assert call.line.transfers == ["+15550111"]
        assert call.store.finished == []
        assert await call.reception.take_back("CA2", call.line, TransferFinished("completed")) is None
        call.line = ScriptLine()
        back = asyncio.create_task(call.reception.take_back("CA1", call.line, TransferFinished("completed")))
        await call.speaking(1, FRAME)
        return await asyncio.wait_for(back, 5)

    record = asyncio.run(scenario())
    assert record is not None
    before, after = record.turns[-2:]
    assert (before.heard, after.heard) == ("outside", "five")
    assert after.began_at > 0.2, "the second line counts on from where the call was"
    assert record.survey == SurveyRecord("partial", answers={"csat": "5"})
    assert (record.end_reason, record.handled_by) == ("agent_completed", "both")
    assert call.store.finished == [record]


def test_a_transferred_caller_who_does_not_come_back_has_a_record_too() -> None:
    call = Call(ScriptEars("outside"), ScriptLine(takes_transfers=True))

    async def scenario() -> None:
        taking = asyncio.create_task(call.take())
        await call.speaking(2, FRAME)
        await taking
        await call.reception.ended("CA1")
        await call.reception.ended("CA1")

    asyncio.run(scenario())
    assert [(record.end_reason, record.disconnect_by) for record in call.store.finished] == [
        ("transferred_out", "customer")
    ]


def test_closing_finishes_the_records_of_calls_that_are_away() -> None:
    call = Call(ScriptEars("outside"), ScriptLine(takes_transfers=True))

    async def scenario() -> None:
        taking = asyncio.create_task(call.take())
        await call.speaking(2, FRAME)
        await taking
        await call.reception.close()

    asyncio.run(scenario())
    assert len(call.store.finished) == 1


def test_a_transfer_that_is_not_possible_is_an_outcome_of_the_flow() -> None:
    call = Call(ScriptEars("outside", "quiet"))
    record = run(call, (2, (FRAME,)), (2, (FRAME,)))
    assert call.voice.said[2:] == ["One moment.", "Busy."]
    assert record.end_reason == "self_service_completed"
    nowhere: Rules = {
        "": {"begin": ("out", (Transfer("unknown"),), None)},
        "out": {"else": ("b", (HangUp("x"),), None)},
    }
    assert run(Call(ScriptEars(), dialogue=TableDialogue(nowhere))).end_reason == "x"


def test_a_caller_interrupts_and_requests_queues_and_key_pauses_come_back_as_events() -> None:
    card = Expect(step="card", kind="digits", keys=KeyRule(least=2, most=4, between_seconds=0.1))
    rules: Rules = {
        "": {"begin": ("start", (Say("Welcome."), Say("Four digits?")), card)},
        "start": {"44": ("find", (Fetch("lookup", "http://bank"),), None)},
        "find": {"ok": ("queue", (JoinQueue("desk"),), None)},
        "queue": {"closed": ("bye", (HangUp("nobody"),), None)},
    }
    call = Call(ScriptEars(), ScriptLine(plays_for_ever=True), dialogue=TableDialogue(rules))
    record = run(call, (2, (SpeechStarted(0.1), DigitPressed("4"), DigitPressed("4"))))
    assert record.end_reason == "nobody"
    assert (call.line.stopped, record.stats["barge_ins"]) == (1, 1)
    kinds = {type(entry.event).__name__ for entry in call.store.journal}
    assert kinds >= {"SpeechStarted", "TimerFired", "Fetched", "QueueLeft"}


def test_an_unknown_number_is_refused_and_a_full_house_says_so() -> None:
    call = Call(ScriptEars())
    with pytest.raises(NotThere):
        asyncio.run(call.reception.take(call.line, replace(ANSWERED, called="+1999"), LEG))
    call.reception.most_calls = 0
    assert call.reception.is_full


def test_a_call_in_which_nothing_happens_is_rescued_by_the_watchdog() -> None:
    dead: Rules = {
        "": {"begin": ("dead", (), None)},
        "dead": {"stalled:nothing": ("bye", (Say("Sorry about that."), HangUp("timeout")), None)},
    }
    call = Call(ScriptEars(), dialogue=TableDialogue(dead))
    assert run(call).end_reason == "timeout"
    assert call.voice.said == ["Sorry about that."]


def test_an_unwritable_folder_costs_the_recording_not_the_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    call = Call(ScriptEars("quiet"), recordings=tmp_path / "file")
    assert run(call, (2, (FRAME,))).end_reason == "self_service_completed"
