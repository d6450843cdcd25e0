"""Who gets in: the door of this server, and the routes of accounts and audit behind it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import APIRouter

from ivr.config import Config
from ivr.environment import Environment
from ivr.store.calls import SqlCallStore
from ivr.store.sessions import Lifetimes
from ivr.web.accounts import accounts_router
from ivr.web.audit import audit_router
from ivr.web.security import Door


def lifetimes(config: Config) -> Lifetimes:
    return Lifetimes(config.accounts.idle_minutes * 60.0, config.accounts.longest_hours * 3600.0)


def door(environment: Environment, store: SqlCallStore) -> Door:
    return Door(environment.api_key, store.sessions, urlsplit(environment.public_url).netloc)


def people_routers(environment: Environment, store: SqlCallStore, at: Door) -> Sequence[APIRouter]:
    is_secure = environment.public_url.startswith("https:")
    return [
        accounts_router(store.accounts, store.sessions, at, is_secure=is_secure), audit_router(store.audit, store, at),
    ]  # fmt: skip
