import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import websockets
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection

from ivr.model.calls import Leg
from ivr.model.events import CallAnswered, CallerHungUp, CallEvent, DigitPressed, MachineDetected, TransferFinished
from telephony.twilio_line import TwilioLine
from telephony.twilio_settings import TwilioSettings
from tests.telephony.far_end import events_of
from tests.telephony.serving import (
    CALL_SID,
    CALLED,
    CALLER,
    PUBLIC,
    SECRET,
    SETTINGS,
    Desk,
    Twilio,
    serving,
    start_message,
    verbs,
)


def served(
    test: Callable[[Twilio, Desk], Awaitable[None]],
    desk: Desk | None = None,
    settings: TwilioSettings = SETTINGS,
    most_outgoing: int = 4,
) -> None:
    async def scenario() -> None:
        centre = desk or Desk()
        async with asyncio.timeout(60), serving(centre, settings, most_outgoing) as twilio:
            await test(twilio, centre)

    asyncio.run(scenario())


@asynccontextmanager
async def stream(
    twilio: Twilio, parameters: dict[str, str], call_sid: str = CALL_SID
) -> AsyncIterator[ClientConnection]:
    async with websockets.connect(twilio.media_url, compression=None) as socket:
        await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        await socket.send(json.dumps(start_message(parameters, call_sid)))
        yield socket


async def close_code(socket: ClientConnection) -> int | None:
    await asyncio.wait_for(socket.wait_closed(), 60)
    return socket.close_code


def stop(number: int = 2) -> str:
    return json.dumps({"event": "stop", "sequenceNumber": str(number), "streamSid": "MZ1", "stop": {}})


NAMES = ("voice", "after-stream", "after-dial", "status", "machine", "stream-status")
PATHS = [f"/twilio/{name}" for name in NAMES]


def test_a_forged_or_missing_signature_is_403_on_every_webhook() -> None:
    spoof = {"Host": "evil.test", "X-Forwarded-Host": "ivr.example.test"}

    async def test(twilio: Twilio, desk: Desk) -> None:
        for path in PATHS:
            answers = [
                await twilio.post(path, sign_url="https://elsewhere.test/twilio/voice"),
                await twilio.http.post(path, data=twilio.call),
                await twilio.http.post(path, data=twilio.call, headers=spoof),
                await twilio.http.post(path, content=b"a" * 70_000),
            ]
            assert [each.status_code for each in answers] == [403, 403, 403, 413], path
        assert desk.endings == []

    served(test)


def test_a_call_from_the_first_webhook_to_its_end() -> None:
    seen: list[CallEvent] = []

    async def script(line: TwilioLine) -> None:
        seen.extend(await events_of(line))

    async def test(twilio: Twilio, desk: Desk) -> None:
        async with stream(twilio, await twilio.parameters()) as socket:
            await socket.send('{"event":"dtmf","sequenceNumber":"2","streamSid":"MZ1","dtmf":{"digit":"5"}}')
            await socket.send(stop(3))
            assert await close_code(socket) == 1000
        assert verbs(await twilio.asks("/twilio/after-stream", CallStatus="completed")) == ["Hangup"]
        for status in ("completed", "in-progress", "completed", "failed"):
            assert verbs(await twilio.asks("/twilio/status", CallStatus=status)) == []
        assert desk.answered == [CallAnswered(CALLER, CALLED)]
        assert desk.legs == [Leg("twilio", {"call_sid": CALL_SID, "stream_sid": "MZ1"})]
        assert seen == [DigitPressed("5"), CallerHungUp("caller")]
        assert desk.endings == [(CALL_SID, "completed", "")]

    served(test, Desk(script))


def test_hanging_up_is_what_twilio_does_after_the_stream() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        async with stream(twilio, await twilio.parameters()) as socket:
            assert await close_code(socket) == 1000
        for _ in range(2):
            assert verbs(await twilio.asks("/twilio/after-stream")) == ["Hangup"]

    served(test, Desk(lambda line: line.hang_up()))


