"""A caller is forgotten: their words, sound and number go, figures stay, a legal hold is stronger, and it is proved."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ivr.model.calls import Message, SurveyRecord
from ivr.model.errors import NotThere, StoreError
from ivr.model.people import AgentNote
from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.erasure import Erasures, Wanted
from ivr.store.tables import tables
from tests.store.samples import EVENTS, NOON, ended_call, live_call

TOMS_EVENTS = EVENTS[1:]
MIA, TOM = "+8613800000001", "+8613800000002"
WANTED = Wanted(MIA, "they asked for it", "root", "127.0.0.1")
SURVEY = SurveyRecord("completed", "", {"csat": "5", "resolved": "yes", "comment": "your card line is slow"}, "s1")

Test = Callable[[SqlCallStore, Erasures], Awaitable[None]]


def on_a_store(url: str, folder: Path, test: Test) -> None:
    async def run() -> None:
        async with open_store(url, utc=lambda: NOON) as store:
            await test(store, store.erasures(folder, "secret"))

    asyncio.run(run())


async def keep_call(store: SqlCallStore, folder: Path, call_id: str, caller: str = MIA, **changes: Any) -> None:
    """A whole call with everything a caller can leave."""
    (folder / "2026").mkdir(parents=True, exist_ok=True)
    for name in (call_id, f"{call_id}-1"):
        (folder / "2026" / f"{name}.wav").write_bytes(b"RIFF")
    await store.begin(live_call(call_id, caller=caller))
    for entry in EVENTS if caller == MIA else TOMS_EVENTS:
        store.append(call_id, entry)
    await store.keep_survey_answer(call_id, "csat", "5")
    await store.keep_survey_answer(call_id, "comment", "your card line is slow")
    await store.keep_message(
        Message(f"{call_id}-1", call_id, "wish", NOON, 2.0, "call me, I am Mia", f"2026/{call_id}-1.wav")
    )
    await store.notes.keep(AgentNote(call_id, "ann", "cards", "solved", "Mia has lost 4111 1111 1111 1111"), NOON)
    whole = {"caller": caller, "recording": f"2026/{call_id}.wav", "survey": SURVEY, **changes}
    await store.finish(ended_call(call_id, **whole))


def sound_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.wav"))


async def everything(url: str) -> str:
    """All that is in the database, but the chain of the audit, as one text."""
    engine = make_engine(database_url(url))
    async with engine.connect() as connection:
        found = [str((await connection.execute(select(table))).all()) for table in tables.sorted_tables]
    await engine.dispose()
    return "\n".join(found)


def test_of_an_erased_caller_nothing_is_left_but_figures(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures) -> None:
        await keep_call(store, tmp_path, "c1")
        await keep_call(store, tmp_path, "c2")
        await keep_call(store, tmp_path, "c3", TOM)
        before = await store.archive.call("c1")
        certificate = await eraser.erase(WANTED)
        assert certificate["erased"] == {
            "calls": 2, "turns": 4, "journal_entries": 6, "messages": 2, "comments": 2, "sound_files": 4,
            "trainer_items": 0, "campaign_cases": 0, "recovery_cases": 0, "customer_rows": 0,
        }  # fmt: skip
        after = await store.archive.call("c1")
        pseudonym = f"erased:{certificate['erasure_id'][:16]}"
        kept = SurveyRecord("completed", "", {"csat": "5", "resolved": "yes"}, "s1")
        turns = tuple(replace(turn, heard="", keys="", said=()) for turn in before.turns)
        assert after == replace(
            before, leg=replace(before.leg, provider_ids={}), caller=pseudonym, notes={}, recording="", turns=turns,
            survey=kept,
        )  # fmt: skip
        assert (await store.archive.call("c2")).caller == pseudonym
        assert await store.notes.of("c1") == [(AgentNote("c1", "ann", "cards", "solved", ""), NOON)]
        assert await store.notes.of("c3") == [(AgentNote("c3", "ann", "cards", "solved", "Mia has lost <CARD>"), NOON)]
        assert sound_in(tmp_path) == ["c3-1.wav", "c3.wav"]
        whole = await store.archive.call("c3")
        assert (whole.caller, whole.turns, whole.survey) == (TOM, before.turns, SURVEY)
        assert len(await store.archive.journal("c3")) == len(TOMS_EVENTS)

    on_a_store(url, tmp_path, test)
    left = asyncio.run(everything(url))
    assert MIA not in left
    assert left.count("your card line is slow") == 2  # Tom's, as it was answered and in his survey


def test_the_certificate_is_whole_kept_and_audited_and_names_nobody(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures) -> None:
        await keep_call(store, tmp_path, "c1")
        certificate = dict(await eraser.erase(WANTED))
        assert await eraser.certificate(certificate["erasure_id"]) == certificate
        signed = certificate.pop("sha256")
        text = json.dumps(certificate, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        assert signed == hashlib.sha256(text.encode()).hexdigest()
        assert (certificate["is_complete"], certificate["kept"], certificate["by"]) == (True, [], "root")
        assert certificate["backups_expire_by"] == f"{NOON + timedelta(days=35):%Y-%m-%d}"
        assert (
            certificate["subject_hash"] == eraser.subject_hash(MIA) != store.erasures(tmp_path, "x").subject_hash(MIA)
        )
        (entry,) = await store.audit.page(AuditFilter(action="caller.erase"))
        assert (entry.deed.who, entry.deed.subject) == ("root", certificate["erasure_id"])
        assert entry.deed.detail == {"calls": 1, "kept": 0}
        assert (await store.audit.verify()).broken is None
        with pytest.raises(NotThere):
            await eraser.certificate("nothing")

    on_a_store(url, tmp_path, test)


def test_a_legal_hold_and_a_call_that_goes_on_are_kept_with_the_reason(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures) -> None:
        await keep_call(store, tmp_path, "c1")
        await keep_call(store, tmp_path, "c2")
        await store.begin(live_call("c3", minute=1))
        await store.holds.put("c1", "fraud case 7", "root")
        certificate = await eraser.erase(WANTED)
        assert certificate["kept"] == [
            {"call_id": "c1", "because": "legal_hold", "reason": "fraud case 7"},
            {"call_id": "c3", "because": "not_over", "reason": "it is erased after the call"},
        ]
        assert certificate["is_complete"] is False
        assert certificate["erased"]["calls"] == 1
        assert (await store.archive.call("c1")).turns[0].heard
        await store.holds.put(MIA, "all of this caller", "root")
        assert (await eraser.erase(WANTED))["erased"]["calls"] == 0
        await store.holds.lift("c1", "root")
        await store.holds.lift(MIA, "root")
        assert await store.holds.all() == ()
        assert (await eraser.erase(WANTED))["erased"]["calls"] == 1
        with pytest.raises(NotThere):
            await store.holds.lift(MIA, "root")
        noted = [
            (entry.deed.action, entry.deed.subject) for entry in await store.audit.page(AuditFilter(action="hold."))
        ]
        assert noted == [("hold.lift", "a caller"), ("hold.lift", "c1"), ("hold.put", "a caller"), ("hold.put", "c1")]

    on_a_store(url, tmp_path, test)


def test_where_the_sound_cannot_be_deleted_nothing_is_erased(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError

    async def test(store: SqlCallStore, eraser: Erasures) -> None:
        await keep_call(store, tmp_path, "c1")
        before = await store.archive.call("c1")
        with monkeypatch.context() as disk:
            disk.setattr(Path, "unlink", refuse)
            with pytest.raises(StoreError, match="nothing is erased"):
                await eraser.erase(WANTED)
        assert await store.archive.call("c1") == before
        assert (await eraser.erase(WANTED))["erased"]["sound_files"] == 2

    on_a_store(url, tmp_path, test)


def test_words_of_old_calls_go_and_those_under_a_hold_stay(url: str, tmp_path: Path) -> None:
    async def test(store: SqlCallStore, eraser: Erasures) -> None:
        for call_id in ("c1", "c2"):
            await keep_call(store, tmp_path, call_id)
        await store.holds.put("c2", "fraud case 7", "root")
        early, late = NOON, NOON + timedelta(days=1)
        assert (await store.transcripts.forget_before(early, tmp_path)).calls == 0
        gone = await store.transcripts.forget_before(late, tmp_path)
        assert (gone.calls, gone.turns, gone.messages, gone.sound_files) == (1, 2, 1, 1)
        assert (await store.transcripts.forget_before(late, tmp_path)).calls == 0
        assert [turn.heard for turn in (await store.archive.call("c1")).turns] == ["", ""]
        assert (await store.archive.call("c1")).caller == MIA
        assert await store.archive.journal("c1") == ()
        assert (await store.archive.call("c2")).turns[0].heard
        assert await store.archive.held_sound() == {"2026/c2.wav", "2026/c2-1.wav"}
        assert await store.archive.recorded_before(late) == {"c1": "2026/c1.wav"}

    on_a_store(url, tmp_path, test)
