"""Bringing the database to the schema of this program, and proving that it is."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

import ivr.store.account_tables  # noqa: F401 - the tables it defines are compared too
import ivr.store.campaign_tables  # noqa: F401
import ivr.store.insight_tables  # noqa: F401
import ivr.store.privacy_tables  # noqa: F401 - as well
import ivr.store.rollup_tables  # noqa: F401
import ivr.store.survey_tables  # noqa: F401
import ivr.store.webhook_tables  # noqa: F401 - and these
from ivr.model.errors import StoreError
from ivr.store.locks import DatabaseLock
from ivr.store.tables import tables

FOLDER = Path(__file__).parent / "migrations"
LOCK_SECONDS = 30.0


async def upgrade(engine: AsyncEngine) -> None:
    """Run the migrations that are missing, one program at a time.

    Raises:
        StoreError: the database is newer than this program, or refused.
    """
    lock = DatabaseLock(engine, "migrate")
    try:
        await lock.acquire(LOCK_SECONDS)
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    except CommandError as error:
        raise StoreError(
            f"the database is not at a revision this program knows (it knows {head()}): start the newer version"
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(
            f"the database refused its migration to {head()} ({type(error).__name__}): is it there, and may we write?"
        ) from error
    finally:
        await lock.release()


async def schema_differences(engine: AsyncEngine) -> list[str]:
    """What the database has different from the tables of this program; empty when they agree."""
    async with engine.connect() as connection:
        return await connection.run_sync(_differences)


def head() -> str:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = [str(difference) for difference in compare_metadata(context, tables)]
    if context.get_current_revision() != head():
        found.insert(0, f"revision is {context.get_current_revision()}, not {head()}")
    return found
