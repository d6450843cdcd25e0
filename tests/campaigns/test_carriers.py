"""What campaigns call by: Twilio against its stand-in, a SIP trunk against a telephone: every way a call ends, and
the guards that bound what a stolen secret could cost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ivr.campaigns.attempts import OUTCOMES
from ivr.campaigns.deciding import Turn, begin_call
from ivr.model.campaign_ports import Looked
from ivr.model.campaigns import Circumstances
from ivr.model.errors import NotAllowed
from ivr.wiring.campaigns import CampaignWatch, TrunkCarrier, TwilioCarrier
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.sip_trunk import SipTrunk
from telephony.standin.rest import StandInRest
from telephony.standin.webhooks import Addresses
from telephony.twilio_rest import TwilioDialer
from tests.campaigns.kit import campaigns
from tests.campaigns.made import FIRST, NOON, case
from tests.telephony.serving import SETTINGS, running
from tests.telephony.sip_kit import LOOPBACK, TRUNK, Desk, an_end
from tests.telephony.test_sip_calls import Phone

OURS = "+15555550100"
PLAN = DialPlan(("+1555555",))


@asynccontextmanager
async def twilio(ends_with: str) -> AsyncIterator[tuple[TwilioCarrier, StandInRest]]:
    """Twilio as its stand-in plays it: each call ends so, and its callbacks are taken by somebody."""
    rest = StandInRest(Addresses("", ""), "token", lambda to: ends_with, ring_seconds=0.0)
    rest.app.add_api_route("/twilio/status", lambda: {}, methods=["POST"])
    async with running(rest.app) as there:
        rest.addresses = Addresses(f"http://127.0.0.1:{there}", SETTINGS.public_url)
        dialer = TwilioDialer(replace(SETTINGS, rest_url=f"http://127.0.0.1:{there}"), PLAN, OutgoingCalls(2, 60.0))
        try:
            yield TwilioCarrier(dialer), rest
        finally:
            await dialer.close()
            await rest.close()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("busy", "busy"), ("no-answer", "no_answer"), ("failed", "network_error"), ("canceled", "no_answer"),
     ("completed", "human")],
)  # fmt: skip
def test_twilio_tells_how_a_call_ended_when_it_is_asked_later(status: str, outcome: str) -> None:
    async def run() -> Looked:
        async with asyncio.timeout(60), twilio(status) as (carrier, rest):
            sid = await carrier.dial(FIRST, OURS, "fraud", "a1")
            while (looked := await carrier.status(sid)).outcome is None and looked.known:
                pass
            assert rest.calls[0].call_sid == sid
            return replace(looked, provider_id="")

    assert asyncio.run(run()) == Looked(known=True, outcome=outcome)  # type: ignore[arg-type]


def test_a_call_that_twilio_placed_before_a_crash_is_found_and_not_dialled_again() -> None:
    async def run() -> None:
        async with asyncio.timeout(60), twilio("no-answer") as (carrier, _):
            since = datetime.now(UTC) - timedelta(seconds=5)
            assert await carrier.look_up(FIRST, OURS, since, frozenset()) == Looked(known=True)
            sid = await carrier.dial(FIRST, OURS, "fraud", "a1")
            assert await carrier.look_up(FIRST, OURS, since, frozenset()) == Looked(known=True, provider_id=sid)
            assert await carrier.look_up(FIRST, OURS, since, frozenset({sid})) == Looked(known=True)
            await carrier.dial(FIRST, OURS, "fraud", "a2")
            assert await carrier.look_up(FIRST, OURS, since, frozenset()) == Looked(known=False)
            assert await carrier.status("CA-of-nobody") == Looked(known=False)

    asyncio.run(run())


def test_twilio_is_not_asked_for_numbers_outside_the_dial_plan_nor_for_too_many() -> None:
    async def run() -> int:
        async with asyncio.timeout(60), twilio("no-answer") as (carrier, rest):
            with pytest.raises(NotAllowed):
                await carrier.dial("+4420000000", OURS, "fraud", "a1")
            for attempt in ("a1", "a2"):
                await carrier.dial(FIRST, OURS, "fraud", attempt)
            with pytest.raises(NotAllowed):
                await carrier.dial(FIRST, OURS, "fraud", "a3")
            return len(rest.calls)

    assert asyncio.run(run()) == 2


def dialled(*replies: tuple[int, str]) -> tuple[list[tuple[str, str]], list[str]]:
    """A trunk dials a telephone that replies so: how the attempt ended, and which attempts rang."""
    rang: list[str] = []

    async def run() -> list[tuple[str, str]]:
        desk = Desk()
        async with asyncio.timeout(60), an_end(desk, plan=PLAN) as end:
            loop = asyncio.get_running_loop()
            _, phone = await loop.create_datagram_endpoint(lambda: Phone(end.server.port), local_addr=(LOOPBACK, 0))
            trunk = SipTrunk(end.door, replace(TRUNK, address=f"{LOOPBACK}:{phone.port}"), rang=rang.append)
            carrier = TrunkCarrier(trunk)
            await carrier.dial(FIRST, OURS, "fraud", "a1")
            invite = await phone.hears()
            assert invite.startswith(f"INVITE sip:{FIRST}@")
            for status, phrase in replies:
                phone.replies(invite, status, phrase)
            await desk.until(lambda desk: desk.outcomes, 15.0)
            phone.close()
            return desk.outcomes

    return asyncio.run(run()), rang


@pytest.mark.parametrize(
    ("status", "phrase", "outcome"),
    [(486, "Busy Here", "busy"), (480, "Temporarily Unavailable", "no_answer"), (603, "Decline", "rejected"),
     (404, "Not Found", "network_error"), (503, "Service Unavailable", "network_error")],
)  # fmt: skip
def test_a_trunk_tells_how_a_call_ended_and_that_it_rang(status: int, phrase: str, outcome: str) -> None:
    told, rang = dialled((100, "Trying"), (180, "Ringing"), (180, "Ringing"), (status, phrase))
    assert [(OUTCOMES[how], attempt) for how, attempt in told] == [(outcome, "a1")]
    assert rang == ["a1"]


def test_a_call_that_rings_for_long_is_not_taken_for_unanswered() -> None:
    async def run() -> tuple[Looked, str]:
        async with asyncio.timeout(60), an_end(plan=PLAN) as near, an_end(Desk()) as far:
            carrier = TrunkCarrier(near.trunk_to(far))
            call_id = await carrier.dial(FIRST, OURS, "fraud", "a1")
            return await carrier.status(call_id), call_id

    looked, call_id = asyncio.run(run())
    assert looked == Looked(known=True, provider_id=call_id, outcome=None)


def test_trying_is_not_ringing() -> None:
    assert dialled((100, "Trying"), (486, "Busy Here")) == ([("busy", "a1")], [])


def test_a_trunk_whose_program_died_is_not_dialled_again() -> None:
    async def run() -> list[Looked]:
        async with an_end() as end:
            carrier = TrunkCarrier(SipTrunk(end.door, TRUNK), "carrier")
            assert carrier.name == "carrier"
            return [await carrier.look_up(FIRST, OURS, NOON, frozenset()), await carrier.status("x")]

    assert asyncio.run(run()) == [
        Looked(known=True, provider_id="lost"), Looked(known=True, provider_id="x", outcome="no_answer"),
    ]  # fmt: skip


@dataclass
class Live:
    """What `LiveAttempts` is told."""

    by_id: dict[str, Any] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)

    def rang(self, attempt_id: str) -> None:
        self.told.append((attempt_id, "ringing"))

    def ended(self, attempt_id: str, outcome: str) -> None:
        self.told.append((attempt_id, outcome))


@dataclass
class Attempted:
    call_id: str = ""


def test_what_a_carrier_tells_becomes_an_outcome_unless_we_hold_the_call() -> None:
    live = Live({"a1": Attempted(), "held": Attempted("call-1")})
    watch = CampaignWatch(live, None)  # type: ignore[arg-type]
    for status in ("ringing", "busy", "no_answer", "failed", "cancelled", "completed", "something new"):
        watch.carrier_told("a1", status)
    watch.carrier_told("held", "completed")
    watch.carrier_told("of nobody", "busy")
    assert live.told == [
        ("a1", "ringing"), ("a1", "busy"), ("a1", "no_answer"), ("a1", "network_error"), ("a1", "no_answer"),
        ("a1", "human"), ("a1", "network_error"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("around", "more", "rule"),
    [
        (Circumstances(last_hour=500), {}, "cap_hour_of_campaign"),
        (Circumstances(last_day=5000), {}, "cap_day_of_campaign"),
        (Circumstances(on_the_line=True), {}, "already_on_the_line"),
        (Circumstances(), {"in_dial_plan": False}, "not_in_dial_plan"),
        (Circumstances(refused={FIRST: frozenset({"fraud_call"})}), {}, "do_not_call"),
        (Circumstances(refused={"customer:c1": frozenset({"*"})}), {}, "do_not_call"),
    ],
)
def test_guards_hold_at_the_moment_of_dialling(around: Circumstances, more: dict[str, Any], rule: str) -> None:
    waiting = case(state="received")
    change = begin_call(Turn(campaigns()["fraud_check"], "sip", "r1", NOON, **more), waiting, around)
    assert change is not None
    (attempt,) = change.case.attempts
    assert (attempt.outcome, attempt.rule, attempt.counts) == ("blocked_by_rule", rule, False)
    assert change.deeds[0].action == "case.blocked"


def test_what_needs_consent_is_not_called_without_it() -> None:
    campaign = replace(campaigns()["fraud_check"], window="marketing", purpose="offers")
    turn = Turn(campaign, "sip", "r1", datetime(2026, 11, 23, 17, 0, tzinfo=UTC))
    refused = begin_call(turn, case(state="received"), Circumstances())
    assert refused is not None
    assert refused.case.attempts[0].rule == "no_consent"
    agreed = begin_call(turn, case(state="received"), Circumstances(consents={FIRST: frozenset({"offers"})}))
    assert agreed is not None
    assert agreed.case.attempts[0].rule != "no_consent"
