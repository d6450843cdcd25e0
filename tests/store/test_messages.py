"""Messages that callers left are on disk before the caller is told, and come back as they were."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from ivr.model.calls import Message
from ivr.model.errors import BadQuery, NotThere, StoreError
from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.messages import MessageFilter
from tests.store.samples import NOON, live_call


def message(number: int, call_id: str = "c1", name: str = "wish") -> Message:
    at = NOON + timedelta(minutes=number)
    return Message(f"{call_id}-{number}", call_id, name, at, 3.25, "请回电 \ud800", "2026-11-22/c1-1.wav")


def test_messages_come_back_newest_first_and_in_pages(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.begin(live_call("c2", minute=1))
            for number in (1, 2, 3):
                await store.keep_message(message(number))
            await store.keep_message(message(1, "c2", "comment"))
            await store.keep_message(message(1, "c2", "comment"))
            archive = store.archive.messages
            first = await archive.page(MessageFilter(limit=2))
            assert [one.message_id for one in first.messages] == ["c1-3", "c1-2"]
            second = await archive.page(MessageFilter(limit=2, cursor=first.next_cursor))
            assert [one.message_id for one in second.messages] == ["c2-1", "c1-1"]
            assert second.next_cursor == ""
            assert [one.call_id for one in (await archive.page(MessageFilter(name="comment"))).messages] == ["c2"]
            assert len((await archive.page(MessageFilter(call_id="c1"))).messages) == 3
            kept = await archive.message("c1-1")
            assert (kept.at, kept.seconds, kept.transcript, kept.path) == (
                NOON + timedelta(minutes=1), 3.25, "请回电 ?", "2026-11-22/c1-1.wav",
            )  # fmt: skip
            with pytest.raises(NotThere):
                await archive.message("nobody")
            with pytest.raises(BadQuery):
                await archive.page(MessageFilter(cursor="?"))

    asyncio.run(run())


def test_a_message_that_is_not_on_disk_is_not_called_kept(url: str) -> None:
    async def run() -> None:
        async with open_store(url, wait_seconds=0.5, close_seconds=0.1) as store:
            await store.begin(live_call())
            other = make_engine(database_url(url))
            async with other.begin() as connection:
                await connection.execute(text("DROP TABLE messages"))
            await other.dispose()
            with pytest.raises(StoreError, match="message cannot be written"):
                await store.keep_message(message(1))
            with pytest.raises(StoreError, match="cannot be read"):
                await store.archive.messages.message("c1-1")

    asyncio.run(run())
