"""Pure: a request of the flow to another system while it is under way: what is said, how long it may take."""

from dataclasses import dataclass

from ivr.call.timing import FETCH_LIMIT, FETCH_LIMIT_SECONDS, FILLER, FILLER_SECONDS, FILLERS
from ivr.flow.progress import Outcome
from ivr.model.commands import Command, Fetch, StartTimer
from ivr.model.events import Fetched


@dataclass(slots=True)
class Lookup:
    """At most one at a time: the flow waits for its answer."""

    _request: Fetch | None = None

    @property
    def is_under_way(self) -> bool:
        return self._request is not None

    def begin(self, request: Fetch) -> list[Command]:
        self._request = request
        return [request, StartTimer(FILLER, FILLER_SECONDS), StartTimer(FETCH_LIMIT, FETCH_LIMIT_SECONDS)]

    def filler(self, language: str) -> str:
        """What is said so that the caller does not wonder; empty when nothing is under way."""
        if self._request is None:
            return ""
        return self._request.filler or FILLERS.get(language, FILLERS["en"])

    def too_late(self) -> Outcome | None:
        """The limit is over."""
        return self.came_back(Fetched(self._request.name, ok=False, error="timeout")) if self._request else None

    def came_back(self, event: Fetched) -> Outcome | None:
        """What the flow is told; None for an answer that nobody waits for any more."""
        if self._request is None or self._request.name != event.name:
            return None
        self._request = None
        facts = {"status": str(event.status), "error": event.error}
        return Outcome("ok" if event.ok else "failed", event.body, facts)
