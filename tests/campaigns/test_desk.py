"""The desk with its database, its workflows and a carrier: from an event to a settled case."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from ivr.model.campaigns import Alert, Case
from ivr.store.audit import AuditLog
from ivr.store.engine import database_url, make_engine
from tests.campaigns.kit import Open, TestCarrier, campaign_desk, campaigns, until
from tests.campaigns.made import FIRST, SECOND, alert


def now_alert(event: str = "e1", *numbers: str, customer: str = "c1") -> Alert:
    return replace(alert(event, *numbers), occurred_at=datetime.now(UTC), customer=customer)


async def case_of(here: Open, case_id: str) -> Case:
    found = await here.book.case(case_id)
    assert found is not None
    return found


async def settled(here: Open, case_id: str) -> Case:
    async with asyncio.timeout(60):
        while (case := await case_of(here, case_id)).is_open or case_id_flies(here, case):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return case


def case_id_flies(here: Open, case: Case) -> bool:
    return any(one.attempt_id in here.desk.flying for one in case.attempts)


def talk(here: Open, attempt_id: str, **notes: str) -> None:
    """Somebody answers, the flow notes, the call ends."""
    here.live.answered(attempt_id, f"call-{attempt_id}")
    for name, value in notes.items():
        here.live.noted(f"call-{attempt_id}", name, value)
    here.live.call_ended(f"call-{attempt_id}", "self_service_completed", notes)


def test_an_event_becomes_a_call_a_verdict_and_a_result(url: str) -> None:
    async def run() -> None:
        carrier = TestCarrier()
        async with campaign_desk(url, carrier) as here:
            carrier.on_dial = lambda attempt: talk(here, attempt, acted="card_blocked", verdict="denied")
            accepted = await here.desk.receive("fraud_check", now_alert())
            assert accepted.arrival == "new"
            assert accepted.case
            case = await settled(here, accepted.case.case_id)
            letters = await here.book.letters(datetime.now(UTC), 10)
            assert [letter.case_id for letter in letters] == [case.case_id]
            await here.book.letter_delivered(letters[0].letter_id, datetime.now(UTC))
            case = await case_of(here, case.case_id)
        assert (case.state, case.result) == ("denied", {"acted": "card_blocked", "verdict": "denied"})
        assert [(one.outcome, one.to) for one in case.attempts] == [("human", FIRST)]
        assert set(case.times) == {
            "occurred", "received", "accepted", "dialled", "answered", "verified", "acted", "reported",
        }  # fmt: skip
        engine = make_engine(database_url(url))
        verdict = await AuditLog(engine).verify()
        await engine.dispose()
        assert verdict.broken is None
        assert verdict.entries >= 4

    asyncio.run(run())


def test_a_hundred_posts_of_one_event_are_one_case_and_one_call(url: str) -> None:
    async def run() -> None:
        carrier = TestCarrier()
        async with campaign_desk(url, carrier) as here:
            wanted = now_alert()
            taken = await asyncio.gather(*(here.desk.receive("fraud_check", wanted) for _ in range(100)))
            assert Counter(one.arrival for one in taken) == {"new": 1, "again": 99}
            assert len({one.case.case_id for one in taken if one.case}) == 1
            other = await here.desk.receive("fraud_check", replace(wanted, exposure=5.0))
            assert other.arrival == "conflict"
            await until(lambda: bool(carrier.dialled))
            talk(here, carrier.dialled[0][0], verdict="confirmed")
            await settled(here, taken[0].case.case_id if taken[0].case else "")
        assert len(carrier.dialled) == 1

    asyncio.run(run())


def test_alerts_of_one_customer_become_one_call_and_one_that_comes_too_late_another(url: str) -> None:
    async def run() -> None:
        carrier = TestCarrier()
        async with campaign_desk(url, carrier) as here:
            first = await here.desk.receive("fraud_check", now_alert("e1"))
            second = await here.desk.receive("fraud_check", now_alert("e2"))
            assert (first.arrival, second.arrival) == ("new", "merged")
            await until(lambda: bool(carrier.dialled))
            attempt = carrier.dialled[0][0]
            await until(lambda: attempt in here.live.by_id)
            here.live.answered(attempt, "call")
            third = await here.desk.receive("fraud_check", now_alert("e3"))
            assert third.arrival == "merged"
            here.live.noted("call", "verdict", "confirmed")
            here.live.call_ended("call", "self_service_completed", {})
            assert first.case
            case = await settled(here, first.case.case_id)
            assert case.state == "confirmed"
            await until(lambda: len(carrier.dialled) == 2)
            rest = [due for due in await here.book.due() if due.case_id != case.case_id]
            left = await case_of(here, rest[0].case_id)
            assert [one.event_id for one in left.alerts] == ["e3"]

    asyncio.run(run())


def test_nobody_answers_so_the_next_number_is_tried_at_once(url: str) -> None:
    async def run() -> None:
        carrier = TestCarrier()
        async with campaign_desk(url, carrier) as here:
            carrier.on_dial = lambda attempt: here.live.ended(attempt, "no_answer")
            await here.desk.receive("fraud_check", now_alert("e1", FIRST, SECOND))
            await until(lambda: len(carrier.dialled) == 2)
            await until(lambda: not here.desk.flying)
            (due,) = await here.book.due()
        assert [to for _, to in carrier.dialled] == [FIRST, SECOND]
        assert due.next_at
        assert due.next_at > datetime.now(UTC)

    asyncio.run(run())


def test_a_case_settled_elsewhere_is_not_dialled(url: str) -> None:
    async def run() -> None:
        carrier = TestCarrier()
        async with campaign_desk(url, carrier, lines=0) as here:
            accepted = await here.desk.receive("fraud_check", now_alert())
            assert accepted.case
            case = await here.desk.cancel(accepted.case.case_id, "confirmed_in_app")
            assert case
            assert case.state == "cancelled"
            assert here.desk.waiting("fraud_check") == 0
            assert await here.desk.cancel(accepted.case.case_id, "again") is None
        assert carrier.dialled == []

    asyncio.run(run())


def test_who_asks_for_it_is_never_called_again_for_that_purpose(url: str) -> None:
    async def run() -> None:
        carrier = TestCarrier()
        async with campaign_desk(url, carrier, campaigns(window="transactional", most_per_day=10)) as here:
            carrier.on_dial = lambda attempt: talk(here, attempt, verdict="opted_out")
            wanted = replace(now_alert("e1", FIRST), jurisdiction="us", timezone="Etc/UTC")
            here.desk.campaigns["fraud_check"].profile.windows["transactional"] = None  # type: ignore[index]
            first = await here.desk.receive("fraud_check", wanted)
            assert first.case
            assert (await settled(here, first.case.case_id)).state == "opted_out"
            second = await here.desk.receive("fraud_check", replace(wanted, event_id="e2"))
            assert second.case
            case = await settled(here, second.case.case_id)
        assert (case.state, case.reason) == ("opted_out", "do_not_call")
        assert [(one.outcome, one.rule) for one in case.attempts] == [("blocked_by_rule", "do_not_call")]
        assert len(carrier.dialled) == 1

    asyncio.run(run())
