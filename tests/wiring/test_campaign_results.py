"""The result of a case goes to the webhook, signed, until it is taken; then the ledger of the case is complete."""

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from ivr.campaigns import cases, deciding
from ivr.model.campaigns import Accepted, Case
from ivr.model.webhooks import MOST_ATTEMPTS, pause_after
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine
from ivr.store.migrate import upgrade
from ivr.wiring.campaign_results import ResultShelf
from ivr.wiring.courier import LEASE_SECONDS, Courier
from tests.campaigns.kit import campaigns
from tests.campaigns.made import alert
from tests.databases import new_database
from tests.wiring.test_webhooks import Crm, Now

SECRET, URL = "secret-of-the-events", "https://bank.test/results"


async def settled_case(book: SqlCampaignBook) -> str:
    wanted = alert()

    def new(known: str, open_case: Case | None) -> Accepted:
        return cases.accept("fraud_check", "urgent", wanted, datetime.now(UTC), known_digest=known, open_case=open_case)

    taken = await book.receive("fraud_check", wanted, cases.digest(wanted), new)
    assert taken.case
    await book.change(taken.case.case_id, partial(deciding.cancelled, "confirmed in the app", datetime.now(UTC)))
    return taken.case.case_id


def told(folder: Path, crm: Crm, tries: int, webhook: str = URL) -> tuple[Case | None, bool]:
    """The case after so many looks at the shelf, far enough apart; and whether a result is still waiting."""

    async def run() -> tuple[Case | None, bool]:
        engine = make_engine(database_url(new_database(folder / "ivr.db")))
        await upgrade(engine)
        book, now = SqlCampaignBook(engine), Now()
        now.time = datetime.now(UTC).timestamp() + 1.0
        case_id = await settled_case(book)
        found = {"fraud_check": replace(campaigns()["fraud_check"], webhook=webhook)}
        async with httpx.AsyncClient(transport=httpx.MockTransport(crm)) as client:
            for attempt in range(1, tries + 1):
                # Several servers look at the same shelf; one of them sends.
                couriers = [Courier(ResultShelf(found, book), SECRET, client, now) for _ in range(3)]
                await asyncio.gather(*(courier.send_due() for courier in couriers))
                now.time += pause_after(attempt) + LEASE_SECONDS
        kept = await book.case(case_id)
        waiting = bool(await book.letters(datetime.fromtimestamp(now.time + 1e7, UTC), 1))
        await engine.dispose()
        return kept, waiting

    return asyncio.run(run())


def test_a_result_is_sent_signed_until_it_is_taken_and_then_the_case_is_reported(tmp_path: Path) -> None:
    crm = Crm(500, 0, 200)
    case, waiting = told(tmp_path, crm, 5)
    assert case
    assert (len(crm.got), waiting, "reported" in case.times) == (3, False, True)
    request = crm.got[-1]
    parts = dict(part.split("=") for part in request.headers["X-Ivr-Signature"].split(","))
    expected = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + request.content, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected
    body = json.loads(request.content)
    assert (body["case_id"], body["state"], body["reason"]) == (case.case_id, "cancelled", "confirmed in the app")
    assert request.headers["X-Ivr-Delivery"] == case.case_id


def test_a_result_that_nobody_takes_is_given_up_and_stays_in_the_books(tmp_path: Path) -> None:
    crm = Crm(*[500] * (MOST_ATTEMPTS + 5))
    case, waiting = told(tmp_path, crm, MOST_ATTEMPTS + 3)
    assert case
    assert (len(crm.got), waiting, "reported" in case.times) == (MOST_ATTEMPTS, False, False)


def test_a_campaign_without_a_webhook_keeps_its_results(tmp_path: Path) -> None:
    crm = Crm()
    case, waiting = told(tmp_path, crm, 1, webhook="")
    assert case
    assert (crm.got, waiting, "reported" in case.times) == ([], False, True)
