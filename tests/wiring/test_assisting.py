"""Help in a call with a real database and the real encoder: learned, found, shown without names, gone when erased."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.config_assist import Assist
from ivr.model.assist import Before, Similar
from ivr.model.people import AgentNote, Handoff
from ivr.nlu.encoder import shared_encoder
from ivr.routing.entries import QueueEntry
from ivr.routing.floor import Floor
from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.store.erasure import Wanted
from ivr.wiring.assisting import Assistance, HouseRules
from tests.store.samples import NOON, TURNS, ended_call

LOST = "my debit card was stolen on the train yesterday"
KNOWN = Handoff("now", "+8613900000009", "en", "general", intent="lost_card", last_turns=(("caller", "good morning"),))
SAID = ["someone took my wallet with my bank card, please freeze it"]


class Words:
    """An encoder that counts letters: alike words, alike vectors."""

    name = "letters"

    def encode(self, texts: Any) -> Any:
        rows = [[text.lower().count(letter) + 0.01 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]
        vectors = np.asarray(rows, np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def flow_of(call_id: str) -> str:
    return {"now": "bank/hotline"}.get(call_id, "")


def with_help(folder: Path, run: Callable[[SqlCallStore, Assistance], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with asyncio.timeout(60), open_store(sqlite_url(folder / "ivr.db")) as store:
            wanted = Assist(rules=folder / "advice.yaml", **settings)
            floor = Floor()
            helping = Assistance(wanted, store.solved, store, lambda: floor, flow_of, Words(), lambda: NOON)
            await run(store, helping)

    asyncio.run(whole())


async def keep(store: SqlCallStore, call_id: str, said: str, note: str, caller: str = "+8613800000001") -> None:
    turns = (replace(TURNS[0], heard=said),)
    at = NOON - timedelta(days=1)
    call = ended_call(call_id, arrived_at=at, turns=turns, notes={"customer": "Mei Lin"}, caller=caller)
    await store.begin(replace(call, ended_at=None, survey=None))
    await store.finish(call)
    await store.notes.keep(AgentNote(call_id, "ann", "general", "resolved", note), at)


def test_a_solved_call_like_this_one_is_shown_without_its_customer_and_each_look_is_noted_once(tmp_path: Path) -> None:
    async def run(store: SqlCallStore, helping: Assistance) -> None:
        await keep(store, "c1", LOST, "Froze the card for Mei Lin, sent a new one.")
        assert await helping.similar("ann", KNOWN, SAID) == Similar(), "nothing is learned yet"
        await helping.learn()
        found = await helping.similar("ann", KNOWN, SAID)
        (case,) = found.cases
        assert (case.call_id, case.note) == ("c1", "Froze the card for …, sent a new one.")
        assert found.outcomes == {"resolved": 1}
        await helping.similar("ann", KNOWN, SAID)
        looks = await store.audit.page(AuditFilter(action="call.similar"))
        assert [(one.deed.who, one.deed.subject) for one in looks] == [("ann", "c1")]
        assert await helping.similar("ann", replace(KNOWN, language="zh"), SAID) == Similar()
        assert await helping.similar("ann", replace(KNOWN, call_id="not here"), SAID) == Similar()
        assert await helping.similar("ann", KNOWN, ["yes"]) == Similar()
        assert await helping.similar("ann", KNOWN, ["I want to talk to a person please"]) == Similar()

    with_help(tmp_path, run)


def test_an_erased_caller_is_gone_from_what_is_shown_at_once_and_from_memory_with_it(tmp_path: Path) -> None:
    async def run(store: SqlCallStore, helping: Assistance) -> None:
        await keep(store, "c1", LOST, "Froze it.")
        await keep(store, "c2", LOST, "Sent a new one.", "+8613800000002")
        await helping.learn()
        assert helping.index.known == {"c1", "c2"}
        erasures = store.erasures(tmp_path, "key")
        await erasures.erase(Wanted("+8613800000001", "they asked", "ivr"))
        assert [case.call_id for case in (await helping.similar("ann", KNOWN, SAID)).cases] == ["c2"]
        assert helping.index.known == {"c2"}
        await erasures.erase(Wanted("+8613800000002", "they asked", "ivr"))
        await helping.learn()
        assert helping.index.known == frozenset()

    with_help(tmp_path, run)


def test_a_house_that_shows_no_notes_shows_how_cases_were_closed(tmp_path: Path) -> None:
    async def run(store: SqlCallStore, helping: Assistance) -> None:
        await keep(store, "c1", LOST, "Froze it.")
        await helping.learn()
        (case,) = (await helping.similar("ann", KNOWN, SAID)).cases
        assert (case.note, case.disposition) == ("", "resolved")

    with_help(tmp_path, run, show_notes=False)


def test_a_callback_that_is_owed_is_known_and_a_stranger_is_not_looked_up(tmp_path: Path) -> None:
    async def run(store: SqlCallStore, helping: Assistance) -> None:
        floor = helping.floor()
        floor.entries["e1"] = QueueEntry("e1", "cards", 0.0, 0.0, 1, (), 0.0, callback_number=KNOWN.caller)
        assert await helping.before(KNOWN) == Before(callback_queue="cards")
        assert await helping.before(replace(KNOWN, caller="")) == Before()

    with_help(tmp_path, run)


def test_rules_are_read_again_when_their_file_changes_and_a_mistake_leaves_the_last_good_ones(tmp_path: Path) -> None:
    file = tmp_path / "advice.yaml"
    rules = HouseRules(Assist(rules=file))
    assert (rules.look(), rules.trouble) == ((), "")
    for number, text in enumerate(("rules: [{name: one, when: {}, say: {en: Hello.}}]", "rules: [")):
        file.write_text(text, encoding="utf-8")
        os.utime(file, (number + 1.0, number + 1.0))
        assert [rule.name for rule in rules.look()] == ["one"]
        assert bool(rules.trouble) is bool(number)
    file.unlink()
    assert (rules.look(), rules.trouble) == ((), "")


@pytest.mark.parametrize(
    ("language", "solved", "said", "other"),
    [
        ("en", "my debit card was stolen and someone is using it", SAID[0], "what is the weather like tomorrow"),
        ("zh", "我的卡昨天丢了请帮我挂失", "钱包被偷了银行卡要马上冻结", "今天天气怎么样呢"),
    ],
)
def test_the_sentence_encoder_finds_the_same_matter_in_other_words_and_not_another_one(
    tmp_path: Path, language: str, solved: str, said: str, other: str
) -> None:
    async def run(store: SqlCallStore, helping: Assistance) -> None:
        real = replace(helping, encoder=shared_encoder())
        turns = (replace(TURNS[0], heard=solved),)
        call = ended_call("c1", arrived_at=NOON, turns=turns, language=language)
        await store.begin(replace(call, ended_at=None, survey=None))
        await store.finish(call)
        await store.notes.keep(AgentNote("c1", "ann", "general", "resolved", "Froze it."), NOON)
        await real.learn()
        known = replace(KNOWN, language=language, intent="", last_turns=())
        unknown = [one.call_id for one in (await real.similar("ann", known, [other])).cases]
        assert ([one.likeness > 0 for one in (await real.similar("ann", known, [said])).cases], unknown) == ([True], [])

    with_help(tmp_path, run)
