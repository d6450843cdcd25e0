"""Nothing a caller said, pressed or is comes out of the log, even when a log call carries it by mistake."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from ivr.logs import NUMBERS, WORDS, hide_personal, masked, set_up_logs


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_log_line_is_one_json_object_with_message_fields_level_and_time() -> None:
    stream = io.StringIO()
    set_up_logs(stream=stream)
    structlog.get_logger("ivr.call").info("call_ended", call_id="c1", seconds=3.5)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "call_ended", "call_id": "c1", "seconds": 3.5, "level": "info"}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_words_keys_and_secrets_are_hidden_at_any_depth(name: str) -> None:
    event = {"event": "x", name: "four four two one", "inner": {name.upper(): ["a"]}, "list": [{name: "b"}]}
    assert hide_personal(None, "", event) == {
        "event": "x", name: "(hidden)", "inner": {name.upper(): "(hidden)"}, "list": [{name: "(hidden)"}],
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_numbers_keep_their_last_two_digits(name: str) -> None:
    assert hide_personal(None, "", {name: "+8613800000012"}) == {name: "••••••••••••12"}


@pytest.mark.parametrize(("number", "shown"), [("", ""), ("12", "••"), ("1234", "••••"), ("12345", "•••45")])
def test_a_short_number_shows_nothing(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_a_number_inside_another_text_is_masked_and_ids_and_times_are_not() -> None:
    event = {
        "event": "dialled +8613800000012 for %2B15555550134", "call_id": "12345678901234", "at": "2026-11-22T12:00:00Z",
        "text": "", "seconds": 3, "path": ("a", "+15555550134"),
    }  # fmt: skip
    assert hide_personal(None, "", event) == {
        "event": "dialled •••12 for •••34", "call_id": "12345678901234", "at": "2026-11-22T12:00:00Z",
        "text": "", "seconds": 3, "path": ["a", "•••34"],
    }  # fmt: skip


def test_libraries_go_through_the_same_gate_and_tracebacks_show_no_variables() -> None:
    stream = io.StringIO()
    set_up_logs(stream=stream)

    def broken(said: str) -> None:
        raise ValueError("no route to +8613800000012")

    try:
        broken("my secret words")
    except ValueError:
        logging.getLogger("some.library").exception("failed for %s", "+15555550134")
    assert "failed for •••34" in stream.getvalue()
    assert "no route to •••12" in stream.getvalue()
    assert "my secret words" not in stream.getvalue()


def test_chatty_libraries_are_quiet_and_the_level_is_kept() -> None:
    stream = io.StringIO()
    set_up_logs("warning", stream=stream)
    logging.getLogger("uvicorn.access").info("GET /api/calls?caller=12")
    structlog.get_logger("ivr").info("too_quiet")
    structlog.get_logger("ivr").warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_a_terminal_gets_plain_lines_behind_the_same_gate() -> None:
    stream = io.StringIO()
    set_up_logs("debug", as_json=False, stream=stream)
    structlog.get_logger("ivr").debug("call_began", caller="+8613800000012")
    assert "call_began" in stream.getvalue()
    assert "+86138" not in stream.getvalue()