def test_a_transferred_caller_comes_back_with_the_outcome() -> None:
    outcomes = {
        "completed": "completed",
        "answered": "completed",
        "busy": "busy",
        "no-answer": "no_answer",
        "failed": "failed",
        "canceled": "cancelled",
        "": "failed",
    }

    async def script(line: TwilioLine) -> None:
        assert await line.transfer("+14155552671", 20)

    async def transfer(twilio: Twilio, call_sid: str, dial_status: str) -> None:
        async with stream(twilio, await twilio.parameters(CallSid=call_sid), call_sid) as socket:
            assert await close_code(socket) == 1000
        dial = (await twilio.asks("/twilio/after-stream", CallSid=call_sid))[0]
        assert (dial.tag, dial.attrib["timeout"], dial[0].text) == ("Dial", "20", "+14155552671")
        back = await twilio.parameters("/twilio/after-dial", CallSid=call_sid, DialCallStatus=dial_status)
        async with stream(twilio, back, call_sid) as socket:
            assert await close_code(socket) == 1000
        assert verbs(await twilio.asks("/twilio/after-stream", CallSid=call_sid)) == ["Hangup"]

    async def test(twilio: Twilio, desk: Desk) -> None:
        for number, dial_status in enumerate(outcomes):
            await transfer(twilio, f"CA{number}", dial_status)
        assert desk.resumed == [(f"CA{n}", TransferFinished(outcome)) for n, outcome in enumerate(outcomes.values())]
        assert len(desk.answered) == len(outcomes)

    served(test, Desk(script))


def test_a_transfer_too_many_leaves_the_caller_with_us() -> None:
    answers: list[bool] = []

    async def script(line: TwilioLine) -> None:
        answers.append(await line.transfer("+14155552671", 20))
        await line.hang_up()

    async def test(twilio: Twilio, desk: Desk) -> None:
        for call_sid in ("CA2", "CA3"):
            async with stream(twilio, await twilio.parameters(CallSid=call_sid), call_sid) as socket:
                await close_code(socket)
        await twilio.asks("/twilio/after-dial", CallSid="CA2", CallStatus="completed")
        async with stream(twilio, await twilio.parameters(CallSid="CA4"), "CA4") as socket:
            await close_code(socket)
        assert answers == [True, False, True]

    served(test, Desk(script), most_outgoing=1)


def test_a_caller_who_leaves_during_the_transfer_ends_the_call() -> None:
    async def script(line: TwilioLine) -> None:
        assert await line.transfer("+14155552671", 20)

    async def test(twilio: Twilio, desk: Desk) -> None:
        async with stream(twilio, await twilio.parameters()) as socket:
            await close_code(socket)
        await twilio.asks("/twilio/after-stream")
        gone = await twilio.asks("/twilio/after-dial", DialCallStatus="no-answer", CallStatus="completed")
        assert verbs(gone) == ["Hangup"]
        await twilio.asks("/twilio/status", CallStatus="completed")
        assert desk.endings == [(CALL_SID, "completed", "")]

    served(test, Desk(script))


def test_a_socket_cut_under_a_living_call_brings_the_caller_to_a_person() -> None:
    seen: list[CallEvent] = []

    async def script(line: TwilioLine) -> None:
        seen.extend(await events_of(line))

    async def test(twilio: Twilio, desk: Desk) -> None:
        async with stream(twilio, await twilio.parameters()) as socket:
            socket.transport.abort()
        await desk.over.wait()
        assert seen == [CallerHungUp("network")]
        assert verbs(await twilio.asks("/twilio/after-stream")) == ["Say", "Dial", "Hangup"]

    served(test, Desk(script))


