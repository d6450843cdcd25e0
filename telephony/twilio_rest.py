"""Twilio's REST API: placing calls, redirecting and ending them. Through Twilio's own SDK, asynchronously.

What may be repeated is repeated with growing pauses when Twilio is busy or broken. Placing a call may not: when its
answer is lost, the list of calls is asked whether it was placed.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
import structlog
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from ivr.model.errors import LineError
from telephony.decisions import FINAL
from telephony.dial_plan import DialPlan
from telephony.outgoing import OutgoingCalls
from telephony.twilio_settings import TwilioSettings

PAUSES = (0.5, 1.0, 2.0)
"""Seconds before each repetition."""

TOO_MANY = 429
CLOCK_SKEW = timedelta(seconds=5)
EVENTS = ["initiated", "ringing", "answered", "completed"]
RETRY_POLICY = "#rc=2&rp=5xx,ct,rt"
"""Twilio's connection overrides: two more tries of a callback that failed. Not part of the signed address."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


class TwilioDialer:
    """A `Dialer`, and what else REST can do to a call. One for the server; `close` it."""

    def __init__(
        self,
        settings: TwilioSettings,
        plan: DialPlan,
        outgoing: OutgoingCalls,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._plan, self._outgoing, self._pause, self._utc = settings, plan, outgoing, pause, utc
        self._http: AsyncTwilioHttpClient | None = None
        self._client: Any = None

    async def dial(self, to: str, caller_id: str, flow: str, attempt_id: str) -> str:
        """Start one call and return its CallSid. When it is answered Twilio asks `/twilio/voice?flow=…&attempt=…`.

        Raises:
            NotAllowed: the dial plan forbids the destination, or too many calls are out.
            LineError: Twilio refused, or it is not known whether the call was placed (never dialled again blindly).
        """
        wanted = self._wanted({"flow": flow, "attempt": attempt_id}, {"attempt": attempt_id})
        if self._settings.machine_detection:
            wanted["machine_detection"] = self._settings.machine_detection
            wanted["async_amd"] = "true"
            wanted["async_amd_status_callback"] = self._settings.url("/twilio/machine")
        return await self._place(to, caller_id, attempt_id, wanted)

    async def dial_leg(self, to: str, caller_id: str, key: str, ring_seconds: float) -> str:
        """The same for a call that no flow holds (`telephony.twilio_trunk`): Twilio asks `/twilio/voice?leg=…`.

        Raises:
            NotAllowed, LineError: as `dial`.
        """
        wanted = self._wanted({"leg": key}, {"leg": key})
        return await self._place(to, caller_id, key, {**wanted, "timeout": max(1, round(ring_seconds))})

    async def _place(self, to: str, caller_id: str, key: str, wanted: dict[str, Any]) -> str:
        dialled, began = self._plan.check(to), self._utc()
        self._outgoing.begin(key, time.monotonic())
        for pause in (*PAUSES, None):
            try:
                created: Any = await self._once(lambda: self._calls.create_async(to=dialled, from_=caller_id, **wanted))
                return str(created.sid)
            except TwilioRestException as error:
                if error.status == TOO_MANY and pause is not None:  # refused before it was placed
                    await self._pause(pause)
                elif error.status < 500:
                    self._outgoing.end(key)
                    raise LineError(f"Twilio refused the call: status {error.status}, code {error.code}") from error
                else:
                    return await self._find(dialled, caller_id, began)
            except (TimeoutError, aiohttp.ClientError):
                return await self._find(dialled, caller_id, began)
        raise AssertionError("the last try returns or raises")

    async def redirect(self, call_sid: str, twiml: str) -> None:
        """Give a live call new instructions (at most 4,000 characters). Its stream stops as if the caller had left."""
        await self._repeat(lambda: self._calls(call_sid).update_async(twiml=twiml))

    async def hang_up(self, call_sid: str) -> None:
        await self._repeat(lambda: self._calls(call_sid).update_async(status="completed"))

    async def cancel(self, call_sid: str) -> None:
        """End a call that is queued or ringing; one that was answered goes on."""
        await self._repeat(lambda: self._calls(call_sid).update_async(status="canceled"))

    async def status(self, call_sid: str) -> str:
        """How a call ended (completed, busy, no_answer, failed, cancelled); empty while it goes on.

        Raises:
            LineError: Twilio does not say.
        """
        call = await self._repeat(lambda: self._calls(call_sid).fetch_async())
        return FINAL.get(str(getattr(call.status, "value", call.status)), "")

    async def close(self) -> None:
        if self._http:
            await self._http.close()
        self._http = self._client = None

    @property
    def _calls(self) -> Any:
        if self._client is None:  # the connection pool wants a running event loop
            silent = logging.Logger("twilio")  # the SDK would log every number it dials
            silent.disabled = True
            self._http = AsyncTwilioHttpClient(logger=silent)
            self._client = Client(self._settings.account_sid, self._settings.auth_token, http_client=self._http)
            if self._settings.rest_url:
                self._client.api.base_url = self._settings.rest_url
        return self._client.calls

    def _wanted(self, asked_with: dict[str, str], told_with: dict[str, str]) -> dict[str, Any]:
        return {
            "url": self._settings.url(f"/twilio/voice?{urlencode(asked_with)}"),
            "timeout": self._settings.ring_seconds,
            "time_limit": self._settings.longest_call_seconds,
            "status_callback": self._settings.url(f"/twilio/status?{urlencode(told_with)}{RETRY_POLICY}"),
            "status_callback_event": EVENTS,
        }

    async def placed(self, to: str, caller_id: str, since: datetime) -> list[str]:
        """CallSids of the calls between two numbers that were made since an aware time."""
        day_before = since - timedelta(days=1)  # Twilio looks at the date only, and not always in UTC
        calls = await self._repeat(
            lambda: self._calls.page_async(to=to, from_=caller_id, start_time_after=day_before, page_size=20)
        )
        return [str(call.sid) for call in calls if call.date_created and call.date_created >= since - CLOCK_SKEW]

    async def _find(self, to: str, caller_id: str, began: datetime) -> str:
        """The call that may have been placed though nobody told us."""
        for pause in PAUSES:
            await self._pause(pause)
            placed = await self.placed(to, caller_id, began)
            if len(placed) == 1:
                log.warning("a call was placed though its answer was lost", call_sid=placed[0])
                return placed[0]
        raise LineError("Twilio did not answer, and it is not known whether the call was placed; do not dial again")

    async def _repeat(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        for pause in (*PAUSES, None):
            try:
                return await self._once(ask)
            except TwilioException as error:
                status = _status(error)
                if pause is None or (status != TOO_MANY and status < 500):
                    raise LineError(f"Twilio refused: status {status}") from error
            except (TimeoutError, aiohttp.ClientError) as error:
                if pause is None:
                    raise LineError("Twilio's REST API does not answer") from error
            await self._pause(pause)
        raise AssertionError("the last try returns or raises")

    async def _once(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The SDK's asynchronous client ignores its own timeout."""
        async with asyncio.timeout(self._settings.rest_seconds):
            return await ask()


def _status(error: TwilioException) -> int:
    """HTTP status of a refusal. For lists the SDK raises a bare exception that holds the response."""
    if isinstance(error, TwilioRestException):
        return int(error.status)
    return int(getattr(error.args[-1], "status_code", 0)) if error.args else 0
