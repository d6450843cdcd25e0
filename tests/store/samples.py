"""Calls to remember, for the tests of the store and of the web."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ivr.model.calls import CallRecord, JournalEntry, Leg, SurveyRecord, Turn
from ivr.model.events import CallAnswered, DigitPressed, Heard

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)


def live_call(
    call_id: str = "c1", *, minute: int = 0, flow: str = "bank/hotline", caller: str = "+8613800000001"
) -> CallRecord:
    """An answered call as it is when it begins."""
    arrived = NOON + timedelta(minutes=minute)
    return CallRecord(
        call_id, Leg("twilio", {"call_sid": "CA1"}), caller, "+15555550100", "inbound", flow, "v7", "en",
        arrived, arrived + timedelta(seconds=1),
    )  # fmt: skip


def ended_call(call_id: str = "c1", **changes: object) -> CallRecord:
    """A call with everything a record can hold."""
    live = live_call(call_id)
    whole = replace(
        live,
        ended_at=live.arrived_at + timedelta(seconds=30),
        end_reason="survey_completed",
        disconnect_by="system",
        outcome="branch_found",
        path=("hotline.greet", "hotline.b_search"),
        turns=TURNS,
        notes={"branch": "Olympic Park", "地点": "鸟巢"},
        survey=SurveyRecord("completed", "", {"csat": "5", "resolved": "yes"}, "s1"),
        recording="2026/11/c1.wav",
        stats={"barge_ins": 1, "frames": {"late": 0}},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


TURNS = (
    Turn(
        1, "greet", "find a branch near the bird's nest", 0.93, "", "branch_lookup", 0.97, ("Nearest is …",),
        3.25, 5.5, 5.9, {"total": 0.4, "end_of_turn": 0.25}, True, False, "moonshine",
    ),
    Turn(2, "more", keys="2", said=(), began_at=9.0, ended_at=9.0, no_match=True),
)  # fmt: skip

EVENTS = (
    JournalEntry(0, 0.0, CallAnswered("+8613800000001", "+15555550100")),
    JournalEntry(1, 5.5, Heard("find a branch near the bird's nest", 0.93)),
    JournalEntry(2, 9.0, DigitPressed("2")),
)
