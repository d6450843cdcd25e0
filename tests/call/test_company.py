"""Waits and talks are told apart, also when the person's line was lost in between."""

from ivr.call.company import Company
from ivr.model.events import AgentJoined, QueueLeft


def test_a_caller_whose_person_was_lost_waits_again() -> None:
    company = Company()
    company.joined_queue("general", 10.0)
    company.agent_joined(AgentJoined("ann"), 30.0)
    company.waits_again(90.0)
    assert (company.is_waiting, company.is_talking) == (True, False)
    company.agent_joined(AgentJoined("bob"), 100.0)
    company.left(QueueLeft("connected", "bob"), 140.0)
    assert company.stats(150.0) == {
        "queues": ["general"], "queue_seconds": 30.0, "agents": ["ann", "bob"], "talk_seconds": 100.0,
    }  # fmt: skip


def test_a_caller_who_is_moved_to_another_queue_has_waited_in_both() -> None:
    company = Company()
    company.joined_queue("people", 2.0)
    company.moved("rest")
    assert company.stats(12.0) == {"queues": ["people", "rest"], "queue_seconds": 10.0}
