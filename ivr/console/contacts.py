"""Pure: a call's record as a contact that the metrics count."""

from ivr.model.calls import CallRecord
from ivr.model.contacts import Contact


def contact_of(record: CallRecord) -> Contact:
    """What the record of the call itself tells; visits to queues and what an agent wrote are not in it."""
    return Contact(
        record.call_id, record.arrived_at, record.direction, customer=record.caller, language=record.language,
        flow=record.flow, flow_version=record.flow_version, disconnect_by=record.disconnect_by,
        end_reason=record.end_reason, handled_by=record.handled_by, escalation_reason=record.escalation_reason,
        survey=record.survey,
    )  # fmt: skip
