"""Twilio's webhooks and its media socket: what arrives here becomes a `TwilioLine` for the call centre.

The way of a call: `/twilio/voice` (signed) answers `<Connect><Stream>` with a single-use token; the stream's `start`
brings the token to `/twilio/media`, and `TwilioCalls.run_call` holds the whole call. Closing the stream makes Twilio
go on to `/twilio/after-stream`, which answers from the line's decision: hang up, `<Dial>` for a transfer, or the
rescue when nobody decided (a crash, a cut socket). After a dialled leg `/twilio/after-dial` knows its outcome; a
caller who is still there gets a stream again, and `TwilioCalls.resume_call` goes on with the call that was parked
when `Line.transfer` returned True. `TwilioCalls.ended` comes once per call, with its final status.
Every handler may be called twice with the same request.
"""

import time
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response

from ivr.model.events import CallerHungUp, MachineDetected, TransferFinished
from telephony.decisions import FINAL, TransferTo, TwilioCall
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.twilio_door import Counts, TwilioCalls, TwilioDoor, call_from
from telephony.twilio_legs import TwilioLegs
from telephony.twilio_security import Form
from telephony.twilio_settings import TwilioSettings

MOST_OUTGOING = 4
"""Transfers at once, where nobody says otherwise."""

DIALLED = {**FINAL, "answered": "completed"}
"""`DialCallStatus` in our words."""

Answer = Callable[[TwilioDoor, Form, dict[str, str]], Awaitable[str]]
"""From the signed form and query of a webhook to TwiML."""

log = structlog.get_logger(__name__)


def twilio_router(
    settings: TwilioSettings,
    calls: TwilioCalls,
    plan: DialPlan,
    outgoing: OutgoingCalls | None = None,
    counts: Counts | None = None,
    rang: Callable[[str], None] = lambda attempt_id: None,
    legs: TwilioLegs | None = None,
) -> APIRouter:
    """All of `/twilio/…`. `outgoing` is the one the `TwilioDialer` has, where there is one; `counts` is told what
    was turned away, `rang` of each attempt of ours that rings; `legs` is the one the `TwilioTrunk` has.

    Run uvicorn with `ws="websockets-sansio"`, `ws_max_size=65536` and `ws_per_message_deflate=False`.
    """
    counted = outgoing or OutgoingCalls(MOST_OUTGOING, settings.longest_call_seconds)
    door, router = (
        TwilioDoor(settings, calls, plan, counted, counts, rang, legs),
        APIRouter(prefix="/twilio", include_in_schema=False),
    )
    for path, answer in WEBHOOKS.items():
        router.add_api_route(path, _webhook(door, answer), methods=["POST"])
    router.add_api_websocket_route("/media", door.admit)
    return router


