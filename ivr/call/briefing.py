"""Say something to one person in a room and to nobody else there: who is coming."""

import asyncio

import structlog

from ivr.call.rooms import LiveRoom
from ivr.model.audio import FRAME_SECONDS
from ivr.model.errors import IvrError
from ivr.model.ports import Voice

log = structlog.get_logger(__name__)

WHISPER_SECONDS = 3.0
"""Longest that a caller waits for an agent to be told who comes (issue 5: queue and reason in two seconds)."""


async def brief(room: LiveRoom, who: str, rate: int, voice: Voice, text: str, language: str) -> None:
    """Returns when it was said; what fails or takes too long is not said.

    Args:
        rate: samples per second of the person's line.
    """
    name = f"whisper to {who}"
    if not text or name in room.room:
        return
    seat = room.sit(name, "bot", rate, frozenset({who}))
    try:
        async with asyncio.timeout(WHISPER_SECONDS):
            async for frame in voice.speak(text, rate, language):
                seat.put(frame)
            if not seat.is_left:
                await asyncio.sleep((room.room.waiting(name) + 2) * FRAME_SECONDS)
    except TimeoutError:
        log.warning("a whisper was cut short", agent=who)
    except IvrError as error:
        log.warning("an agent could not be told who comes", agent=who, code=error.code)
    finally:
        seat.leave()
