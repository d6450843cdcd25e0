"""Help for a call over HTTP: in the reader's language, for agents of their own calls only, and each look audited."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from ivr.assist.next_best import Advice
from ivr.assist.rules import Rule, When
from ivr.console.desk_talk import Suggestion
from ivr.model.assist import Before, Similar, SimilarCase
from ivr.model.roles import ROLES, Role
from ivr.store.accounts import User
from ivr.store.audit import AuditFilter
from ivr.store.calls import open_store
from ivr.store.engine import sqlite_url
from ivr.store.flow_versions import By
from ivr.store.passwords import Passwords
from ivr.web.assist import Help, assist_router
from ivr.web.security import COOKIE, Door
from tests.web.served import served

DAY = datetime(2026, 11, 20, tzinfo=UTC)
RULE = Rule(name="verify", when=When(verified_below=2), say={"en": "Verify.", "zh": "请核实。"}, urgency=90)
FOUND = Help(
    [Advice("", "", 90, rule="verify", words=RULE.say), Advice("advise_red", "red", 80)],
    (Suggestion("Ten yuan.", "what are your fees", "bank#fees", 0.7),),
    Similar((SimilarCase("c0", DAY, "lost_card", "resolved", "Froze it.", 0.8),), {"resolved": 2}),
    Before(1, DAY, "lost_card"),
)


async def find(call_id: str, who: str) -> Help:
    return FOUND


async def asked(folder: Path, role: Role, *paths: str) -> tuple[list[Any], list[tuple[str, str]]]:
    """What somebody of this role, who is the agent "me" of the call "mine", is told; and what the audit has of it."""
    quick = Passwords(PasswordHasher(1, 8, 1))
    async with open_store(sqlite_url(folder / "ivr.db"), passwords=quick) as store:
        await store.accounts.add(User("me", role), "correct horse battery", By("test"))
        token = (await store.sessions.log_in("me", "correct horse battery", "192.0.2.1")).token
        router = assist_router(
            find,
            lambda call_id: "me" if call_id == "mine" else "",
            lambda: ((RULE,), "line 9 is odd"),
            store,
            Door("k", store.sessions),
        )
        async with served(folder / "web", routers=[router]) as web:
            told = [await web.http.get(path, headers={"Cookie": f"{COOKIE}={token}"}) for path in paths]
        looks = await store.audit.page(AuditFilter(action="call.advice"))
        return told, [(one.deed.who, one.deed.subject) for one in looks]


def test_everything_that_helps_is_told_in_the_readers_language(tmp_path: Path) -> None:
    paths = ("/api/calls/mine/advice?language=zh", "/api/calls/mine/advice", "/api/advice/rules")
    (chinese, english, rules), looks = asyncio.run(asked(tmp_path, "supervisor", *paths))
    assert [one["text"][:3] for one in chinese.json()["next"]] == ["请核实", "客户情"]
    whole = english.json()
    assert whole["next"][0] == {"key": "", "rule": "verify", "text": "Verify.", "tone": "", "urgency": 90}
    assert (whole["answers"][0]["source"], whole["cases"][0]["note"]) == ("bank#fees", "Froze it.")
    assert (whole["outcomes"], whole["before"]["calls"]) == ({"resolved": 2}, 1)
    assert "call_id" not in whole["cases"][0]
    assert rules.json() == {
        "rules": [{"name": "verify", "when": {"verified_below": 2}, "say": dict(RULE.say), "urgency": 90, "tone": ""}],
        "trouble": "line 9 is odd",
    }
    assert looks == [("me", "mine")] * 2


@pytest.mark.parametrize("role", ROLES)
def test_agents_are_helped_with_their_own_calls_and_others_by_their_role(tmp_path: Path, role: Role) -> None:
    paths = ("/api/calls/mine/advice", "/api/calls/other/advice", "/api/advice/rules")
    told, _ = asyncio.run(asked(tmp_path, role, *paths))
    reads = role in ("supervisor", "trainer", "admin")
    assert [one.status_code for one in told] == [
        200 if reads or role == "agent" else 403, 200 if reads else 403, 403 if role == "agent" else 200,
    ]  # fmt: skip