def test_a_call_that_breaks_or_is_unknown_brings_the_caller_to_a_person() -> None:
    async def script(line: TwilioLine) -> None:
        raise ZeroDivisionError

    async def test(twilio: Twilio, desk: Desk) -> None:
        assert verbs(await twilio.asks("/twilio/after-stream")) == ["Say", "Dial", "Hangup"]
        async with stream(twilio, await twilio.parameters()) as socket:
            await close_code(socket)
        rescue = await twilio.asks("/twilio/after-stream")
        assert rescue[1][0].text == "+14155550100"
        assert verbs(await twilio.asks("/twilio/after-dial", CallSid="CA9")) == ["Say", "Dial", "Hangup"]
        talked = await twilio.asks("/twilio/after-dial", CallSid="CA9", DialCallStatus="completed")
        assert verbs(talked) == ["Hangup"]

    served(test, Desk(script))


def test_an_unknown_number_gets_a_polite_answer() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        twiml = await twilio.asks("/twilio/voice", To="+15005550009")
        assert verbs(twiml) == ["Say", "Hangup"]
        assert twiml[0].text == SETTINGS.unknown_number_text

    served(test)


def test_a_full_house_is_busy() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        assert verbs(await twilio.asks("/twilio/voice")) == ["Reject"]
        assert verbs(await twilio.asks("/twilio/voice?flow=fraud&attempt=a1")) == ["Hangup"]

    served(test, Desk(most_calls=0))


def test_the_same_webhook_twice_is_the_same_call_with_a_fresh_token() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        first, second = await twilio.parameters(), await twilio.parameters()
        assert first["t"] != second["t"]
        async with stream(twilio, second) as socket, stream(twilio, first) as another:
            assert await close_code(another) == 1008
            await socket.send(stop())
            assert await close_code(socket) == 1000
        assert len(desk.answered) == 1

    served(test)


def test_an_expired_reused_foreign_or_missing_token_is_closed_with_1008_before_any_call() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        good = await twilio.parameters()
        wrong: list[tuple[dict[str, str], str]] = [
            ({}, CALL_SID),
            ({**good, "t": "x.y.z"}, CALL_SID),
            ({**good, "t": "9" + good["t"][1:]}, CALL_SID),
            (good, "CA" + "2" * 32),
            ({**good, "from": "+15005550007"}, CALL_SID),
        ]
        for parameters, call_sid in wrong:
            async with stream(twilio, parameters, call_sid) as socket:
                assert await close_code(socket) == 1008
        assert desk.answered == []
        async with stream(twilio, good) as socket:
            await socket.send(stop())
            assert await close_code(socket) == 1000
        async with stream(twilio, good) as socket:
            assert await close_code(socket) == 1008
        assert len(desk.answered) == 1

    served(test)


def test_a_token_that_waited_too_long_is_closed_with_1008() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        async with stream(twilio, await twilio.parameters()) as socket:
            assert await close_code(socket) == 1008
        assert desk.answered == []

    served(test, settings=replace(SETTINGS, token_seconds=-2.0))


def test_a_socket_that_says_nothing_is_closed_in_time() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        async with websockets.connect(twilio.media_url) as socket:
            assert await close_code(socket) == 1008

    served(test, settings=replace(SETTINGS, start_seconds=0.05))


def test_a_signed_socket_must_be_signed_rightly() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        good = RequestValidator(SECRET).compute_signature(PUBLIC.replace("https", "wss") + "/twilio/media", {})
        async with websockets.connect(twilio.media_url, additional_headers={"X-Twilio-Signature": good}):
            pass
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(twilio.media_url, additional_headers={"X-Twilio-Signature": "bad"})

    served(test)


def test_an_unsigned_socket_is_refused_where_a_signature_is_required() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(twilio.media_url)

    served(test, settings=replace(SETTINGS, require_socket_signature=True))


@pytest.mark.parametrize(
    "settings", [replace(SETTINGS, most_streams=0), replace(SETTINGS, most_waiting_per_address=0)], ids=["all", "one"]
)
def test_more_sockets_than_allowed_are_refused(settings: TwilioSettings) -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(twilio.media_url)

    served(test, settings=settings)


