"""Pure: in which time zones somebody may plausibly be, from what was told of them or from their number."""

from zoneinfo import available_timezones

import phonenumbers
from phonenumbers import timezone

from ivr.model.campaigns import Alert

UNKNOWN = "Etc/Unknown"
KNOWN = available_timezones()


def zones_of(alert: Alert, number: str) -> tuple[str, ...]:
    """The zone the event names, else every zone of the number's prefix; none where nothing is known."""
    if alert.timezone:
        return (alert.timezone,) if alert.timezone in KNOWN else ()
    try:
        found = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in found if zone != UNKNOWN and zone in KNOWN)
