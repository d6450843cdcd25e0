"""What a draft changes."""

from ivr.flow.difference import difference
from tests.flow.kit import flow

BEFORE = "start: { say: Hello., then: more }\nmore: { ask: [More?, Any more?], keys: { '1': bye } }"
AFTER = "start: { say: Good day., then: new }\nnew: { ask: [More?, Any more?], keys: { '1': bye }, tries: 2 }"
INNER = "flow: inner\nkind: part\nstart: a\nsteps: { a: { return: x } }"


def test_a_flow_does_not_differ_from_itself() -> None:
    assert difference(flow(BEFORE), flow(BEFORE)) == []


def test_changes_are_told_entry_by_entry() -> None:
    assert [str(change) for change in difference(flow(BEFORE), flow(AFTER))] == [
        "~ test: steps.start.say: ['Hello.'] > ['Good day.']",
        "~ test: steps.start.then: more > new",
        "- test: steps.more: {'keys': {'1': 'bye'}, 'ask': {'': ['More?', 'Any more?']}}",
        "+ test: steps.new: {'keys': {'1': 'bye'}, 'tries': 2, 'ask': {'': ['More?', 'Any more?']}}",
    ]


def test_subflows_that_come_and_go() -> None:
    with_inner = flow("start: { subflow: inner, then: bye }", inner=INNER)
    without = flow("start: { say: Hi., then: bye }")
    assert str(difference(with_inner, without)[-1]) == "- inner: the whole flow: inner"
    assert str(difference(without, with_inner)[-1]) == "+ inner: the whole flow: inner"
