"""Pure: moments and durations as pages show them."""

from datetime import datetime


def clock(at: datetime | None) -> str:
    """In the time of the server, where the supervisors are."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else "–"


def lasting(seconds: float | None) -> str:
    """1:05, 1:02:03; a dash where there is none."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
