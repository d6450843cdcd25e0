"""Calls of ours that somebody waits for, by the key that their webhooks and streams carry."""

import asyncio

from ivr.model.errors import CallFailed
from telephony.twilio_line import TwilioLine

OUTCOMES = {"busy": "busy", "no_answer": "no_answer", "cancelled": "no_answer", "completed": "rejected"}
"""Of a call that ended before its sound came, by its final status (`telephony.decisions.FINAL`); others: failed.
Completed: they answered, and hung up at once."""


class TwilioLegs:
    """The trunk expects, the door tells. One for the server."""

    def __init__(self) -> None:
        self._expected: dict[str, asyncio.Future[TwilioLine]] = {}

    def expect(self, key: str) -> "asyncio.Future[TwilioLine]":
        """Gets the line once the call is answered, or CallFailed."""
        answer: asyncio.Future[TwilioLine] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())  # may come when nobody waits
        self._expected[key] = answer
        return answer

    def forget(self, key: str) -> None:
        self._expected.pop(key, None)

    def is_expected(self, key: str) -> bool:
        return key in self._expected

    def answered(self, key: str, line: TwilioLine) -> bool:
        """False: nobody waits any more; hang up."""
        answer = self._expected.pop(key, None)
        if answer is None or answer.done():
            return False
        answer.set_result(line)
        return True

    def ended(self, key: str, status: str) -> None:
        answer = self._expected.pop(key, None)
        if answer is not None and not answer.done():
            answer.set_exception(CallFailed(OUTCOMES.get(status, "failed"), f"Twilio: {status}"))
