import asyncio

import pytest

from telephony.standin.carrier import Agent, StandInCarrier
from telephony.standin.script import (
    CutSocket,
    HangUp,
    Press,
    Speak,
    Step,
    UntilLineCloses,
    WaitForSilence,
)
from telephony.standin.talker import Talker
from telephony.standin.trace import CallTrace, Noted
from telephony.standin.webhooks import Addresses, WebhookError
from tests.standin.far_side import ANSWER_SECONDS, END_OF_TURN_FRAMES, PUBLIC, TOKEN, FarSide, serving
from tests.standin.sounds import clip

HEAR_OUT = WaitForSilence(quiet=0.2, longest=6.0)


def call(far: FarSide, *steps: Step, agent: Agent | None = None, called: str = "+15550100", **more: float) -> CallTrace:
    async def placed() -> CallTrace:
        async with (
            serving(far.app) as base,
            StandInCarrier(base, PUBLIC, "AC1", TOKEN, agent=agent or Agent(seconds=0.1)) as carrier,
        ):
            return await carrier.place_call("+15550001", called, Talker(steps), **more)  # type: ignore[arg-type]

    return asyncio.run(placed())


def whats(trace: CallTrace) -> list[str]:
    return [f"{noted.what} {noted.detail}".strip() for noted in trace.events]


def test_a_caller_interrupts_is_answered_transferred_comes_back_and_is_told_goodbye() -> None:
    far = FarSide()
    trace = call(
        far,
        Speak(clip(0.5, words="a branch"), after=0.5),
        HEAR_OUT,
        Speak(clip(0.3, words="thanks")),
        HEAR_OUT,
        Press("#"),
        UntilLineCloses(),
        Press("50", after=0.3, gap=0.1),
    )
    assert trace.trouble == ""
    assert far.seen == [
        "voice ringing",
        "stream-status stream-started",
        "connected",
        "start",
        "mark prompt",
        "mark answer",
        "mark answer",
        "key #",
        "stream-status stream-stopped",
        "after-stream in-progress",
        "after-dial completed",
        "stream-status stream-started",
        "connected",
        "start",
        "key 5",
        "mark prompt",
        "key 0",
        "stream-status stream-stopped",
        "after-stream in-progress",
        "status completed",
    ]
    assert trace.ended_by == "server"


def test_the_socket_can_die_without_a_stop() -> None:
    far = FarSide()
    trace = call(far, CutSocket(after=0.2))
    assert trace.ended_by == "network"
    assert "stop" not in far.seen
    assert far.seen[-4:] == ["start", "gone 1005", "stream-status stream-stopped", "status completed"]


def test_a_caller_who_hangs_up_sends_stop_and_nothing_is_asked_any_more() -> None:
    far = FarSide()
    trace = call(far, HangUp(after=0.2))
    assert trace.ended_by == "caller"
    assert far.seen[-5:-1] == ["start", "stop", "gone 1000", "stream-status stream-stopped"]
    assert far.seen[-1] == "status completed"


def test_sequence_numbers_have_no_holes_and_the_parameters_arrive() -> None:
    far = FarSide()
    call(far, Press("123", gap=0.1), HangUp())
    assert far.sequence == list(range(1, len(far.sequence) + 1))
    assert far.parameters == {"t": "token-voice"}


def test_latency_and_barge_in_are_measured_where_the_caller_hears_them() -> None:
    trace = call(FarSide(), Speak(clip(0.5, after=0.0), after=0.5), HEAR_OUT, HangUp())
    (turn,) = trace.turns
    assert turn.outcome == "answered"
    assert turn.over_prompt
    # The far side clears at the fifth voiced frame and answers after ten quiet ones: less is impossible.
    assert turn.barge_in is not None
    assert turn.barge_in > 3 * 0.02
    assert turn.latency is not None
    assert turn.latency > (END_OF_TURN_FRAMES - 2) * 0.02
    out, into = trace.sounds()
    assert out.any()
    assert into.any()
    assert trace.runs[-1].end - trace.runs[-1].start == pytest.approx(ANSWER_SECONDS, abs=0.011)
    assert [noted.seconds for noted in trace.events if noted.what == "answered"] == [turn.latency]
    assert [noted.seconds for noted in trace.events if noted.what == "cleared"] == [turn.barge_in]


def test_a_caller_may_leave_while_with_the_agent() -> None:
    far = FarSide()
    trace = call(far, Press("#"), agent=Agent(seconds=0.1, caller_hangs_up=True))
    assert trace.ended_by == "caller"
    assert far.seen[-2:] == ["after-stream in-progress", "status completed"]


def test_a_call_that_is_refused_says_so() -> None:
    far = FarSide()
    trace = call(far, called="+15550199")
    assert (trace.ended_by, trace.trouble) == ("refused", "/hook/twilio/voice answered 403")
    assert far.seen == []


def test_no_call_is_endless() -> None:
    trace = call(FarSide(), longest_seconds=0.3)
    assert trace.ended_by == "carrier"
    assert trace.trouble == "the call lasted longer than 0 s"


def test_a_server_that_is_not_there_is_reported_not_raised() -> None:
    async def placed() -> CallTrace:
        async with StandInCarrier("http://127.0.0.1:9", PUBLIC, "AC1", TOKEN) as carrier:
            return await carrier.place_call("+15550001", "+15550100", Talker(()))

    trace = asyncio.run(placed())
    assert trace.ended_by == "broken"
    assert trace.trouble.startswith("/hook/twilio/voice: ConnectError")


def test_everything_is_told_as_it_happens() -> None:
    told: list[Noted] = []

    async def placed() -> CallTrace:
        async with serving(FarSide().app) as base, StandInCarrier(base, PUBLIC, "AC1", TOKEN) as carrier:
            return await carrier.place_call("+15550001", "+15550100", Talker([HangUp()]), tell=told.append)

    trace = asyncio.run(placed())
    assert told == trace.events
    assert whats(trace) == ["calling +15550100", "stream_opened", "stream_closed caller 1000", "hung_up caller"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("https://bot.example.test/hook/twilio/voice", "http://127.0.0.1:8/twilio/voice"),
        ("wss://bot.example.test/hook/twilio/media", "ws://127.0.0.1:8/twilio/media"),
        ("https://bot.example.test/hook/a?b=1", "http://127.0.0.1:8/a?b=1"),
    ],
)
def test_public_addresses_lead_to_the_server(url: str, local: str) -> None:
    assert Addresses("http://127.0.0.1:8", PUBLIC).local(url) == local


def test_foreign_addresses_are_not_followed() -> None:
    with pytest.raises(WebhookError, match="not below the public address"):
        Addresses("http://127.0.0.1:8", PUBLIC).local("https://elsewhere.test/hook/twilio/voice")
