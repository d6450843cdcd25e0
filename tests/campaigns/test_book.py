"""Many decisions in one transaction come out as if each had waited for the one before."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ivr.campaigns import cases, deciding
from ivr.model.campaigns import Accepted, Alert, Case
from ivr.store.audit import AuditLog
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine
from ivr.store.migrate import upgrade
from tests.campaigns.kit import campaigns
from tests.campaigns.made import FIRST, SECOND, alert
from tests.databases import new_database

NOW = datetime.now(UTC)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return new_database(tmp_path / "ivr.db")


def kept_in(url: str, act: Callable[[SqlCampaignBook], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = make_engine(database_url(url))
        await upgrade(engine)
        await act(SqlCampaignBook(engine))
        assert (await AuditLog(engine).verify()).broken is None
        await engine.dispose()

    asyncio.run(run())


async def received(book: SqlCampaignBook, campaign: str, *alerts: Alert) -> list[Case]:
    def new(one: Alert, known: str, open_case: Case | None) -> Accepted:
        return cases.accept(campaign, "urgent", one, NOW, known_digest=known, open_case=open_case)

    told = await asyncio.gather(
        *(book.receive(campaign, one, cases.digest(one), partial(new, one)) for one in alerts)
    )  # fmt: skip
    return [one.case for one in told if one.case]


async def begun(book: SqlCampaignBook, waiting: list[Case], **more: Any) -> list[tuple[str, str]]:
    """How the first attempt of each began, and which rule forbade it, all asked for at the same moment."""
    found = campaigns(**more)

    def turn(case: Case) -> deciding.Turn:
        return deciding.Turn(replace(found["fraud_check"], name=case.campaign), "trunk", "run", NOW)

    after = await asyncio.gather(
        *(book.change(each.case_id, partial(deciding.begin_call, turn(each)), rules=True) for each in waiting)
    )
    return [(one.attempts[0].outcome, one.attempts[0].rule) for one in after if one]


def test_two_campaigns_never_call_one_person_at_the_same_moment(url: str) -> None:
    async def act(book: SqlCampaignBook) -> None:
        (first,) = await received(book, "fraud_check", alert("e1", FIRST))
        (second,) = await received(book, "another", alert("e2", FIRST))
        assert await begun(book, [first, second]) == [
            ("dialling", ""), ("blocked_by_rule", "already_on_the_line"),
        ]  # fmt: skip

    kept_in(url, act)


def test_two_customers_with_one_telephone_are_not_called_at_the_same_moment(file: str) -> None:
    async def act(book: SqlCampaignBook) -> None:
        waiting = await received(
            book, "fraud_check", alert("e1", FIRST, customer="a"), alert("e2", FIRST, customer="b"),
            alert("e3", SECOND, customer="c"),
        )  # fmt: skip
        assert await begun(book, waiting) == [
            ("dialling", ""), ("blocked_by_rule", "already_on_the_line"), ("dialling", ""),
        ]  # fmt: skip

    kept_in(file, act)


def test_the_cap_of_a_campaign_holds_within_one_transaction(file: str) -> None:
    async def act(book: SqlCampaignBook) -> None:
        alerts = [alert(f"e{n}", f"+1555555{n:04d}", customer=f"c{n}") for n in range(8)]
        told = await begun(book, await received(book, "fraud_check", *alerts), most_per_hour=5)
        assert Counter(told) == {("dialling", ""): 5, ("blocked_by_rule", "cap_hour_of_campaign"): 3}
        more = await received(book, "fraud_check", alert("e9", SECOND, customer="c9"))
        assert await begun(book, more, most_per_hour=5) == [("blocked_by_rule", "cap_hour_of_campaign")]

    kept_in(file, act)


def test_who_opts_out_is_not_called_by_what_is_decided_a_moment_later(file: str) -> None:
    async def act(book: SqlCampaignBook) -> None:
        (talking,) = await received(book, "fraud_check", alert("e1", FIRST, customer="a"))
        await begun(book, [talking])
        (other,) = await received(book, "another", alert("e2", FIRST, customer="b"))
        campaign = campaigns()["fraud_check"]
        attempt = cases.attempt_id(talking.case_id, 1)
        refuse = partial(deciding.noted, campaign, attempt, {"verdict": "opted_out"}, NOW)
        over = partial(deciding.call_over, campaign, attempt, "human", {}, NOW)
        _, _, told = await asyncio.gather(
            book.change(talking.case_id, refuse), book.change(talking.case_id, over), begun(book, [other])
        )
        assert told == [("blocked_by_rule", "do_not_call")]

    kept_in(file, act)


def test_a_case_closes_and_the_next_alert_of_its_customer_opens_another_in_one_transaction(file: str) -> None:
    async def act(book: SqlCampaignBook) -> None:
        (first,) = await received(book, "fraud_check", alert("e1"))
        gone = partial(deciding.cancelled, "in the app", NOW)
        _, told = await asyncio.gather(
            book.change(first.case_id, gone), received(book, "fraud_check", alert("e2"), alert("e3"))
        )
        assert told[0].case_id == told[1].case_id != first.case_id
        kept = await book.cases([first.case_id, told[0].case_id, "nobody"])
        assert [(one.state, len(one.alerts)) for one in kept] == [("cancelled", 1), ("received", 2)]

    kept_in(file, act)


def test_one_event_in_two_campaigns_is_a_conflict(file: str) -> None:
    async def act(book: SqlCampaignBook) -> None:
        one = alert("e1")

        def new(campaign: str, known: str, open_case: Case | None) -> Accepted:
            return cases.accept(campaign, "urgent", one, NOW, known_digest=known, open_case=open_case)

        told = await asyncio.gather(
            *(book.receive(name, one, cases.digest(one), partial(new, name)) for name in ("fraud_check", "another"))
        )
        assert [each.arrival for each in told] == ["new", "conflict"]

    kept_in(file, act)