def _webhook(door: TwilioDoor, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def webhook(request: Request) -> Response:
        form = await door.form(request)
        return Response(await answer(door, form, dict(request.query_params)), media_type="application/xml")

    return webhook


async def _answer_call(door: TwilioDoor, form: Form, query: dict[str, str]) -> str:
    """A call is at the door, or somebody we called has answered (`query` is then what `TwilioDialer` gave)."""
    known = door.book.find(form.get("CallSid", ""), time.monotonic())
    if key := query.get("leg"):
        return door.connect(_call(door, form, query)) if door.legs.is_expected(key) else door.twiml.hang_up()
    flow = query.get("flow") or door.calls.flow_for(form.get("To", ""))
    if not flow:
        door.refuse("unknown_number", "no flow is configured for the called number")
        return door.twiml.unknown_number()
    if not (known and known.is_admitted) and not door.calls.has_room():
        door.refuse("no_room", "as many calls as allowed are running")
        return door.twiml.hang_up() if query.get("flow") else door.twiml.busy()
    call = _call(door, form, query)
    call.is_admitted = True
    _note_machine(call, form)
    return door.connect(call)


async def _after_stream(door: TwilioDoor, form: Form, query: dict[str, str]) -> str:
    """The stream is closed: what now?"""
    call = door.book.find(form.get("CallSid", ""), time.monotonic())
    if form.get("CallStatus") in FINAL:
        return door.twiml.hang_up()
    match call.decision if call else None:
        case "hang_up":
            return door.twiml.hang_up()
        case TransferTo(target, timeout_seconds):
            return door.twiml.dial(target, timeout_seconds)
        case _:
            door.refuse("rescued", "a stream ended that nobody meant to end")
            return door.twiml.rescue()


async def _after_dial(door: TwilioDoor, form: Form, query: dict[str, str]) -> str:
    """The transfer is over: the caller comes back, if still there."""
    call = door.book.find(form.get("CallSid", ""), time.monotonic())
    door.outgoing.end(form.get("CallSid", ""))
    outcome = DIALLED.get(form.get("DialCallStatus", ""), "failed")
    if form.get("CallStatus") in FINAL:
        if call:
            await _finish(door, call, form["CallStatus"])
        return door.twiml.hang_up()
    if call is None:
        return door.twiml.hang_up() if outcome == "completed" else door.twiml.rescue()
    call.returning = TransferFinished(outcome)
    return door.connect(call)


async def _finish(door: TwilioDoor, call: TwilioCall, status: str) -> None:
    """Take a status. If the call centre fails to, Twilio's retry is not taken for a repetition."""
    if not call.end(status):
        return
    door.outgoing.end(call.call_sid)
    door.outgoing.end(call.parameters.get("attempt", ""))
    if key := call.parameters.get("leg", ""):
        door.outgoing.end(key)
        return door.legs.ended(key, call.status)
    is_told = False
    try:
        if call.line:
            call.line.post(CallerHungUp("provider"))
        await door.calls.ended(call.call_sid, call.status, call.parameters.get("attempt", ""))
        is_told = True
    finally:
        if not is_told:
            call.status = ""


async def _take_status(door: TwilioDoor, form: Form, query: dict[str, str]) -> str:
    """How far a call is; they come in any order."""
    if form.get("CallStatus") == "ringing" and query.get("attempt"):
        door.rang(query["attempt"])
    await _finish(door, _call(door, form, query), form.get("CallStatus", ""))
    return door.twiml.nothing()


async def _take_machine(door: TwilioDoor, form: Form, query: dict[str, str]) -> str:
    """Who or what answered a call of ours, found out while it was going on."""
    call = _call(door, form, query)
    _note_machine(call, form)
    if call.line and call.machine:
        call.line.post(call.machine)
        call.machine = None
    return door.twiml.nothing()


async def _note_stream(door: TwilioDoor, form: Form, query: dict[str, str]) -> str:
    if form.get("StreamEvent") == "stream-error":
        door.faults["stream_error"] += 1
        log.warning("Twilio reports a stream error", call_sid=form.get("CallSid"), error=form.get("StreamError"))
    return door.twiml.nothing()


def _note_machine(call: TwilioCall, form: Form) -> None:
    """`AnsweredBy` is human, fax, unknown, or one of machine_start, machine_end_beep, machine_end_silence …"""
    answered_by = form.get("AnsweredBy", "")
    if answered_by:
        has_ended = answered_by.startswith("machine_end")
        call.machine = MachineDetected("beep" if has_ended else answered_by.partition("_")[0])


def _call(door: TwilioDoor, form: Form, parameters: dict[str, str]) -> TwilioCall:
    facts = {"from": form.get("From", ""), "to": form.get("To", ""), "direction": form.get("Direction", "")}
    return door.book.open(call_from(form.get("CallSid", ""), {**parameters, **facts}), time.monotonic())


WEBHOOKS: dict[str, Answer] = {
    "/voice": _answer_call,
    "/after-stream": _after_stream,
    "/after-dial": _after_dial,
    "/status": _take_status,
    "/machine": _take_machine,
    "/stream-status": _note_stream,
}
