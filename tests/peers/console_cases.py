"""Cases of a campaign for the console's pages, written through the real book before the server starts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.campaigns import cases
from ivr.model.audit import Deed
from ivr.model.campaign_ports import Change
from ivr.model.campaigns import Accepted, Alert, Case, CaseState, PhoneCandidate
from ivr.store.campaigns import SqlCampaignBook
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import upgrade

CAMPAIGN = "fraud_check"
MANY, SLOW = 24, 5
"""Cases, and the one that was dialled far too late because no line was free."""

SETTLED: tuple[CaseState, ...] = ("confirmed", "denied", "confirmed", "unreachable")


async def write_cases(database: Path) -> None:
    """Into the database of a server that does not run yet; the campaign is paused, so that nobody is called."""
    engine = make_engine(database_url(sqlite_url(database)))
    try:
        await upgrade(engine)
        book, now = SqlCampaignBook(engine), datetime.now(UTC)
        await book.put_state(CAMPAIGN, "paused", Deed("tests", "campaign.paused", CAMPAIGN))
        for n in range(MANY):
            await _settled(book, n, now - timedelta(minutes=20 * (MANY - n)))
    finally:
        await engine.dispose()


async def _settled(book: SqlCampaignBook, n: int, at: datetime) -> None:
    alert = Alert("fraud_engine", f"ev-{n}", f"C-{1000 + n}", (PhoneCandidate(f"+1555555{n:04}"),), at)
    own = cases.digest(alert)

    def arrive(known: str, open_case: Case | None) -> Accepted:
        taken = cases.accept(CAMPAIGN, "urgent", alert, at, known_digest=known, open_case=open_case, own=own)
        assert taken.case
        return Accepted(taken.arrival, cases.reached(taken.case, "accepted", at + timedelta(milliseconds=20)))

    taken = await book.receive(CAMPAIGN, alert, own, arrive)
    assert taken.case
    whole = _called(taken.case, n, at)
    await book.change(taken.case.case_id, lambda case, around: Change(whole))


def _called(case: Case, n: int, at: datetime) -> Case:
    """Dialled, and most of them answered and verified."""
    dialled = at + timedelta(seconds=42 if n == SLOW else 0.3 + 0.05 * n)
    state, is_reached = SETTLED[n % len(SETTLED)], SETTLED[n % len(SETTLED)] != "unreachable"
    case, attempt = cases.next_attempt(case, f"+1555555{n:04}", "twilio", dialled)
    rings = dialled + timedelta(seconds=2)
    times = {**attempt.times, "dialled": dialled, "ringing": rings}
    if is_reached:
        times["answered"] = rings + timedelta(seconds=4)
    ended = replace(attempt, outcome="human" if is_reached else "no_answer", provider_id=f"CA{n}", times=times)
    case = cases.with_attempt(case, ended)
    for stage, moment in times.items():
        case = cases.reached(case, stage, moment)
    for stage, seconds in (("verified", 21), ("acted", 22), ("reported", 23)):
        if is_reached or stage == "reported":
            case = cases.reached(case, stage, rings + timedelta(seconds=seconds))
    result = {"verdict": state} if is_reached else {}
    return replace(case, state=state, next_at=None, result=result)
