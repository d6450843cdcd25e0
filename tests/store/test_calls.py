"""What is remembered of a call is what happened, on disk when it must be."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from ivr.model.calls import SurveyRecord
from ivr.model.errors import BadQuery, ConfigError, NotThere, StoreError
from ivr.model.ports import CallStore
from ivr.store.archive import CallFilter
from ivr.store.calls import open_store
from ivr.store.engine import database_url, make_engine, sqlite_url
from ivr.store.migrate import _config, head, schema_differences, upgrade
from ivr.store.tables import audit, surveys
from tests.store.samples import EVENTS, NOON, ended_call, live_call


async def remember(url: str, *ids: str) -> None:
    async with open_store(url) as store:
        for minute, call_id in enumerate(ids):
            await store.begin(live_call(call_id, minute=minute))


def test_a_whole_call_comes_back_as_it_was_kept(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as opened:
            store: CallStore = opened
            await store.begin(live_call())
            for entry in EVENTS:
                store.append("c1", entry)
            await store.keep_survey_answer("c1", "csat", "5")
            await store.finish(ended_call())
        async with open_store(url) as opened:
            assert await opened.archive.call("c1") == ended_call()
            assert await opened.archive.journal("c1") == EVENTS

    asyncio.run(run())


def test_a_call_is_on_disk_before_its_first_word_and_an_answer_before_the_next_question(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.keep_survey_answer("c1", "csat", "3")
            await store.keep_survey_answer("c1", "csat", "4")
            other = make_engine(database_url(url))
            async with other.connect() as connection:
                found = (await connection.execute(text("SELECT call_id, name, value FROM survey_answers"))).all()
                assert [tuple(row) for row in found] == [("c1", "csat", "4")]
            await other.dispose()
            assert (await store.archive.call("c1")).ended_at is None

    asyncio.run(run())


def test_finishing_twice_keeps_the_first_survey_and_one_row(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.finish(ended_call())
            await store.finish(ended_call(survey=SurveyRecord("declined"), outcome="again"))
            found = await store.archive.call("c1")
            assert (found.outcome, found.survey) == ("again", ended_call().survey)

    asyncio.run(run())


def test_an_answered_call_finished_without_survey_gets_one_from_the_answers_kept(url: str) -> None:
    async def run() -> None:
        async with open_store(url, utc=lambda: NOON) as store:
            for call_id in ("silent", "answered", "unanswered"):
                await store.begin(live_call(call_id))
            await store.keep_survey_answer("answered", "csat", "2")
            await store.finish(replace(live_call("silent"), survey=None))
            await store.finish(replace(live_call("answered"), survey=None))
            await store.finish(replace(live_call("unanswered"), answered_at=None))
            assert [(await store.archive.call(name)).survey for name in ("silent", "answered", "unanswered")] == [
                SurveyRecord("not_offered", "system_error"),
                SurveyRecord("partial", "system_error", {"csat": "2"}),
                None,
            ]
            assert (await store.archive.call("silent")).ended_at == NOON

    asyncio.run(run())


def test_a_second_survey_record_for_a_call_is_refused_by_the_database_itself(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            await store.finish(ended_call())
        engine = make_engine(database_url(url))
        row = {"call_id": "c1", "status": "declined", "reason": "", "answers": {}, "version": ""}
        async with engine.connect() as connection:
            with pytest.raises(IntegrityError):
                await connection.execute(surveys.insert(), row)
        await engine.dispose()

    asyncio.run(run())


def test_calls_left_open_are_closed_at_the_next_start_with_one_survey_each(url: str) -> None:
    async def run() -> None:
        await remember(url, "a", "b")
        async with open_store(url, node="other") as store:
            await store.begin(live_call("elsewhere"))
        async with open_store(url) as store:
            a = await store.archive.call("a")
            assert (a.end_reason, a.disconnect_by, a.outcome) == ("error", "system", "error")
            assert a.survey == SurveyRecord("not_offered", "system_error")
            assert (await store.archive.call("elsewhere")).ended_at is None
        engine = make_engine(database_url(url))
        async with engine.connect() as connection:
            assert await connection.scalar(select(func.count()).select_from(surveys)) == 2
        await engine.dispose()

    asyncio.run(run())


def test_a_crashed_call_ends_with_the_last_thing_its_journal_knows_and_keeps_its_answers(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call())
            for entry in EVENTS:
                store.append("c1", entry)
            await store.keep_survey_answer("c1", "csat", "5")
        async with open_store(url) as store:
            found = await store.archive.call("c1")
            assert found.answered_at is not None
            assert found.ended_at == found.answered_at + timedelta(seconds=EVENTS[-1].at)
            assert found.survey == SurveyRecord("partial", "system_error", {"csat": "5"})

    asyncio.run(run())


def test_a_start_repairs_an_ended_call_without_survey_and_gives_none_to_a_call_nobody_answered(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.begin(live_call("ended"))
            await store.finish(ended_call("ended"))
            await store.begin(replace(live_call("ringing"), answered_at=None))
        engine = make_engine(database_url(url))
        async with engine.begin() as connection:
            await connection.execute(surveys.delete())
        await engine.dispose()
        async with open_store(url) as store:
            ended, ringing = await store.archive.call("ended"), await store.archive.call("ringing")
            assert ended == ended_call("ended", survey=SurveyRecord("not_offered", "system_error"))
            assert (ringing.ended_at, ringing.end_reason, ringing.survey) == (ringing.arrived_at, "error", None)

    asyncio.run(run())


def test_a_second_program_of_the_same_name_leaves_the_calls_of_the_first_alone(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as first:
            await first.begin(live_call())
            async with open_store(url) as second:
                assert (await second.archive.call("c1")).ended_at is None

    asyncio.run(run())


def test_pages_go_from_new_to_old_without_gap_or_repeat(url: str) -> None:
    async def run() -> None:
        names = [f"c{number:02}" for number in range(7)]
        async with open_store(url) as store:
            for number, name in enumerate(names):
                await store.begin(live_call(name, minute=number // 2))
            seen: list[str] = []
            cursor = ""
            while True:
                page = await store.archive.page(CallFilter(limit=3, cursor=cursor))
                seen += [call.call_id for call in page.calls]
                cursor = page.next_cursor
                if not cursor:
                    break
            assert seen == sorted(names, reverse=True)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CallFilter(), ["shop", "bank"]),
        (CallFilter(flow="shop"), ["shop"]),
        (CallFilter(caller="+1"), ["shop"]),
        (CallFilter(outcome="branch_found"), ["bank"]),
        (CallFilter(survey="completed"), ["bank"]),
        (CallFilter(since=NOON + timedelta(minutes=5)), ["shop"]),
        (CallFilter(until=NOON + timedelta(minutes=5)), ["bank"]),
        (CallFilter(since=NOON, until=NOON), []),
        (CallFilter(flow="shop", outcome="branch_found"), []),
    ],
)
def test_calls_are_found_by_what_is_asked(url: str, wanted: CallFilter, found: list[str]) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.finish(ended_call("bank"))
            await store.begin(live_call("shop", minute=5, flow="shop", caller="+1"))
            assert [call.call_id for call in (await store.archive.page(wanted)).calls] == found

    asyncio.run(run())


@pytest.mark.parametrize("cursor", ["x", "!!!", "bm9wZQ", "\N{SNOWMAN}"])
def test_a_cursor_that_is_not_ours_is_a_bad_query(tmp_path: Path, cursor: str) -> None:
    async def run() -> None:
        async with open_store(sqlite_url(tmp_path / "ivr.db")) as store:
            with pytest.raises(BadQuery, match="cursor"):
                await store.archive.page(CallFilter(cursor=cursor))

    asyncio.run(run())


def test_an_unknown_call_is_not_there(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            for read in (store.archive.call, store.archive.journal):
                with pytest.raises(NotThere):
                    await read("nobody\0")

    asyncio.run(run())


def test_odd_characters_from_outside_do_not_break_the_record(url: str) -> None:
    async def run() -> None:
        async with open_store(url) as store:
            await store.finish(ended_call(caller="a\0b\ud800", notes={"odd": "\0\ud800"}))
            found = await store.archive.call("c1")
            assert (found.caller, found.notes) == ("a\ufffdb?", {"odd": "\0\ud800"})

    asyncio.run(run())


def test_who_looked_at_what_is_noted(url: str) -> None:
    async def run() -> None:
        async with open_store(url, utc=lambda: NOON) as store:
            await store.keep_look("key:ab", "call.read", "c1", "127.0.0.1")
            assert await store.ready() == ""
        engine = make_engine(database_url(url))
        async with engine.connect() as connection:
            rows = (await connection.execute(select(audit))).all()
        await engine.dispose()
        assert [tuple(row)[:6] for row in rows] == [(1, 1795348800250, "key:ab", "call.read", "c1", "127.0.0.1")]

    asyncio.run(run())


def test_the_migrations_lead_to_the_tables_of_this_program_and_can_run_again(bare_url: str) -> None:
    async def run() -> None:
        engine = make_engine(database_url(bare_url))
        await upgrade(engine)
        await upgrade(engine)
        assert await schema_differences(engine) == []
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE turns DROP COLUMN engine"))
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        found = await schema_differences(engine)
        assert found[0] == f"revision is 9999, not {head()}"
        assert "engine" in found[1]
        with pytest.raises(StoreError, match="newer version"):
            await upgrade(engine)
        await engine.dispose()

    asyncio.run(run())


def test_programs_that_start_together_migrate_one_after_the_other(url: str) -> None:
    async def run() -> None:
        await asyncio.gather(*(remember(url, name) for name in ("a", "b", "c")))
        async with open_store(url) as store:
            assert len((await store.archive.page(CallFilter())).calls) == 3

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text_", "says"),
    [
        ("mysql://x/y", "cannot speak 'mysql'"),
        ("nonsense", "not a database URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_a_database_url_we_cannot_use_says_what_to_write(text_: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        database_url(text_)


@pytest.mark.parametrize("text_", ["postgres://h/d", "postgresql://h/d", "postgresql+asyncpg://h/d"])
def test_every_way_to_write_postgresql_gets_the_async_driver(text_: str) -> None:
    assert database_url(text_).drivername == "postgresql+asyncpg"


def test_a_postgresql_that_is_away_is_a_store_error_that_says_so() -> None:
    pytest.importorskip("asyncpg", reason="the PostgreSQL driver is an optional extra: pip install 'ivr[postgres]'")
    with pytest.raises(StoreError, match="is it there"):
        asyncio.run(remember("postgresql://nobody@127.0.0.1:9/none", "a"))


def test_without_the_postgresql_driver_the_server_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ConfigError, match=r"pip install 'ivr\[postgres\]'"):
        asyncio.run(remember("postgresql://h/d", "a"))


def test_a_file_that_is_no_database_is_a_store_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "ivr.db").write_text("this is no database, but long enough to be taken for a broken one" * 20)
    with pytest.raises(StoreError, match="is it there"):
        asyncio.run(remember(sqlite_url(tmp_path / "ivr.db"), "a"))


async def break_tables(url: str, *names: str) -> None:
    engine = make_engine(database_url(url))
    async with engine.begin() as connection:
        for name in names:
            others = "" if url.startswith("sqlite") else " CASCADE"
            await connection.execute(text(f"DROP TABLE {name}{others}"))
    await engine.dispose()


def test_a_broken_database_never_raises_into_a_call_and_is_counted(url: str) -> None:
    async def run() -> None:
        troubles: list[str] = []
        async with open_store(url, on_trouble=troubles.append, wait_seconds=0.05, close_seconds=0.05) as store:
            await store.begin(live_call())
            await break_tables(url, "journal", "survey_answers", "turns", "surveys", "calls")
            await store.begin(live_call("c2"))
            store.append("c2", EVENTS[0])
            await store.keep_survey_answer("c2", "csat", "5")
            await store.finish(ended_call("c2"))
            with pytest.raises(StoreError, match="cannot be read just now"):
                await store.archive.call("c1")
            assert await store.ready() == ""
        # SQLite calls a missing table a passing trouble and the writer waits for it; PostgreSQL refuses at once.
        # Whether a refusal takes longer than a call waits is chance.
        told = {"unavailable", "lost_at_close"} if url.startswith("sqlite") else {"refused"}
        assert set(troubles) - {"slow"} == told

    asyncio.run(run())


def test_what_cannot_be_audited_is_refused(url: str) -> None:
    async def run() -> None:
        async with open_store(url, wait_seconds=0.05, close_seconds=0.05) as store:
            await break_tables(url, "audit")
            with pytest.raises(StoreError, match="nothing is shown"):
                await store.keep_look("key:ab", "call.read", "c1", "")

    asyncio.run(run())


def test_a_record_with_a_defect_is_refused_and_the_calls_after_it_are_kept(url: str) -> None:
    async def run() -> None:
        troubles: list[str] = []
        async with open_store(url, on_trouble=troubles.append) as store:
            await asyncio.gather(
                store.finish(replace(ended_call("bad"), arrived_at=NOON.replace(tzinfo=None))),
                store.finish(ended_call("odd", stats={"odd": object()})),
                store.finish(ended_call("good")),
            )
            store.append("never begun", EVENTS[0])
            await store.begin(live_call("next"))
            kept = (await store.archive.page(CallFilter())).calls
        assert {call.call_id for call in kept} == {"good", "next"}
        assert troubles == ["refused"] * 3

    asyncio.run(run())


def test_the_first_schema_can_be_taken_back(bare_url: str) -> None:
    async def run() -> None:
        engine = make_engine(database_url(bare_url))
        await upgrade(engine)
        async with engine.begin() as connection:
            await connection.run_sync(lambda plain: command.downgrade(_config(plain), "base"))
        assert (await schema_differences(engine))[0] == f"revision is None, not {head()}"
        await upgrade(engine)
        assert await schema_differences(engine) == []
        await engine.dispose()

    asyncio.run(run())


def test_the_file_is_for_this_user_alone(tmp_path: Path) -> None:
    asyncio.run(remember(sqlite_url(tmp_path / "new" / "ivr.db"), "a"))
    assert (tmp_path / "new" / "ivr.db").stat().st_mode & 0o077 == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
