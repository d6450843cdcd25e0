"""What the flow editor proposes."""

from ivr.console import completion, links
from ivr.flow.loader import flow_of_texts
from tests.wiring.kit import text


def test_keys_of_a_flow_file_are_proposed_even_before_it_can_be_read() -> None:
    found = {one["label"]: one for one in completion.names(None)}
    assert {"flow", "languages", "steps", "ask", "collect", "then", "otherwise"} <= found.keys()
    assert found["ask"]["type"] == "property"


def test_names_of_this_flow_are_proposed_with_what_they_are() -> None:
    flow = flow_of_texts({"hours.yaml": text()}, "hours.yaml")
    assert {"label": "hours", "type": "variable", "detail": "step"} in completion.names(flow)
    assert '"hours"' in completion.script(7, flow)
    assert "getElement(7)" in completion.script(7, flow)
    assert completion.names_script(flow).startswith("window.ivrNames = [")


def test_addresses_hold_whatever_an_id_holds() -> None:
    assert links.call_link("a/b c") == "/console/call?id=a%2Fb%20c"
    assert links.flow_link("bank/hotline") == "/console/flow?name=bank%2Fhotline"
    assert links.recording_link("a/b") == "/api/calls/a%2Fb/recording"
    assert links.recording_link("c1", "a complaint") == "/api/calls/c1/recording?reason=a%20complaint"
    assert links.recording_link("c1", "a complaint") == "/api/calls/c1/recording?reason=a%20complaint"
    assert links.message_link("m1") == "/api/messages/m1/audio"
