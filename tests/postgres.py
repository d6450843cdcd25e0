"""A PostgreSQL server for tests: the one that `IVR_TEST_POSTGRES_URL` names, else one of our own that ends with them.

Each worker of pytest has a database (or a server) of its own, so tests that run at the same time do not meet.
"""

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from ivr.store.engine import database_url, sqlite_url
from tests.databases import new_database, with_all_tables

NAMED = "IVR_TEST_POSTGRES_URL"
INSTALLED = Path("/usr/lib/postgresql")
ABSENT = f"no PostgreSQL here: install the Debian package postgresql, or name a server in {NAMED} (it is emptied)"
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=64MB")
"""What is written here need not outlive the machine."""


@dataclass(frozen=True, slots=True)
class Databases:
    """Of one worker, on one server: the one that its tests use, and one with all tables, from which that is copied."""

    server: str
    name: str

    @property
    def full(self) -> str:
        return f"{self.name}_full"

    async def new(self, name: str, like: str = "template1") -> str:
        """Everything goes that was there; the URL."""
        engine = create_async_engine(database_url(self.server), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
        await engine.dispose()
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres(worker_id: str) -> Iterator[Databases]:
    """Databases for this worker alone; skips where there is no PostgreSQL."""
    if named := os.environ.get(NAMED, ""):
        yield _prepared(named, worker_id)
        return
    where = binaries()
    if where is None:
        pytest.skip(ABSENT)
    with cluster(where) as url:
        yield _prepared(url, worker_id)


def _prepared(server: str, worker: str) -> Databases:
    ours = Databases(server, f"ivr_test_{worker}")
    asyncio.run(with_all_tables(asyncio.run(ours.new(ours.full))))
    return ours


@contextmanager
def cluster(where: Path) -> Iterator[str]:
    """A server that lives as long as the block; URL of its first database."""
    with tempfile.TemporaryDirectory(prefix="ivr-pg-") as folder:
        _may_write(Path(folder))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        files = Path(folder) / "files"
        _run([where / "initdb", "-D", files, "-U", "ivr", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"])
        settings = [f"-p {port}", f"-k {folder}", *(f"-c {one}" for one in (*QUICK, "listen_addresses=127.0.0.1"))]
        control = [where / "pg_ctl", "-D", files, "-w", "-t", "60"]
        _run([*control, "-l", files / "log", "-o", " ".join(settings), "start"])
        try:
            yield f"postgresql://ivr@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"])


def binaries() -> Path | None:
    """Where initdb is: the newest version that Debian has installed, else on the path."""
    versions = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).parent if found else None


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; the package brings an account, any other unprivileged one does as well."""
    for name in ("postgres", "nobody") if os.geteuid() == 0 else ():
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _may_write(folder: Path) -> None:
    if account := _account():
        os.chown(folder, account.pw_uid, account.pw_gid)


def _run(command: Sequence[object]) -> None:
    account = _account()
    who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    quiet = subprocess.DEVNULL
    subprocess.run([str(part) for part in command], check=True, cwd="/", stdin=quiet, stdout=quiet, timeout=90, **who)  # type: ignore[call-overload]


def database_for(request: pytest.FixtureRequest, folder: Path, bare: bool = False) -> str:
    """The URL of a database of the kind that the test is parametrized with: sqlite or postgresql.

    It has all tables and nothing in them; a `bare` one has not even tables.
    """
    if request.param == "sqlite":
        path = folder / "calls" / "ivr.db"
        return sqlite_url(path) if bare else new_database(path)
    ours: Databases = request.getfixturevalue("postgres")
    return asyncio.run(ours.new(ours.name, "template1" if bare else ours.full))
