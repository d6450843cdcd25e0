"""A flow's graph with a call's way on it."""

from ivr.console.graph import drawn, steps_in, way_of
from ivr.flow.schema import FlowFile


def small() -> FlowFile:
    return FlowFile.model_validate(
        {
            "flow": "small",
            "languages": ["en"],
            "start": "greet",
            "steps": {
                "greet": {"say": {"en": "Hello."}, "then": "good"},
                "good": {"say": {"en": "Good."}, "then": "bye"},
                "lost": {"say": {"en": "Lost."}, "then": "bye"},
                "bye": {"hangup": "done"},
            },
        }
    )


def test_the_steps_that_were_taken_and_the_arrows_between_them_stand_out() -> None:
    text = drawn(small(), ["greet", "good", "bye"])
    assert "  class s0,s1,s3 walked\n" in text
    # Arrows count from the one that leads into the flow.
    assert "  linkStyle 1,2 " in text


def test_a_step_with_an_error_stands_out() -> None:
    assert "  class s2 wrong\n" in drawn(small(), wrong=["lost", "no such step"])


def test_without_a_way_the_graph_is_as_it_is() -> None:
    assert "class" not in drawn(small())
    assert "linkStyle" not in drawn(small(), ["elsewhere"])


def test_only_the_way_leaves_out_what_was_not_reached() -> None:
    text = way_of(small(), ["greet", "good", "bye"])
    assert text.startswith("flowchart TD\n")
    assert "lost" not in text
    assert text.count("-->") == 3


def test_a_path_through_several_flows_is_taken_apart() -> None:
    path = ("hotline.greet", "survey.csat", "hotline.bye")
    assert steps_in(path, "hotline") == ["greet", "bye"]


def test_there_is_no_step_of_a_flow_that_was_not_entered() -> None:
    assert steps_in(("hotline.greet",), "survey") == []
