"""Customers as they are known from before: kept calls, cases and values, and the agent who is rung for them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from ivr.model.acquaintance import PastCall
from ivr.model.calls import SurveyRecord
from ivr.model.contacts import Contact, QueueVisit
from ivr.model.insight import KeptContact
from ivr.model.recovery import RecoveryCase
from ivr.store.acquaintances import Past
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.customer_values import CustomerFacts
from ivr.store.recovery_cases import insert_case
from tests.store.samples import NOON, ended_call

NUMBER = "+8613800000001"
SINCE, NOW = NOON - timedelta(days=90), NOON + timedelta(days=1)


def contact(call_id: str, *, days_ago: float = 0.0, csat: str = "", agent: str = "ann", outcome: str = "") -> Contact:
    at = NOON - timedelta(days=days_ago)
    visit = QueueVisit("general", at, at, outcome or "connected", agent)
    survey = SurveyRecord("completed", "", {"csat": csat} if csat else {})
    return Contact(call_id, at, customer=NUMBER, issue_family="card_lost", agent=agent, visits=(visit,), survey=survey)


def with_store(url: str, run: Callable[[SqlCallStore], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with open_store(url) as store:
            await run(store)

    asyncio.run(whole())


async def keep(store: SqlCallStore, *contacts: Contact) -> None:
    for one in contacts:
        call = ended_call(one.contact_id, caller=NUMBER)
        await store.begin(replace(call, ended_at=None, survey=None))
        await store.finish(call)
    await store.contacts.keep([KeptContact(one) for one in contacts], {})


def test_the_calls_of_a_number_come_back_with_who_talked_and_how_it_was_liked(url: str) -> None:
    async def run(store: SqlCallStore) -> None:
        other = replace(contact("c4"), customer="+8613800000002")
        ours = replace(contact("c5"), direction="outbound")
        await keep(
            store, contact("c1", days_ago=3, csat="2"), contact("c2", agent="", outcome="abandoned"), other, ours,
            contact("c3", days_ago=100, csat="nonsense"),
        )  # fmt: skip
        past = await store.acquaintances.past([NUMBER], SINCE, NOW)
        assert past == Past((
            PastCall(NOON.timestamp(), "card_lost", was_in_vain=True),
            PastCall(NOON.timestamp() - 3 * 86_400, "card_lost", "ann", 2),
        ))  # fmt: skip
        assert await store.acquaintances.past(["+8613800000009"], SINCE, NOW) == Past()

    with_store(url, run)


def test_complaints_that_were_about_an_agent_and_what_the_customer_is_worth_are_known(url: str) -> None:
    async def run(store: SqlCallStore) -> None:
        case = RecoveryCase("r-c1", "c1", NUMBER, ("complaint",), NOON, NOON, agent="bob")
        blamed = replace(case, root_cause="agent", state="cause_found")
        innocent = replace(case, case_id="r-c2", call_id="c2", agent="ann", root_cause="product")
        async with store.cases._engine.begin() as connection:
            for one in (blamed, innocent):
                await insert_case(connection, one)
        await store.values.keep_facts([CustomerFacts("C-7", "crm"), CustomerFacts(NUMBER, "crm")])
        await store.values.override("C-7", "vip", "board", NOW + timedelta(days=1))
        by_id = await store.acquaintances.past(["C-7", NUMBER], SINCE, NOW)
        assert by_id == Past((), ("bob",), "C-7", "vip")
        by_number = await store.acquaintances.past([NUMBER], SINCE, NOW)
        assert (by_number.customer, by_number.tier) == (NUMBER, "standard")

    with_store(url, run)
