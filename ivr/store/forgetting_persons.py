"""What is kept of a caller beside their calls, and the statements that take it away: cases of both kinds, what they are
worth, when they were asked, what is about to be told of them."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.model.campaigns import OPEN_STATES
from ivr.store.campaign_tables import campaign_attempts, campaign_cases, campaign_letters, consents, do_not_call
from ivr.store.insight_tables import contacts
from ivr.store.persons import Person, cases_to
from ivr.store.survey_tables import customer_scores, customer_values, recovery_cases, survey_asked
from ivr.store.webhook_tables import webhook_outbox

KEPT_OF_AN_ALERT = frozenset({"source", "event_id", "occurred_at", "language", "timezone", "jurisdiction"})
"""Where an event came from and when; whom it was about, and what, goes."""

STAYS = {
    do_not_call: "their own refusal stays in force",
    consents: "the evidence of a consent is kept for its life and five years",
}

NOT_OVER = "not_over"
"""Why something is kept: it is erased by itself when it is over."""

Kept = list[dict[str, str]]


def is_going_on() -> ColumnElement[bool]:
    """Which rows of `campaign_cases` are not over: open, being called just now, or with a result to be told."""
    of, tried, told = campaign_cases.c, campaign_attempts.c, campaign_letters.c
    waiting = exists().where(told.case_id == of.case_id, told.next_at_ms.is_not(None))
    in_flight = exists().where(tried.case_id == of.case_id, tried.outcome == "dialling")
    return or_(of.state.in_(OPEN_STATES), waiting, in_flight)


async def campaign_cases_of(connection: AsyncConnection, person: Person) -> tuple[list[str], Kept]:
    """Cases to erase, and those that must stay, each with the reason."""
    called = select(campaign_attempts.c.case_id).where(campaign_attempts.c.call_id.in_(sorted(person.holds)))
    query = select(
        campaign_cases.c.case_id, is_going_on().label("is_going_on"),
        campaign_cases.c.case_id.in_(called).label("is_held"),
    ).where(cases_to(*sorted(person.names)))  # fmt: skip
    found, kept = list[str](), Kept()
    for row in (await connection.execute(query)).mappings():
        case = {"campaign_case": row["case_id"]}
        if person.held_because or row["is_held"]:
            reason = person.held_because or "a call of the case is held"
            kept.append(case | {"because": "legal_hold", "reason": reason})
        elif row["is_going_on"]:
            kept.append(case | {"because": NOT_OVER, "reason": "it is erased when the case is settled"})
        else:
            found.append(row["case_id"])
    return found, kept


async def forget_campaigns(connection: AsyncConnection, case_ids: Sequence[str], pseudonym: str) -> None:
    """That somebody was called, when, and what came of it stays; whom, about what and what they said goes."""
    ours = campaign_cases.c.case_id.in_(case_ids)
    for row in (await connection.execute(select(campaign_cases).where(ours))).mappings().all():
        same = campaign_cases.c.case_id == row["case_id"]
        alerts = [_alert_without_person(alert, pseudonym) for alert in row["alerts"]]
        bare: dict[str, Any] = {"customer": pseudonym, "open_key": None, "alerts": alerts, "result": {}}
        await connection.execute(update(campaign_cases).where(same).values(bare))
    tried = campaign_attempts.c.case_id.in_(case_ids)
    nobody = {"customer": pseudonym, "dialled": pseudonym, "provider_id": ""}
    await connection.execute(update(campaign_attempts).where(tried).values(nobody))
    told = campaign_letters.c.case_id.in_(case_ids)
    await connection.execute(update(campaign_letters).where(told).values(body=""))


def _alert_without_person(alert: Mapping[str, Any], pseudonym: str) -> dict[str, Any]:
    kept = {name: value for name, value in alert.items() if name in KEPT_OF_AN_ALERT}
    return kept | {"customer": pseudonym, "phones": []}


async def recovery_cases_of(
    connection: AsyncConnection, person: Person, call_ids: Collection[str]
) -> tuple[list[str], Kept]:
    """Cases to erase (of these calls, or of the customer), and those that must stay."""
    theirs = or_(recovery_cases.c.call_id.in_(call_ids), recovery_cases.c.customer.in_(sorted(person.names)))
    found, kept = list[str](), Kept()
    query = select(recovery_cases.c.case_id, recovery_cases.c.call_id).where(theirs)
    for row in (await connection.execute(query)).mappings():
        if reason := person.held_because or person.holds.get(row["call_id"], ""):
            kept.append({"recovery_case": row["case_id"], "because": "legal_hold", "reason": reason})
        else:
            found.append(row["case_id"])
    return found, kept


async def forget_recovery(connection: AsyncConnection, case_ids: Sequence[str], pseudonym: str, now_ms: int) -> None:
    """Who wants to be forgotten is not called back: a case that is open is closed without one."""
    ours = recovery_cases.c.case_id.in_(case_ids)
    open_ones = update(recovery_cases).where(ours, recovery_cases.c.state != "closed")
    await connection.execute(open_ones.values(state="closed", outcome="no_action", closed_at_ms=now_ms))
    await connection.execute(update(recovery_cases).where(ours).values(customer=pseudonym, remedy=""))


async def forget_contacts(connection: AsyncConnection, call_ids: Sequence[str], pseudonym: str) -> None:
    """Contacts keep their figures under the name of the erasure."""
    ours = contacts.c.contact_id.in_(call_ids)
    for row in (await connection.execute(select(contacts).where(ours, contacts.c.customer != ""))).mappings().all():
        whole = json.loads(row["facts"])
        whole["contact"]["customer"] = pseudonym
        same = contacts.c.contact_id == row["contact_id"]
        await connection.execute(update(contacts).where(same).values(customer=pseudonym, facts=json.dumps(whole)))


async def forget_customer(connection: AsyncConnection, person: Person) -> int:
    """What they are worth, when they were asked, and what is about to be told of them; how many rows went."""
    names = sorted(person.names)
    told = or_(*(webhook_outbox.c.body.contains(name, autoescape=True) for name in names))
    gone = 0
    for table, theirs in (
        (customer_scores, customer_scores.c.customer.in_(names)),
        (customer_values, customer_values.c.customer.in_(names)),
        (survey_asked, survey_asked.c.customer.in_(names)),
        (webhook_outbox, told),
    ):
        gone += (await connection.execute(delete(table).where(theirs))).rowcount
    return gone


async def what_stays(connection: AsyncConnection, person: Person) -> list[dict[str, Any]]:
    """Kept on purpose: a refusal must go on to be heard, a consent must go on to be proved."""
    parties = [person.number, *(f"customer:{name}" for name in sorted(person.customers))]
    found = []
    for table, because in STAYS.items():
        query = select(func.count()).select_from(table).where(table.c.party.in_(parties))
        if rows := await connection.scalar(query):
            found.append({"what": table.name, "rows": rows, "because": because})
    return found
