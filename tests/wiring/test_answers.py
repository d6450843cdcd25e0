"""From figures to calls: which calls went to a person for a reason; and answers drawn to be read, with verdicts."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.console.rooms import Week
from ivr.model.contacts import BotPart, Contact
from ivr.model.insight import AnswerVerdict, KeptContact
from ivr.store.calls import SqlCallStore, open_store
from ivr.wiring.console_rooms import drawn_answers
from tests.databases import new_database
from tests.store.samples import ended_call

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = "2026-W47"


def contact(name: str, hour: int, topic: str, reason: str = "", subcode: str = "", matched: int = 1) -> KeptContact:
    one = Contact(name, MONDAY + timedelta(hours=hour), flow="bank/hotline", topic=topic, intent=topic,
                  escalation_reason=reason, bot=BotPart(matched=matched))  # fmt: skip
    return KeptContact(one, reason_subcode=subcode)


async def keep(store: SqlCallStore, *kept: KeptContact) -> None:
    for one in kept:
        await store.begin(ended_call(one.contact.contact_id))
        await store.finish(ended_call(one.contact.contact_id))
    await store.contacts.keep(kept, {})


def test_calls_of_a_reason_are_found_the_newest_first(tmp_path: Path) -> None:
    async def scenario() -> list[list[str]]:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            await keep(
                store, contact("a", 1, "balance", "misrecognized", "no_match"),
                contact("b", 2, "balance", "misrecognized", "asr_error"), contact("c", 3, "hours", "direct_request"),
                contact("d", 4, "hours"),
            )  # fmt: skip
            end = MONDAY + timedelta(days=7)
            asked = [
                store.escalated.newest(MONDAY, end, "misrecognized"),
                store.escalated.newest(MONDAY, end, "misrecognized", "no_match"),
                store.escalated.newest(MONDAY, end, "direct_request", flow="bank/hotline"),
                store.escalated.newest(MONDAY, end, "direct_request", flow="shop"),
                store.escalated.newest(MONDAY, end, "misrecognized", most=1),
            ]
            return [[one.call_id for one in await found] for found in asked]

    assert asyncio.run(scenario()) == [["b", "a"], ["a"], ["c"], [], ["b"]]


def test_a_draw_is_spread_over_topics_and_stays_and_verdicts_are_kept_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            many = [contact(f"b{n}", n, "balance") for n in range(8)]
            await keep(store, *many, contact("h", 9, "hours"), contact("none", 10, "cards", matched=0))
            week = Week(WEEK, MONDAY, MONDAY + timedelta(days=7))
            drawn = await drawn_answers(store, week, "", most=4)
            assert sorted(one["topic"] for one in drawn) == ["balance", "balance", "balance", "hours"]
            assert await drawn_answers(store, week, "", most=4) == drawn
            assert await drawn_answers(store, week, "shop", most=4) == []
            for verdict in ("unsure", "wrong"):
                one = AnswerVerdict("h", WEEK, verdict, "hours", "tim", MONDAY, "closed on Sundays")
                await store.answers.put(one)
            (kept,) = await store.answers.verdicts(WEEK)
            assert (kept.verdict, kept.note, kept.at) == ("wrong", "closed on Sundays", MONDAY)
            assert await store.answers.verdicts("2026-W46") == []

    asyncio.run(scenario())
