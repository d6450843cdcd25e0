"""People of the house in the store: who may be added, what a change does, logging in, staying so, and guessing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from ivr.model.errors import BadQuery, LoginWrong, NotThere, TooOften
from ivr.model.roles import MAY, PERMISSIONS, ROLES, permissions_of
from ivr.store.accounts import User, UserChange
from ivr.store.audit import AuditFilter
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import database_url, make_engine
from ivr.store.flow_versions import By
from ivr.store.passwords import Passwords, check_password, temporary_password
from ivr.store.sessions import FREE_FAILURES, Lifetimes, lock_seconds
from tests.store.samples import NOON

BY = By("root@host", "command line")
GOOD, OTHER = "correct horse battery", "staple my other horse"


@dataclass
class House:
    store: SqlCallStore
    now: datetime = NOON

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def deeds(self) -> list[tuple[str, str, str]]:
        """(who, action, subject), oldest first."""
        entries = await self.store.audit.page(AuditFilter())
        return [(entry.deed.who, entry.deed.action, entry.deed.subject) for entry in reversed(entries)]


def with_house(url: str, act: Callable[[House], Awaitable[None]]) -> None:
    """An empty house with one administrator, ann."""

    async def run() -> None:
        clock: list[House] = []
        utc = lambda: clock[0].now if clock else NOON  # noqa: E731
        quick = Passwords(PasswordHasher(1, 8, 1))
        async with open_store(url, utc=utc, lifetimes=Lifetimes(600.0, 3600.0), passwords=quick) as store:
            clock.append(House(store))
            await store.accounts.add(User("ann", "admin", "Ann A."), GOOD, BY)
            await act(clock[0])

    asyncio.run(run())


def test_every_permission_has_roles_and_every_role_permissions() -> None:
    assert set(MAY) == set(PERMISSIONS)
    assert all(roles and set(roles) <= set(ROLES) for roles in MAY.values())
    assert all(permissions_of(role) for role in ROLES)
    assert not set(permissions_of("analyst")) & {"calls.read", "calls.play", "calls.list", "live.watch"}
    assert set(permissions_of("agent")) == {"desk.use", "queues.read"}


@pytest.mark.parametrize(
    "password", ["short", "x" * 300, "aaaaaaaaaaaaaa", "abcabcabcabcabc", "my password 1", "Annabella the first"]
)
def test_a_bad_password_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(BadQuery) as error:
        check_password(password, "anna")
    assert password not in str(error.value)


def test_passwords_that_are_made_up_are_good_ones() -> None:
    made = {temporary_password("ann") for _ in range(50)}
    assert len(made) == 50
    assert not any("b" in temporary_password("b") for _ in range(50)), "drawn again while the name is in it"
    for password in (*made, "päßwört genügt 密 x", GOOD):
        check_password(password, "ann")


def test_passwords_are_hashed_as_owasp_asks_and_however_they_were_typed() -> None:
    async def run() -> None:
        passwords = Passwords()
        kept = await passwords.hashed("pa\u0308sswo\u0308rt und mehr")
        assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
        assert await passwords.fits("p\u00e4ssw\u00f6rt und mehr", kept)
        assert not await passwords.fits("\ud800", kept)
        assert not await passwords.fits("anything", "")
        assert not await passwords.fits("anything", "not a hash")

    asyncio.run(run())


def test_people_are_added_listed_changed_and_removed(url: str) -> None:
    async def act(house: House) -> None:
        accounts = house.store.accounts
        await accounts.add(User("bob", "agent", must_change=True), OTHER, BY)
        assert [(user.name, user.role, user.must_change) for user in await accounts.users()] == [
            ("ann", "admin", False), ("bob", "agent", True),
        ]  # fmt: skip
        changed = await accounts.change("bob", UserChange(role="trainer", shown_as="Bob"), BY)
        assert changed == User("bob", "trainer", "Bob", is_active=True, must_change=True, created_at=NOON)
        await accounts.remove("bob", BY)
        with pytest.raises(NotThere, match="ivr users list"):
            await accounts.user("bob")
        assert await house.deeds() == [
            ("root@host", "user.add", "ann"), ("root@host", "user.add", "bob"), ("root@host", "user.change", "bob"),
            ("root@host", "user.remove", "bob"),
        ]  # fmt: skip
        assert (await house.store.audit.verify()).broken is None

    with_house(url, act)


@pytest.mark.parametrize(
    ("user", "password", "why"),
    [
        (User("ann", "agent"), OTHER, "already"),
        (User("Bob", "agent"), OTHER, "a name has"),
        (User("key:ab", "agent"), OTHER, "a name has"),
        (User("b", "agent"), OTHER, "a name has"),
        (User("bob", "boss"), OTHER, "there is no role 'boss'"),  # type: ignore[arg-type]
        (User("bob", "agent"), "short", "a password has"),
    ],
)
def test_who_cannot_be_added_is_told_why(url: str, user: User, password: str, why: str) -> None:
    async def act(house: House) -> None:
        with pytest.raises(BadQuery, match=why):
            await house.store.accounts.add(user, password, BY)
        assert len(await house.deeds()) == 1

    with_house(url, act)


def test_the_last_administrator_stays_one_even_when_two_remove_each_other_at_once(url: str) -> None:
    async def act(house: House) -> None:
        accounts = house.store.accounts
        for change in (UserChange(role="agent"), UserChange(is_active=False)):
            with pytest.raises(BadQuery, match="last administrator"):
                await accounts.change("ann", change, BY)
        with pytest.raises(BadQuery, match="last administrator"):
            await accounts.remove("ann", BY)
        await accounts.add(User("bob", "admin"), OTHER, BY)
        both = await asyncio.gather(
            accounts.remove("ann", BY), accounts.change("bob", UserChange(role="agent"), BY), return_exceptions=True
        )
        assert [type(each) for each in both].count(BadQuery) == 1
        assert [user.role for user in await accounts.users()].count("admin") == 1

    with_house(url, act)


def test_a_session_lasts_while_it_is_used_and_no_longer_than_it_may(url: str) -> None:
    async def act(house: House) -> None:
        sessions = house.store.sessions
        token = (await sessions.log_in(" Ann ", GOOD, "192.0.2.1")).token
        for _ in range(6):
            house.later(590)
            assert await sessions.user(token)
        house.later(61)
        assert await sessions.user(token) is None
        token = (await sessions.log_in("ann", GOOD, "")).token
        house.later(600)
        assert await sessions.user(token) is None
        assert await sessions.user("guessed") is None
        assert await sessions.user("\ud800") is None

    with_house(url, act)


def test_logging_out_ends_the_session_and_is_in_the_audit(url: str) -> None:
    async def act(house: House) -> None:
        sessions = house.store.sessions
        one, other = [(await sessions.log_in("ann", GOOD, "192.0.2.1")).token for _ in range(2)]
        assert one != other
        await sessions.log_out(one, "192.0.2.1")
        await sessions.log_out(one, "192.0.2.1")
        assert (await sessions.user(one), (await sessions.user(other)) is not None) == (None, True)
        assert (await house.deeds())[1:] == [("ann", "login", "ann"), ("ann", "login", "ann"), ("ann", "logout", "ann")]

    with_house(url, act)


@pytest.mark.parametrize(
    "change", [UserChange(role="agent"), UserChange(is_active=False), UserChange(password="a whole new sentence")]
)
def test_a_new_role_or_password_or_none_ends_every_session(url: str, change: UserChange) -> None:
    async def act(house: House) -> None:
        sessions, accounts = house.store.sessions, house.store.accounts
        await accounts.add(User("bob", "supervisor"), OTHER, BY)
        token = (await sessions.log_in("bob", OTHER, "")).token
        await accounts.change("bob", UserChange(shown_as="Bob"), BY)
        assert await sessions.user(token)
        await accounts.change("bob", change, BY)
        assert await sessions.user(token) is None

    with_house(url, act)


def test_somebody_who_is_switched_off_cannot_log_in(url: str) -> None:
    async def act(house: House) -> None:
        await house.store.accounts.add(User("bob", "agent", is_active=False), OTHER, BY)
        with pytest.raises(LoginWrong):
            await house.store.sessions.log_in("bob", OTHER, "")

    with_house(url, act)


def test_ones_own_password_is_changed_with_the_old_one_and_the_other_sessions_end(url: str) -> None:
    async def act(house: House) -> None:
        sessions = house.store.sessions
        await house.store.accounts.add(User("bob", "agent", must_change=True), OTHER, BY)
        before = (await sessions.log_in("bob", OTHER, "")).token
        with pytest.raises(LoginWrong):
            await sessions.change_password("bob", "wrong one, surely", "a whole new sentence", "")
        with pytest.raises(BadQuery):
            await sessions.change_password("bob", OTHER, "bob bob bob 12", "")
        after = await sessions.change_password("bob", OTHER, "a whole new sentence", "")
        assert await sessions.user(before) is None
        found = await sessions.user(after.token)
        assert found
        assert not found.must_change
        with pytest.raises(LoginWrong):
            await sessions.log_in("bob", OTHER, "")

    with_house(url, act)


def test_each_wrong_password_beyond_a_few_doubles_the_wait() -> None:
    waits = [lock_seconds(failures) for failures in range(FREE_FAILURES + 7)]
    assert waits == [0.0] * FREE_FAILURES + [30.0, 60.0, 120.0, 240.0, 480.0, 900.0, 900.0]
    assert lock_seconds(10**6) == 900.0


@pytest.mark.parametrize("name", ["ann", "nobody-here", "not a name at all \0"])
def test_guessing_is_slowed_down_alike_for_names_that_are_here_and_names_that_are_not(url: str, name: str) -> None:
    async def act(house: House) -> None:
        sessions = house.store.sessions
        for _ in range(FREE_FAILURES):
            with pytest.raises(LoginWrong, match="^name or password is wrong$"):
                await sessions.log_in(name, "wrong one, surely", "192.0.2.1")
        with pytest.raises(TooOften) as error:
            await sessions.log_in(name, GOOD, "192.0.2.1")
        assert error.value.wait_seconds == 30.0
        refused = [deed for deed in await house.deeds() if deed[1] == "login.refused"]
        assert refused == [("", "login.refused", "ann" if name == "ann" else "")] * FREE_FAILURES
        house.later(31)
        if name != "ann":
            return
        assert (await sessions.log_in(name, GOOD, "")).user.name == "ann"
        for _ in range(FREE_FAILURES - 1):
            with pytest.raises(LoginWrong):
                await sessions.log_in(name, "wrong one, surely", "")
        assert (await sessions.log_in(name, GOOD, "")).user.name == "ann"

    with_house(url, act)


def test_guessing_side_by_side_gains_nothing(url: str) -> None:
    async def act(house: House) -> None:
        guesses = [house.store.sessions.log_in("ann", f"guess number {number}", "") for number in range(12)]
        found = await asyncio.gather(*guesses, return_exceptions=True)
        kinds = [type(each) for each in found]
        assert (kinds.count(LoginWrong), kinds.count(TooOften)) == (FREE_FAILURES, 12 - FREE_FAILURES)

    with_house(url, act)


def test_a_lock_is_forgotten_after_a_day_or_lifted_by_a_new_password(url: str) -> None:
    async def act(house: House) -> None:
        sessions = house.store.sessions

        async def lock() -> None:
            for _ in range(FREE_FAILURES):
                with pytest.raises(LoginWrong):
                    await sessions.log_in("ann", "wrong one, surely", "")

        await lock()
        await house.store.accounts.change("ann", UserChange(password=OTHER), BY)
        assert (await sessions.log_in("ann", OTHER, "")).user.must_change
        await lock()
        house.later(86_401)
        for _ in range(FREE_FAILURES - 1):
            with pytest.raises(LoginWrong):
                await sessions.log_in("ann", "wrong one, surely", "")
        assert (await sessions.log_in("ann", OTHER, "")).user.name == "ann"

    with_house(url, act)


def test_what_is_in_the_database_lets_nobody_in(url: str) -> None:
    async def act(house: House) -> None:
        token = (await house.store.sessions.log_in("ann", GOOD, "")).token
        engine = make_engine(database_url(url))
        async with engine.connect() as connection:
            kept = (await connection.execute(text("SELECT token_hash, password_hash FROM sessions, users"))).one()
        await engine.dispose()
        assert token not in kept
        assert kept.password_hash.startswith("$argon2id$")
        assert GOOD not in kept.password_hash
        assert await house.store.sessions.user(kept.token_hash) is None

    with_house(url, act)
