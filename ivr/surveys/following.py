"""Pure: who left before the survey is called later: the event for a campaign of the kind `survey_callback`."""

import re
from datetime import timedelta

from ivr.model.calls import CallRecord
from ivr.model.campaigns import Alert, PhoneCandidate

SOURCE = "survey"
KEEPS = timedelta(days=3)
"""After that nobody remembers the call."""

_E164 = re.compile(r"\+[1-9]\d{6,14}")


def follow_up_alert(record: CallRecord) -> Alert | None:
    """What to hand to the campaign; None where there is no number to call. The same call gives the same event."""
    number = record.customers_number
    if record.ended_at is None or not _E164.fullmatch(number):
        return None
    return Alert(
        source=SOURCE,
        event_id=f"survey-{record.call_id}",
        customer=record.customer,
        phones=(PhoneCandidate(number),),
        occurred_at=record.ended_at,
        language=record.language,
        expires_at=record.ended_at + KEEPS,
        facts={"call": record.call_id, "flow": record.flow, "survey_about": "earlier"},
    )
