"""Who may see and change queues and agents over HTTP, role by role."""

import asyncio
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from ivr.model.roles import ROLES, Role
from ivr.routing.happenings import AgentKnown
from ivr.store.accounts import User
from ivr.store.calls import open_store
from ivr.store.flow_versions import By
from ivr.store.passwords import Passwords
from ivr.store.sessions import csrf_of
from ivr.web.routing import routing_routers
from ivr.web.security import COOKIE, Door
from tests.databases import new_database
from tests.routing.fakes import opened
from tests.routing.kit import profile
from tests.web.served import served

Asked = tuple[str, str, dict[str, object] | None]

STATE: Asked = ("POST", "agents/{}/state", {"state": "login"})
KEEP: Asked = ("PUT", "agents/{}", {"name": "New", "skills": {}, "queues": []})


def answers(folder: Path, role: Role, *requests: Asked) -> list[int]:
    """Statuses of what somebody of this role, who is the agent "me", asks for."""

    async def run() -> list[int]:
        quick = Passwords(PasswordHasher(1, 8, 1))
        async with opened() as house, open_store(new_database(folder / "ivr.db"), passwords=quick) as store:
            for name in ("me", "other"):
                await house.dispatcher.ask(AgentKnown(profile(name, "general")))
            await store.accounts.add(User("me", role), "correct horse battery", By("test"))
            token = (await store.sessions.log_in("me", "correct horse battery", "192.0.2.1")).token
            routers = routing_routers(house.dispatcher, store.routing, store, Door("k", store.sessions))
            async with served(folder, routers=routers) as web:
                headers = {"Cookie": f"{COOKIE}={token}", "X-CSRF-Token": csrf_of(token)}
                found: list[httpx.Response] = [
                    await web.http.request(method, f"/api/{path}", json=wish, headers=headers)
                    for method, path, wish in requests
                ]
                return [answer.status_code for answer in found]

    return asyncio.run(run())


@pytest.mark.parametrize("role", ROLES)
def test_reading_needs_queues_read_and_callers_are_shown_to_no_analyst(tmp_path: Path, role: Role) -> None:
    paths = ("agents", "agents/other", "queues", "queues/general/entries")
    seen = answers(tmp_path, role, *[("GET", path, None) for path in paths])
    reads = role in ("agent", "supervisor", "analyst", "admin")
    assert seen == [200 if reads else 403] * 3 + [200 if reads and role != "analyst" else 403]


@pytest.mark.parametrize("role", ROLES)
def test_changing_needs_queues_change_but_everybody_at_work_changes_their_own_state(tmp_path: Path, role: Role) -> None:
    asked = [(method, path.format(who), wish) for method, path, wish in (STATE, KEEP) for who in ("me", "other")]
    seen = answers(tmp_path, role, *asked)
    changes = role in ("supervisor", "admin")
    own = changes or role == "agent"
    assert seen == [200 if may else 403 for may in (own, changes, changes, changes)]
