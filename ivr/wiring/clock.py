"""The real clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> float:
        return time.monotonic()

    def utc(self) -> datetime:
        return datetime.now(UTC)
