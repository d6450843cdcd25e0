"""Every kind of problem that has to be proved absent before publishing: told with file, line, step and remedy."""

from textwrap import dedent

import pytest

from ivr.flow.loader import read_flow
from ivr.flow.problems import Level, Problem

FLOW = """\
flow: shop
languages: [en, zh]
start: hello
agent: person
slots:
  place: { kind: text }
  pin: { kind: digits, secret: true }
intents:
  branch: { phrases: { en: [a, b, c, d, e], zh: [一, 二, 三, 四, 五] } }
  hours: { phrases: { en: [f, g, h, i, j], zh: [六, 七, 八, 九, 十] } }
steps:
  hello:
    ask: { en: [Yes?], zh: [您好?] }
    intents: { branch: where, hours: look }
  where:
    collect: [place, pin]
    prompt: { en: Where?, zh: 哪里? }
    then: look
  look:
    fetch: "http://shop/{place}"
    then: tell
    failed: tell
  tell:
    say: { en: "It is {place}.", zh: "是{place}。" }
    then: bye
  person:
    queue: people
    otherwise: bye
  bye: { hangup: done }
"""

PUT_IN = "Put an ask, collect, confirm or menu into it."

# (what is changed, into what), (line, step, level, code), message, remedy
KINDS: list[tuple[tuple[tuple[str, str], ...], tuple[int, str, Level, str], str, str]] = [
    (
        (("then: tell\n", "then: tel\n"),),
        (21, "look", "error", "unknown_step"),
        "leads to step 'tel', which is not there.",
        "Did you mean 'tell'?",
    ),
    (
        (("    otherwise: bye\n", "    otherwise: bye\n  lost: { hangup: done }\n"),),
        (29, "lost", "warning", "unreachable"),
        "no step leads here.",
        "Lead to it, or remove it.",
    ),
    (
        (("    then: bye\n", "    then: look\n"),),
        (19, "look", "error", "endless_loop"),
        "goes round without ever listening to the caller: look > tell > look.",
        PUT_IN,
    ),
    (
        (("    then: bye\n", "    then: tell\n"),),
        (23, "tell", "error", "no_way_out"),
        "a call that comes here never ends: no hangup, survey, queue, transfer or return can be reached.",
        "Lead on to a step that ends the call.",
    ),
    (
        (("http://shop/{place}", "http://shop/{palce}"),),
        (20, "look", "error", "undefined_variable"),
        "uses {palce}, which nothing gives a value.",
        "Did you mean 'place'?",
    ),
    (
        (("[您好?]", "[您好?, 请讲。]"),),
        (13, "hello", "warning", "languages_differ"),
        "the languages have different numbers of texts: en 1, zh 2.",
        "Write as many in each.",
    ),
    (
        (("是{place}。", "是的。"),),
        (24, "tell", "warning", "languages_differ"),
        "{place} is said in another language, but not in this one.",
        "Say it in both, or in none.",
    ),
    (
        ((", zh: 哪里? }", " }"),),
        (17, "where", "error", "language"),
        "there is no text in 'zh'.",
        "Add `zh:`.",
    ),
    (
        (("[f, g,", "[f, A!,"),),
        (10, "", "error", "phrases_collide"),
        "'A!' is an example of 'hours' and of 'branch'.",
        "Keep it in one of them.",
    ),
    (
        (("    failed: tell\n", ""),),
        (19, "look", "error", "no_error_path"),
        "a request can fail, but nothing says what happens then.",
        "Add `failed: <step>` that says so and goes on.",
    ),
    (
        (("agent: person\n", "agent: bye\n"),),
        (4, "", "error", "no_human"),
        "there is no path to a human: from 'bye' no queue and no transfer is reached.",
        "Add a queue or transfer step after it.",
    ),
    (
        (("[Yes?]", f"[{'word ' * 60}]"),),
        (12, "hello", "warning", "far_from_human"),
        "a caller who is not understood here needs 78 s to reach a person.",
        "Shorten the prompts, or set `tries: 2`.",
    ),
    (
        (("  place: { kind: text }\n", "  place: { kind: text }\n  day: { kind: date }\n"),),
        (7, "", "warning", "unused_slot"),
        "slot 'day' is never asked for and no phrase mentions it.",
        "Remove it, or collect it.",
    ),
    (
        (("It is {place}.", "It is {place} {pin}."), ("是{place}。", "是{place}{pin}。")),
        (24, "tell", "error", "secret"),
        "'pin' is secret, but would be spoken, noted or handed over here.",
        "Send it in the `body:` of a request instead.",
    ),
    (
        (
            ("  bye: {", "  keep: { note: { x: '{pin}' }, then: bye }\n  bye: {"),
            ("    then: bye\n", "    then: keep\n"),
        ),
        (29, "keep", "error", "secret"),
        "'pin' is secret, but would be spoken, noted or handed over here.",
        "Send it in the `body:` of a request instead.",
    ),
]


def found(text: str) -> list[Problem]:
    return read_flow("flows/shop/shop.yaml", read=lambda path: text)[1]


def test_the_flow_they_are_put_into_has_none_of_them() -> None:
    assert found(FLOW) == []


@pytest.mark.parametrize(
    ("changes", "where", "message", "remedy"), KINDS, ids=[f"{at + 1} {one[1][3]}" for at, one in enumerate(KINDS)]
)
def test_a_problem_is_told_with_file_line_step_and_remedy(
    changes: tuple[tuple[str, str], ...], where: tuple[int, str, Level, str], message: str, remedy: str
) -> None:
    text = dedent(FLOW)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    line, step, level, code = where
    assert Problem("flows/shop/shop.yaml", line, step, message, remedy, level, code) in found(text)


def test_errors_block_and_warnings_do_not() -> None:
    for changes, (_, _, level, _), _, _ in KINDS:
        text = FLOW
        for old, new in changes:
            text = text.replace(old, new, 1)
        assert ("error" in {problem.level for problem in found(text)}) == (level == "error")
