"""What people who write flows get wrong in YAML and in names, and what they are told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.check_surroundings import Surroundings
from ivr.flow.loader import read_flow
from ivr.flow.problems import FlowProblems, Problem
from ivr.flow.yaml_lines import read_yaml

FLOW = """\
flow: clinic
start: hello
agent: person
slots:
  day: { kind: date }
intents:
  book: { phrases: [one, two, three, four, five] }
steps:
  hello:
    ask: [Hello., "Say 'book'."]
    intents: { book: which }
  which:
    collect: day
    prompt: Which day?
    then: sure
  sure:
    confirm: "On {day}?"
    yes: bye
    no: which
  person:
    queue: reception
    otherwise: bye
  bye:
    hangup: self_service_completed
"""

LINED_UP = "the line is not indented as the lines it belongs to."
QUOTES = "Put quotes around the whole text."

# what is written, what instead, what is told
MISTAKES = {
    "a tab": (
        "    prompt:",
        "\tprompt:",
        "14: error: step 'which': the line is indented with a tab. Indent with spaces.",
    ),
    "a space too few": (
        "    prompt:",
        "   prompt:",
        f"14: error: step 'which': {LINED_UP} It has 3 spaces before it, line 13 has 4, "
        "line 12, which those belong to, has 2.",
    ),
    "two spaces too many": (
        "    prompt:",
        "      prompt:",
        "14: error: step 'which': the line is indented further than the one it goes on with. "
        "It has 6 spaces before it, line 13 has 4, line 12, which those belong to, has 2.",
    ),
    "a step at the margin": (
        "  which:\n",
        "which:\n",
        f"16: error: step 'sure': {LINED_UP} It has 2 spaces before it, line 15 has 4, "
        "line 12, which those belong to, has 0.",
    ),
    "curly quotes": (
        '"On {day}?"',
        "“On {day}: really?”",
        "17: error: step 'sure': “ is not a quote that YAML knows. Use the plain ones: \"…\" or '…'.",
    ),
    "a quote left open": (
        '"On {day}?"',
        '"On {day}?',
        "17: error: step 'sure': a quote opens here and is never closed. Close it at the end of the text.",
    ),
    "a colon in a text": (
        "Which day?",
        "Well: which?",
        f"14: error: step 'which': the text has a ':' in it. {QUOTES}",
    ),
    "an apostrophe between single quotes": (
        "Which day?",
        "'What's the day?'",
        "14: error: step 'which': the text begins with ', so that it ends with the next ', but more follows. "
        "Put quotes around the whole text, other ones than those in it.",
    ),
    "a place at the beginning": (
        '"On {day}?"',
        "{day}, right?",
        "17: error: step 'sure': the text begins with {, so that it ends with the next }, but more follows. "
        "Put quotes around the whole text, other ones than those in it.",
    ),
    "a list left open": (
        "four, five] }",
        "four, five }",
        "7: error: a bracket [ opens here and is not closed. "
        "Close it with ]; a text with , [ ] { or } in it needs quotes.",
    ),
    "braces left open": (
        "{ book: which }",
        "{ book: which",
        "11: error: step 'hello': a bracket { opens here and is not closed. "
        "Close it with }; a text with , [ ] { or } in it needs quotes.",
    ),
    "a brace too many": (
        "{ book: which }",
        "{ book: which }}",
        "11: error: step 'hello': there is a } too many. Remove it.",
    ),
    "no colon": (
        "yes: bye",
        "yes bye",
        "18: error: step 'sure': the line has no ':' with a space after it. Write `name: value`, with the plain colon.",
    ),
    "a wide colon": (
        "prompt: Which",
        "prompt：Which",
        "14: error: step 'which': the line has no ':' with a space after it. "
        "Write `name: value`, with the plain colon.",
    ),
    "a sign that YAML keeps": (
        "Which day?",
        "%day?",
        f"14: error: step 'which': no text may begin with %. {QUOTES}",
    ),
    "a dash": ("Which day?", "- Which day?", f"14: error: step 'which': no text may begin with -. {QUOTES}"),
    "a bar": ("Which day?", "|Which day?", f"14: error: step 'which': no text may begin with |. {QUOTES}"),
    "an anchor": (
        "Which day?",
        "&day which?",
        "14: error: no text may begin with &: anchors, aliases and tags are not used in flows. "
        "Put quotes around it, or write out what it stands for.",
    ),
    "a tag": (
        "Which day?",
        "!day which?",
        "14: error: no text may begin with !: anchors, aliases and tags are not used in flows. "
        "Put quotes around it, or write out what it stands for.",
    ),
    "steps as a list": (
        "  hello:\n    ask:",
        "  - hello:\n    ask:",
        "12: error: step 'which': lines with a dash and lines without one are mixed below the same name. "
        "Take the dashes away, or give each line one.",
    ),
    "a second document": (
        "slots:\n",
        "---\nslots:\n",
        "4: error: --- begins a second document, but a file is one. Remove the line.",
    ),
    "a backslash": (
        "Which day?",
        '"Which \\day?"',
        "14: error: step 'which': between double quotes a \\ begins a sign of its own. "
        "Use single quotes, or write \\\\ for it.",
    ),
    "two verbs in a step": (
        "    then: sure\n",
        "    then: sure\n    hangup: done\n",
        "16: error: step 'which': a step does one thing, but here 'hangup:' is a second one. "
        "Give 'hangup:' a step of its own, and lead there with `then:`.",
    ),
    "a slot with a type": (
        "{ kind: date }",
        "{ type: date }",
        "5: error: 'slots.day.type' is not known here. There is: confirm, keys, kind, length, secret, severity.",
    ),
    "a value the call gives": (
        "slots:\n",
        "variables: { language: en }\nslots:\n",
        "4: warning: 'language' has its value from the call itself; what is put into it here is lost. "
        "Take another name.",
    ),
    "a language set like a variable": (
        "    yes: bye\n",
        "    yes: chinese\n",
        "25: warning: step 'chinese': the language of a call is no variable; what is put into it here is lost. "
        "Write `set: {}` and `language: zh` in a step.",
    ),
    "a slot for the language": (
        "  day: { kind: date }\n",
        "  day: { kind: date }\n  language: { kind: text }\n",
        "6: warning: 'language' has its value from the call itself; what is put into it here is lost. "
        "Take another name.",
    ),
    "a counter that nothing begins": (
        "    yes: bye\n",
        "    yes: chinese\n",
        "26: warning: step 'chinese': 'tries' is calculated from itself, and nothing gives it a first value. "
        "Add `variables: { tries: 0 }` above the steps.",
    ),
    "words for signs in a condition": (
        "    then: sure\n",
        "    check: day != '' and day != '1'\n    check_failed: Again.\n    then: sure\n",
        "write && for and, || for or, ! for not). See the table of conditions in docs/flows.md.",
    ),
}


def told(text: str, around: Surroundings | None = None) -> list[str]:
    return [str(problem) for problem in read_flow("flow.yaml", read=lambda path: text, around=around)[1]]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_at_its_line_with_what_to_do(mistake: str) -> None:
    written, instead, expected = MISTAKES[mistake]
    assert FLOW.count(written) == 1
    text = FLOW.replace(written, instead)
    if "chinese" in instead:
        text += "  chinese:\n    set: { language: zh, tries: = tries + 1 }\n    then: bye\n"
    if expected[0].isdigit():
        assert f"flow.yaml:{expected}" in told(text)
    else:
        assert [problem for problem in told(text) if problem.endswith(expected)]


def test_the_flow_they_are_put_into_is_sound() -> None:
    assert told(FLOW) == []


@given(
    st.integers(0, len(FLOW) - 1),
    st.sampled_from(
        ["\t", " ", "  ", "\n", "-", "- ", ":", ": ", "'", '"', "{", "}", "[", "]", "#", "&", "*", "!", "|"]
    ),
    st.booleans(),
)
def test_whatever_is_mistyped_is_told_and_never_breaks_the_check(place: int, typed: str, over: bool) -> None:
    text = FLOW[:place] + typed + FLOW[place + over :]
    problems: tuple[Problem, ...] = ()
    try:
        read_yaml(text, "flow.yaml")
    except FlowProblems as error:
        problems = error.problems
    assert all(0 < problem.line <= text.count("\n") + 1 and problem.remedy for problem in problems)


def test_a_file_that_is_not_in_utf8_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_bytes(FLOW.encode("utf-16"))
    why = "the file is not text in UTF-8. Save it again, with the encoding UTF-8."
    assert [str(problem) for problem in read_flow(tmp_path / "flow.yaml")[1]] == [f"{tmp_path}/flow.yaml: error: {why}"]


def test_a_missing_file_is_told_with_the_one_that_is_nearly_called_so(tmp_path: Path) -> None:
    (tmp_path / "hotline.yaml").write_text(FLOW, encoding="utf-8")
    endings = [told_of(tmp_path / name) for name in ("hotlin.yaml", "other.yaml")]
    assert endings == [" Did you mean 'hotline.yaml'?", ""]


def told_of(path: Path) -> str:
    (problem,) = read_flow(path)[1]
    return str(problem).removeprefix(f"{path}: error: there is no such file that can be read.")


def test_a_knowledge_file_that_is_not_in_utf8_is_told(tmp_path: Path) -> None:
    asks = FLOW.replace(
        "    hangup: self_service_completed", "    answer: facts.yaml\n    then: end\n    not_found: end"
    )
    (tmp_path / "flow.yaml").write_text(asks + "  end: { hangup: done }\n", encoding="utf-8")
    (tmp_path / "facts.yaml").write_bytes("knowledge: größer".encode("latin-1"))
    (problem,) = read_flow(tmp_path / "flow.yaml")[1]
    assert str(problem).startswith(f"{tmp_path}/facts.yaml: error: the file is not text in UTF-8.")


ASKS = """\
flow: shop
start: look
agent: person
needs: [shop_url, other]
steps:
  look: { fetch: "{shop_url}/stock?{other}", then: call, failed: call }
  call: { transfer: reception, otherwise: person }
  person: { queue: sales, otherwise: bye }
  bye: { hangup: done }
"""

WANTING = [
    "flow.yaml:6: warning: step 'look': asks at {shop_url}, which `facts:` in config.yaml does not give. "
    "Add the address there: `facts: { shop_url: https://… }`.",
    "flow.yaml:7: warning: step 'call': transfers to 'reception', which is no name under `directory:` in config.yaml: "
    "nobody would be called. Did you mean 'receptions'?",
    "flow.yaml:8: warning: step 'person': the queue 'sales' is not under `queues:` in config.yaml and none of "
    "`agents:` there answers it. Add it there and give it to an agent; until somebody answers it, callers get "
    "`otherwise:`.",
]


def test_what_the_configuration_does_not_give_is_warned_of() -> None:
    complete = Surroundings(frozenset({"reception"}), frozenset({"sales"}), frozenset({"shop_url"}))
    empty = Surroundings(frozenset({"receptions"}), frozenset(), frozenset({"other"}))
    assert (told(ASKS), told(ASKS, complete), told(ASKS, empty)) == ([], [], WANTING)


def test_a_name_that_a_call_makes_up_is_believed() -> None:
    text = ASKS.replace("queue: sales", "queue: '{other}'")
    assert not [one for one in told(text, Surroundings(frozenset(), frozenset(), frozenset())) if "queue" in one]
