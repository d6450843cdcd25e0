"""Pure: handling and the people who do it (domain.md 2.3.3)."""

from ivr.insight.metric import Metric, Target
from ivr.insight.metrics_queue import answered, number_of, one
from ivr.model.contacts import AgentShift, Contact, OfferOutcome

SHORT_CALL_SECONDS = 10.0
SOURCE = "domain.md 2.3.3"


def by_agent(contact: Contact) -> bool:
    return contact.handled_by in ("agent", "both")


def _handling(contact: Contact) -> float:
    return contact.talk_seconds + contact.hold_seconds + contact.wrap_up_seconds if by_agent(contact) else 0.0


def _offers(contact: Contact, *outcomes: OfferOutcome) -> int:
    made = [offer for visit in contact.visits for offer in visit.offers]
    return sum(not outcomes or offer.outcome in outcomes for offer in made)


def _busy(shift: AgentShift) -> float:
    return shift.talk + shift.hold + shift.wrap_up


HANDLING: tuple[Metric[Contact], ...] = (
    Metric(
        "aht",
        "Average handling time",
        "平均处理时长",
        "(talk + hold + acw) / handled",
        "seconds",
        "mean",
        _handling,
        by_agent,
        None,
        lambda contact: [_handling(contact)] if by_agent(contact) else [],
        SOURCE,
    ),
    Metric(
        "acw",
        "After-call work",
        "话后时长",
        "wrap-up / handled",
        "seconds",
        "mean",
        lambda contact: contact.wrap_up_seconds if by_agent(contact) else 0.0,
        by_agent,
        source=SOURCE,
    ),
    Metric(
        "avg_hold",
        "Hold time",
        "平均保持时长",
        "hold / contacts that were held",
        "seconds",
        "mean",
        lambda contact: contact.hold_seconds if contact.holds else 0.0,
        lambda contact: contact.holds > 0,
        source=SOURCE,
    ),
    Metric(
        "hold_rate",
        "Held",
        "保持率",
        "contacts that were held / handled",
        "share",
        "share",
        lambda contact: by_agent(contact) and contact.holds > 0,
        by_agent,
        source=SOURCE,
    ),
    Metric(
        "transfer_rate",
        "Transferred",
        "转接率",
        "transferred / answered",
        "share",
        "share",
        lambda contact: contact.transfers > 0 and number_of(answered)(contact) > 0,
        lambda contact: number_of(answered)(contact) > 0,
        source=SOURCE,
    ),
    Metric(
        "transfers_per_contact",
        "Transfers per contact",
        "人均转接次数",
        "transfers / handled",
        "transfers",
        "ratio",
        lambda contact: contact.transfers if by_agent(contact) else 0,
        by_agent,
        source="domain.md 1.1 000-10",
    ),
    Metric(
        "agent_answer_rate",
        "Agents who answer",
        "坐席应答率",
        "accepted / (accepted + rejected + timed_out)",
        "share",
        "share",
        lambda contact: _offers(contact, "accepted"),
        lambda contact: _offers(contact, "accepted", "rejected", "timed_out"),
        source=SOURCE,
    ),
    Metric(
        "rona_rate",
        "Ring, no answer",
        "振铃未接率",
        "timed_out / offers",
        "share",
        "share",
        lambda contact: _offers(contact, "timed_out"),
        _offers,
        source=SOURCE,
    ),
    Metric(
        "agent_first_disconnect_rate",
        "Agent hung up first",
        "坐席先挂机率",
        "ended by the agent / handled",
        "share",
        "share",
        lambda contact: by_agent(contact) and contact.disconnect_by == "agent",
        by_agent,
        source=SOURCE,
    ),
    Metric(
        "short_call_rate",
        "Short calls",
        "短通话率",
        "talk < 10 s / handled",
        "share",
        "share",
        lambda contact: by_agent(contact) and contact.talk_seconds < SHORT_CALL_SECONDS,
        by_agent,
        source=SOURCE,
    ),
)

PEOPLE: tuple[Metric[AgentShift], ...] = (
    Metric(
        "occupancy",
        "Occupancy",
        "占用率",
        "(talk + hold + acw) / (talk + hold + acw + available_idle), breaks excluded",
        "share",
        "ratio",
        _busy,
        lambda shift: _busy(shift) + shift.idle,
        Target(0.75, 0.85),
        source=SOURCE,
    ),
    Metric(
        "occupancy_with_ring",
        "Occupancy, ringing included",
        "占用率(含振铃)",
        "(talk + hold + acw + ring) / (talk + hold + acw + ring + available_idle)",
        "share",
        "ratio",
        lambda shift: _busy(shift) + shift.ring,
        lambda shift: _busy(shift) + shift.ring + shift.idle,
        source=SOURCE,
    ),
    Metric(
        "utilization",
        "Utilization",
        "工时利用率",
        "handling time / logged-in time",
        "share",
        "ratio",
        _busy,
        lambda shift: shift.logged_in,
        source=SOURCE,
    ),
    Metric(
        "adherence",
        "Adherence",
        "排班遵守率",
        "worked as scheduled / scheduled",
        "share",
        "ratio",
        lambda shift: shift.worked_as_scheduled,
        lambda shift: shift.scheduled,
        source=SOURCE,
    ),
    Metric(
        "agents",
        "Agents",
        "坐席数",
        "agents who were logged in",
        "agents",
        "count",
        lambda shift: shift.logged_in > 0,
        one,
        source=SOURCE,
    ),
)
