"""Sentences that never change are known before anyone calls."""

from ivr.flow.prompts import fixed_prompts
from tests.flow.kit import flow


def test_fixed_prompts_are_those_without_places() -> None:
    body = """
    start: { ask: [Hello., "Again, {intent}?"], keys: { "1": menu }, help: Say one. }
    menu: { menu: Which?, choices: [{ hear: never said, key: "1", then: bye }] }
    """
    found = fixed_prompts(flow(body, "help: Main help.\nsentences: { sorry: Pardon? }"))
    assert {text for text, _ in found[:5]} == {"Say one.", "Hello.", "Which?", "Main help.", "Pardon?"}
    assert ("Sorry?", "en") in found
    assert not [text for text, _ in found if "{" in text or text in ("never said", ", ")]