def test_rubbish_is_counted_and_too_long_a_message_closes_that_socket_alone() -> None:
    faults: list[dict[str, int]] = []

    heard = asyncio.Event()

    async def script(line: TwilioLine) -> None:
        async for item in line.incoming():
            if isinstance(item, DigitPressed):
                heard.set()
        faults.append(line.faults)

    async def test(twilio: Twilio, desk: Desk) -> None:
        other = {**twilio.call, "CallSid": "CA" + "3" * 32}
        async with (
            stream(twilio, await twilio.parameters()) as socket,
            stream(twilio, await twilio.parameters(CallSid=other["CallSid"]), other["CallSid"]) as neighbour,
        ):
            for message in (b"\x00\xff", "{", '{"event":"weather"}', '{"event":"media","media":7}'):
                await socket.send(message)
            await socket.send('{"event":"dtmf","sequenceNumber":"2","streamSid":"MZ1","dtmf":{"digit":"5"}}')
            await heard.wait()
            await socket.send("x" * 70_000)
            assert await close_code(socket) == 1009
            await neighbour.send(stop())
            assert await close_code(neighbour) == 1000
        assert faults[0] | {"dropped_frames": 0} == {
            "binary": 1,
            "malformed": 2,
            "unnumbered": 2,
            "unknown_event": 1,
            "dropped_frames": 0,
        }

    served(test, Desk(script))


def test_an_outbound_call_knows_its_flow_its_attempt_and_who_answered() -> None:
    seen: list[CallEvent] = []

    async def script(line: TwilioLine) -> None:
        seen.extend(await events_of(line))

    async def test(twilio: Twilio, desk: Desk) -> None:
        twilio.call.update(Direction="outbound-api", From=CALLED, To=CALLER)
        await twilio.asks("/twilio/status?attempt=a1", CallStatus="ringing")
        parameters = await twilio.parameters("/twilio/voice?flow=fraud&attempt=a1", AnsweredBy="unknown")
        async with stream(twilio, parameters) as socket:
            await desk.begun.wait()
            await twilio.asks("/twilio/machine", AnsweredBy="machine_end_beep")
            await twilio.asks("/twilio/status?attempt=a1", CallStatus="completed")
            assert await close_code(socket) == 1000
        assert desk.answered == [CallAnswered(CALLED, CALLER, "outbound", {"flow": "fraud", "attempt": "a1"})]
        assert seen == [MachineDetected("unknown"), MachineDetected("beep"), CallerHungUp("provider")]
        assert desk.endings == [(CALL_SID, "completed", "a1")]

    served(test, Desk(script))


def test_an_attempt_that_nobody_answers_is_told_with_its_name() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        await twilio.asks("/twilio/status?attempt=a2", CallStatus="busy", Direction="outbound-api")
        await twilio.asks("/twilio/status?attempt=a2", CallStatus="busy", Direction="outbound-api")
        assert desk.endings == [(CALL_SID, "busy", "a2")]

    served(test)


def test_a_status_the_call_centre_could_not_take_is_taken_at_the_next_try() -> None:
    class Failing(Desk):
        async def ended(self, call_sid: str, status: str, attempt_id: str) -> None:
            await super().ended(call_sid, status, attempt_id)
            if len(self.endings) == 1:
                raise ZeroDivisionError

    async def test(twilio: Twilio, desk: Desk) -> None:
        assert (await twilio.post("/twilio/status", CallStatus="completed")).status_code == 500
        assert (await twilio.post("/twilio/status", CallStatus="completed")).status_code == 200
        assert len(desk.endings) == 2

    served(test, Failing())


def test_a_stream_error_is_taken_note_of() -> None:
    async def test(twilio: Twilio, desk: Desk) -> None:
        for event in ("stream-started", "stream-error"):
            assert verbs(await twilio.asks("/twilio/stream-status", StreamEvent=event, StreamError="31924")) == []

    served(test)
