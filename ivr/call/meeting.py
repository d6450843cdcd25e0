"""A caller talks with people: one room from the moment an agent has answered until the caller is ours again.

The dispatcher calls `Meetings.meet` and waits for it; the desk finds the same meeting by its call and turns its knobs:
hold, mute, consult, complete, cancel, conference, hang up, and a supervisor who listens, whispers or barges in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from ivr.call.attendance import Attendant, Changed, MeetingEnded
from ivr.call.room import Music
from ivr.call.rooms import Rooms
from ivr.call.talk import Meeting
from ivr.model.errors import NotThere
from ivr.model.ports import Guest, Voice

__all__ = ["Meeting", "Meetings"]

log = structlog.get_logger(__name__)

GRACE_SECONDS = 10.0
"""So long an agent whose line was lost may come back: the page was loaded again (domain.md 2.2.5)."""


@dataclass(slots=True)
class Meetings:
    """All meetings of this node."""

    rooms: Rooms
    voice: Voice
    music: Music
    """For callers of queues that have none of their own."""

    queue_music: Mapping[str, Music] = field(default_factory=dict)
    changed: Changed = lambda view: None
    live: dict[str, Meeting] = field(default_factory=dict)
    """By call id."""

    may_return: Callable[[str], bool] = lambda agent: False
    """Whether this agent can come back on another line when theirs is lost: at a desk, not at a telephone."""

    grace_seconds: float = GRACE_SECONDS

    async def meet(
        self, guest: Guest, agent: Attendant, *, whisper: str = "", queue: str = "", language: str = "en"
    ) -> MeetingEnded:
        """Tell the agent `whisper`, bring them together, and return when the caller is alone again. Cancelling it
        frees everybody; the agent's line is hung up in every case."""
        grace = self.grace_seconds if self.may_return(agent.id) else 0.0
        async with self.rooms.open(self.queue_music.get(queue, self.music)) as room:
            meeting = Meeting(guest, room, self.voice, language, self.changed, grace)
            self.live[guest.call_id] = meeting
            try:
                ended = await meeting.run(agent, whisper)
            finally:
                # Also where the caller has hung up and we were cancelled: desks that show the talk must see its end.
                meeting.end("cancelled")
                self.live.pop(guest.call_id, None)
        log.info("meeting over", call_id=guest.call_id, by=ended.by, reason=ended.reason)
        return ended

    def lost_by(self, agent: str) -> Meeting | None:
        """Where the line of this agent was lost a moment ago, and the caller waits for them to `rejoin`."""
        return next((meeting for meeting in self.live.values() if meeting.awaits(agent)), None)

    def find(self, call_id: str) -> Meeting:
        """Raises NotThere: this caller talks with nobody."""
        if call_id not in self.live:
            raise NotThere("this caller does not talk with people now")
        return self.live[call_id]
