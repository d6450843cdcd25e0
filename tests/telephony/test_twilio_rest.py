import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from ivr.model.errors import LineError, NotAllowed
from telephony.dial_plan import DialPlan
from telephony.twilio_rest import TwilioDialer
from telephony.twilio_settings import TwilioSettings
from tests.telephony.serving import SETTINGS, running

TO, FROM = "+14155552671", "+14155550100"
BEGAN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STATUS = {"placed, then silence": 504, "placed, then 502": 502} | {
    str(code): code for code in (400, 401, 404, 429, 500, 503)
}
CALLS = f"/2010-04-01/Accounts/{SETTINGS.account_sid}/Calls"


class Carrier:
    """A stateful stand-in for Twilio's REST API: it answers as scripted, and keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.calls: list[dict[str, Any]] = []
        self.pauses: list[float] = []
        self.is_closing = asyncio.Event()
        self._answers = list(answers)
        self.app = FastAPI()
        self.app.post(CALLS + ".json")(self._create)
        self.app.get(CALLS + ".json")(self._list)
        self.app.post(CALLS + "/{sid}.json")(self._update)

    def place(self, to: str = TO, made: datetime = BEGAN) -> dict[str, Any]:
        sid = f"CA{len(self.calls):032d}"
        self.calls.append({"sid": sid, "to": to, "from": FROM, "date_created": format_datetime(made)})
        return self.calls[-1]

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def _create(self, request: Request) -> JSONResponse:
        form = await request.form()
        self.asked.append(("create", {name: form.getlist(name) for name in form}))
        return await self._answer(lambda: JSONResponse(self.place(str(form["To"])), 201))

    async def _list(self, request: Request) -> JSONResponse:
        self.asked.append(("list", dict(request.query_params)))
        found = [call for call in self.calls if call["to"] == request.query_params["To"]]
        return await self._answer(lambda: JSONResponse({"calls": found}))

    async def _update(self, sid: str, request: Request) -> JSONResponse:
        self.asked.append(("update", {"sid": sid, **await request.form()}))
        return await self._answer(lambda: JSONResponse({"sid": sid}))

    async def _answer(self, well: Callable[[], JSONResponse]) -> JSONResponse:
        answer = self._answers.pop(0) if self._answers else "ok"
        if answer.startswith("placed"):
            self.place()
        if answer.endswith("silence"):
            await self.is_closing.wait()
        return well() if answer == "ok" else JSONResponse({"code": 20001, "message": "no"}, STATUS[answer])


def asked(carrier: Carrier, ask: Callable[[TwilioDialer], Awaitable[Any]], settings: TwilioSettings = SETTINGS) -> Any:
    async def scenario() -> Any:
        async with running(carrier.app) as port:
            there = replace(settings, rest_url=f"http://127.0.0.1:{port}")
            dialer = TwilioDialer(there, DialPlan(("+1",)), carrier.pause, lambda: BEGAN)
            try:
                return await ask(dialer)
            finally:
                carrier.is_closing.set()
                await dialer.close()

    return asyncio.run(scenario())


def dial(dialer: TwilioDialer) -> Awaitable[str]:
    return dialer.dial("+1 415 555 2671", FROM, "fraud check", "a/1")


def kinds(carrier: Carrier) -> list[str]:
    return [kind for kind, _ in carrier.asked]


def test_a_call_is_placed_with_its_callbacks_and_its_limits() -> None:
    carrier = Carrier()
    assert asked(carrier, dial) == "CA" + "0" * 32
    assert carrier.asked == [
        (
            "create",
            {
                "To": [TO],
                "From": [FROM],
                "Url": ["https://ivr.example.test/twilio/voice?flow=fraud+check&attempt=a%2F1"],
                "Timeout": ["30"],
                "TimeLimit": ["3600"],
                "StatusCallback": ["https://ivr.example.test/twilio/status?attempt=a%2F1#rc=2&rp=5xx,ct,rt"],
                "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
                "MachineDetection": ["Enable"],
                "AsyncAmd": ["true"],
                "AsyncAmdStatusCallback": ["https://ivr.example.test/twilio/machine"],
            },
        )
    ]


def test_a_destination_outside_the_dial_plan_never_leaves_the_house() -> None:
    carrier = Carrier()
    with pytest.raises(NotAllowed):
        asked(carrier, lambda dialer: dialer.dial("+442079460000", FROM, "fraud", "a1"))
    assert carrier.asked == []


def test_too_many_requests_are_tried_again_because_nothing_was_placed() -> None:
    carrier = Carrier("429", "429")
    assert asked(carrier, dial)
    assert (kinds(carrier), carrier.pauses) == (["create"] * 3, [0.5, 1.0])


def test_a_carrier_that_stays_too_busy_is_given_up() -> None:
    carrier = Carrier(*["429"] * 4)
    with pytest.raises(LineError):
        asked(carrier, dial)
    assert kinds(carrier) == ["create"] * 4


def test_a_refusal_is_told_and_not_tried_again() -> None:
    carrier = Carrier("400")
    with pytest.raises(LineError, match="status 400, code 20001"):
        asked(carrier, dial)
    assert kinds(carrier) == ["create"]


@pytest.mark.parametrize("lost", ["placed, then silence", "placed, then 502"])
def test_a_call_whose_answer_was_lost_is_found_and_not_dialled_again(lost: str) -> None:
    carrier = Carrier(lost)
    carrier.place(made=BEGAN - timedelta(hours=1))
    assert asked(carrier, dial, replace(SETTINGS, rest_seconds=0.1)) == "CA" + "0" * 31 + "1"
    assert kinds(carrier) == ["create", "list"]
    assert carrier.asked[1][1] == {
        "To": TO,
        "From": FROM,
        "StartTime>": "2026-11-21T12:00:00Z",
        "PageSize": "20",
    }


@pytest.mark.parametrize("there", [0, 2])
def test_a_call_that_cannot_be_told_from_others_is_unknown_and_not_dialled_again(there: int) -> None:
    carrier = Carrier("500")
    for _ in range(there):
        carrier.place()
    with pytest.raises(LineError, match="not known whether"):
        asked(carrier, dial)
    assert kinds(carrier) == ["create", "list", "list", "list"]


def test_what_may_be_repeated_is_repeated() -> None:
    carrier = Carrier("503", "429", "ok", "500")

    async def ask(dialer: TwilioDialer) -> None:
        await dialer.redirect("CA1", "<Response/>")
        await dialer.hang_up("CA1")
        await dialer.cancel("CA1")

    asked(carrier, ask)
    redirected, ended, cancelled = (
        {"sid": "CA1", **what} for what in ({"Twiml": "<Response/>"}, {"Status": "completed"}, {"Status": "canceled"})
    )
    assert [what for _, what in carrier.asked] == [redirected] * 3 + [ended] * 2 + [cancelled]


@pytest.mark.parametrize(("answers", "tries"), [(["404"], 1), (["500"] * 4, 4)])
def test_what_stays_refused_is_told(answers: list[str], tries: int) -> None:
    carrier = Carrier(*answers)
    with pytest.raises(LineError, match="refused"):
        asked(carrier, lambda dialer: dialer.hang_up("CA1"))
    assert kinds(carrier) == ["update"] * tries


@pytest.mark.parametrize(("status", "tries"), [("401", 1), ("503", 4)])
def test_a_list_that_is_refused_is_told(status: str, tries: int) -> None:
    carrier = Carrier(*[status] * 4)
    with pytest.raises(LineError, match=f"status {status}"):
        asked(carrier, lambda dialer: dialer.placed(TO, FROM, BEGAN))
    assert kinds(carrier) == ["list"] * tries


def test_a_carrier_that_is_not_there_is_told() -> None:
    async def scenario() -> None:
        nowhere = replace(SETTINGS, rest_url="http://127.0.0.1:9")
        dialer = TwilioDialer(nowhere, DialPlan(("+1",)), Carrier().pause)
        with pytest.raises(LineError, match="does not answer"):
            await dialer.hang_up("CA1")
        await dialer.close()

    asyncio.run(scenario())
