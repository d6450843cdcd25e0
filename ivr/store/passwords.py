"""Passwords: what is good enough, and what is kept of them (Argon2id, RFC 9106).

Hashing takes about 50 ms of a core, so it runs on a thread, two at a time: logins never crowd out calls.
"""

import asyncio
import re
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.model.errors import BadQuery

SHORTEST = 12
"""NIST SP 800-63B-4 asks for 8 with a second factor and 15 without; accounts here lock after few wrong ones."""

LONGEST = 256
AT_ONCE = 2
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
MOST_DRAWN = 1000
"""A short name is in one of a hundred that are drawn."""

# OWASP Password Storage Cheat Sheet: 46 MiB, one pass, one lane; the one of the equal choices that takes least time.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_EASY = re.compile(r"(.{1,3})\1+|.*(password|passwort|qwerty|letmein|123456|密码).*", re.IGNORECASE)


class Passwords:
    """For one event loop."""

    def __init__(self, hasher: PasswordHasher = _HASHER) -> None:
        self._hasher = hasher
        self._room = asyncio.Semaphore(AT_ONCE)
        self._nobodys = ""

    async def hashed(self, password: str) -> str:
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def fits(self, password: str, kept: str) -> bool:
        """An empty `kept` is nobody's: it costs the same time and never fits."""
        if not kept and not self._nobodys:
            self._nobodys = await self.hashed(secrets.token_urlsafe())
        async with self._room:
            return await asyncio.to_thread(self._verify, password, kept or self._nobodys) and bool(kept)

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, _normal(password)[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False


def check_password(password: str, name: str) -> None:
    """
    Raises:
        BadQuery: it is too short, too long or too easy; says what to do, never what it was.
    """
    normal = _normal(password)
    if not SHORTEST <= len(normal) <= LONGEST:
        raise BadQuery(f"a password has {SHORTEST} to {LONGEST} characters; a sentence is a good one")
    if _is_easy(normal, name):
        raise BadQuery("this password is too easy to guess; take one without repetitions, common words and the name")


def temporary_password(name: str) -> str:
    """79 bits, without letters that look like others, and good for who is called `name`; changed at the first login."""
    made = _drawn()
    for _ in range(MOST_DRAWN):
        if not _is_easy(made, name):
            break
        made = _drawn()
    return made


def _drawn() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _is_easy(password: str, name: str) -> bool:
    return bool(_EASY.fullmatch(password)) or name.lower() in password.lower()


def _normal(password: str) -> str:
    """The same characters however they were typed (RFC 8265); what no keyboard types does not break the hashing."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()
