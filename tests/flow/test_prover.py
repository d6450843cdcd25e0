"""What a supervisor is told about a flow that would not work: file, line, step, what is wrong, and the remedy."""

from pathlib import Path
from textwrap import dedent

import pytest

from ivr.flow.loader import flow_of_texts, load_flow, read_flow
from ivr.flow.patience import seconds_to_human
from ivr.flow.problems import FlowProblems, Problem, did_you_mean
from tests.flow.kit import findings, flow

GOOD = """\
flow: test
start: hello
agent: person
slots: { place: { kind: text } }
intents: { branch: { phrases: [a, b, c, d, e] } }
steps:
  hello: { ask: Yes?, intents: { branch: where } }
  where: { collect: place, prompt: Where?, then: bye }
  person: { queue: people, otherwise: bye }
  bye: { hangup: done }
"""


def broken(*changes: tuple[str, str], **others: str) -> list[str]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return findings(text, **others)


def step(text: str, head: str = "") -> list[str]:
    """Findings about one step `it`, which `hello` leads to."""
    extra = dedent(text).strip("\n").replace("\n", "\n  ")
    changed = GOOD.replace("branch: where }", "branch: where }, keys: { '1': it }") + f"  it: {extra}\n" + head
    return findings(changed)


def test_a_good_flow_has_no_finding() -> None:
    assert findings(GOOD) == []
    assert load_flow is not None
    assert flow_of_texts({"test.yaml": GOOD}, "test.yaml").warnings == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "test.yaml:1: error: the file is empty. Begin with `flow: name`."),
        ("- a", "test.yaml:1: error: this is not a flow. Begin with `flow: name`."),
        (
            "flow: [a",
            "test.yaml:1: error: a bracket [ opens here and is not closed. "
            "Close it with ]; a text with , [ ] { or } in it needs quotes.",
        ),
        (
            "flow: \x00",
            "test.yaml:1: error: the file holds characters that may not stand in YAML. Save it as UTF-8 text.",
        ),
        (
            "flow: &a test\nstart: *a",
            "test.yaml:1: error: no text may begin with &: anchors, aliases and tags are not used in flows. "
            "Put quotes around it, or write out what it stands for.",
        ),
        (
            "flow: test\nsteps:\n  a: { hangup: x }\n  a: { hangup: y }",
            "test.yaml:4: error: 'a' stands here twice (first on line 3). Keep one of them.",
        ),
        (
            "flow: test\nflow: other",
            "test.yaml:2: error: 'flow' stands here twice (first on line 1). Keep one of them.",
        ),
    ],
)
def test_a_file_that_is_not_a_flow(text: str, expected: str) -> None:
    assert findings(text) == [expected]


def test_everything_wrong_is_told_at_once_at_its_line() -> None:
    text = """\
    flow: test
    start: a
    colour: red
    steps:
      a: { say: Hello }
      b: { shout: Hello, then: a }
      c: { hangup: x, survey: perhaps }
      d:
      e: { fetch: "http://x", method: BREW, then: a, failed: a, timeout_seconds: soon, retries: 9 }
      f: { say: Hello, queue: x, then: a }
    """
    assert findings(text) == [
        "test.yaml:3: error: 'colour' is not known here. There is: agent, agent_request, anywhere, confidence, "
        "controls, flow, goodbye, help, intents, keys, kind, labels ….",
        "test.yaml:5: error: step 'a': needs 'then:', which is missing.",
        "test.yaml:6: error: step 'b': begins with none of the words a step can begin with. "
        "There is: answer, ask, branch, collect, confirm, fetch, hangup, menu, message, note, queue, return ….",
        "test.yaml:7: error: step 'c': 'survey' has to be true or false.",
        "test.yaml:8: error: step 'd': begins with none of the words a step can begin with. "
        "A step is one of: say, ask, collect, confirm, menu, branch, set, fetch, answer, queue, transfer, note, "
        "message, subflow, return, hangup, survey.",
        "test.yaml:9: error: step 'e': 'method' cannot be 'BREW'. "
        "It is one of: 'GET', 'POST', 'PUT', 'PATCH' or 'DELETE'.",
        "test.yaml:9: error: step 'e': 'timeout_seconds' has to be a number.",
        "test.yaml:9: error: step 'e': 'retries' has to be 3 or less.",
        "test.yaml:10: error: step 'f': a step does one thing, but here 'queue:' is a second one. "
        "Give 'queue:' a step of its own, and lead there with `then:`.",
    ]


def test_a_text_that_is_missing() -> None:
    assert findings("flow: test\nstart: a\nsteps:\n  a: { say: , then: a }") == [
        "test.yaml:4: error: step 'a': 'say' is empty."
    ]


def test_a_flow_without_steps() -> None:
    assert findings("flow: test\nstart: a") == ["test.yaml:1: error: needs 'steps:', which is missing."]
    assert findings("flow: test\nstart: a\nsteps: []") == ["test.yaml:3: error: 'steps' is empty."]
    assert findings("flow: test\nstart: a\nsteps:") == ["test.yaml:3: error: 'steps' is empty."]


def test_a_step_inside_a_flow_with_a_bad_name() -> None:
    assert findings("flow: My Flow\nstart: a\nsteps: { a: { hangup: x } }") == [
        "test.yaml:1: error: 'flow' has a value that is not allowed: My Flow."
    ]


def test_targets_that_are_not_there() -> None:
    assert broken(("branch: where", "branch: wher"), ("start: hello", "start: helo"))[:2] == [
        "test.yaml:2: error: 'start' leads to step 'helo', which is not there. Did you mean 'hello'?",
        "test.yaml:7: error: step 'hello': leads to step 'wher', which is not there. Did you mean 'where'?",
    ]


def test_a_step_that_nothing_leads_to_is_a_warning_only() -> None:
    text = GOOD + "  lonely: { say: Hm., then: bye }\n"
    assert findings(text) == ["test.yaml:11: warning: step 'lonely': no step leads here. Lead to it, or remove it."]
    assert len(flow_of_texts({"test.yaml": text}, "test.yaml").warnings) == 1


def test_loops_that_never_listen_and_steps_with_no_way_out() -> None:
    found = step("{ fetch: 'http://x', then: it, failed: it }")
    assert found == [
        "test.yaml:11: error: step 'it': a call that comes here never ends: no hangup, survey, queue, transfer or "
        "return can be reached. Lead on to a step that ends the call.",
        "test.yaml:11: error: step 'it': goes round without ever listening to the caller: it > it. "
        "Put an ask, collect, confirm or menu into it.",
    ]
    long = "{ say: A., then: b }\nb: { say: B., then: c }\nc: { branch: [{ when: 1 == 1, then: it }], otherwise: bye }"
    assert step(long) == [
        "test.yaml:12: error: step 'b': goes round without ever listening to the caller: b > c > it > b. "
        "Put an ask, collect, confirm or menu into it."
    ]


def test_no_path_to_a_human() -> None:
    assert broken(("agent: person\n", ""), ("  person: { queue: people, otherwise: bye }\n", "")) == [
        "test.yaml:1: error: there is no path to a human: `agent:` is missing. "
        "Name the step that leads to a queue or a transfer: `agent: to_person`.",
    ]
    assert broken(("agent: person", "agent: bye"))[0] == (
        "test.yaml:3: error: there is no path to a human: from 'bye' no queue and no transfer is reached. "
        "Add a queue or transfer step after it."
    )


def test_what_comes_from_outside_can_fail() -> None:
    assert step("{ fetch: 'http://x', then: bye }") == [
        "test.yaml:11: error: step 'it': a request can fail, but nothing says what happens then. "
        "Add `failed: <step>` that says so and goes on."
    ]
    assert step("{ transfer: x }") == [
        "test.yaml:11: error: step 'it': nobody may answer, but nothing says what happens then. "
        "Add `otherwise: <step>`."
    ]


def test_names_that_mean_nothing() -> None:
    assert step("{ say: 'Hi {plaice}, {place|loud} and {a.b}.', then: bye }") == [
        "test.yaml:11: error: step 'it': 'loud' is not a way to word a value. "
        "There is: code, date, digits, distance, duration, money, number, ordinal, percent, phone, spell, time.",
        "test.yaml:11: error: step 'it': uses {plaice}, which nothing gives a value. Did you mean 'place'?",
        "test.yaml:11: error: step 'it': {a.b} cannot be filled: only a name, or name|wording, may stand in braces.",
    ]
    assert step("{ branch: [{ when: plaice == '', then: bye }, { when: place ==, then: bye }], otherwise: bye }") == [
        "test.yaml:11: error: step 'it': 'place ==' cannot be read (column 9: Syntax error: mismatched input '<EOF>' "
        "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, "
        "BYTES, IDENTIFIER}). See the table of conditions in docs/flows.md.",
        "test.yaml:11: error: step 'it': 'plaice == ''' uses plaice, which nothing gives a value. "
        "Did you mean 'place'?",
    ]
    assert step("{ set: { x: '= open(place)', y: [{ z: '= size(place)' }] }, then: bye }") == [
        "test.yaml:11: error: step 'it': 'open(place)' uses open(), which is not a function of the flow language. "
        "See the table of conditions in docs/flows.md."
    ]
    assert step("{ collect: plaice, prompt: Where?, check: place == '', correct: {}, then: bye }")[0].startswith(
        "test.yaml:11: error: step 'it': 'correct' is not known here."
    )
    assert step("{ collect: plaice, prompt: Where?, check: place == '', then: bye }") == [
        "test.yaml:11: error: step 'it': there is no slot 'plaice'. Did you mean 'place'?"
    ]
    assert step(
        "{ confirm: Sure?, correct: { plaice: bye }, also: plaice, intents: { bra: bye }, yes: bye, no: bye }"
    ) == [
        "test.yaml:11: error: step 'it': there is no intent 'bra'. Did you mean 'branch'?",
        "test.yaml:11: error: step 'it': there is no slot 'plaice'. Did you mean 'place'?",
        "test.yaml:11: error: step 'it': there is no slot 'plaice'. Did you mean 'place'?",
    ]
    assert step("{ queue: x, handoff: [plaice], otherwise: bye }") == [
        "test.yaml:11: error: step 'it': there is no variable 'plaice'. Did you mean 'place'?"
    ]
    assert step("{ say: Hi., then: bye }", "anywhere: { foo: bye }\nsentences: { sory: Pardon? }\n") == [
        "test.yaml:12: error: there is no intent 'foo'. There is: branch.",
        "test.yaml:13: error: there is no sentence 'sory'. Did you mean 'sorry'?",
    ]


def test_every_text_of_a_request_is_looked_at() -> None:
    assert step(
        "{ fetch: 'http://x/{a}', body: { x: '{b}', n: 1 }, headers: { H: '{c}' }, then: bye, failed: bye }"
    ) == [
        f"test.yaml:11: error: step 'it': uses {{{name}}}, which nothing gives a value. {near}"
        for name, near in (
            ("a", did_you_mean("a", KNOWN)),
            ("b", did_you_mean("b", KNOWN)),
            ("c", did_you_mean("c", KNOWN)),
        )
    ]
    assert len(step("{ note: { a: '{b}' }, then: bye }")) == 1
    assert len(step("{ transfer: '{b}', summary: '{c}', otherwise: bye }")) == 2


KNOWN = {"place", "intent", "escalation_reason", "status", "caller", "called", "call_id", "language"}


def test_slots_and_lists() -> None:
    kinds = "slots: { place: { kind: txt }, pin: { kind: text, secret: true } }"
    assert broken(("slots: { place: { kind: text } }", kinds)) == [
        "test.yaml:4: error: slot 'pin' is secret, so it has to be keyed in, but 'text' cannot be. "
        "Make it `kind: digits`.",
        "test.yaml:4: error: slot 'place' is of the kind 'txt', which is not known. Did you mean 'text'?",
        "test.yaml:4: warning: slot 'pin' is never asked for and no phrase mentions it. Remove it, or collect it.",
    ]
    listed = "lists: { size: { big: [big, large], small: [small, Large] } }\n"
    listed += "slots: { place: { kind: size, keys: { '1': huge } } }"
    assert broken(("slots: { place: { kind: text } }", listed)) == [
        "test.yaml:4: error: 'Large' stands for 'small' and for 'big'. Keep it in one of them.",
        "test.yaml:5: error: key 1 of slot 'place' gives 'huge', which is not in the list 'size'. "
        "There is: big, small.",
    ]


def test_intents_that_collide_or_lead_nowhere_or_have_few_phrases() -> None:
    more = "intents: { branch: { phrases: [a, b, c, d, '{town}'] }, other: { phrases: ['A!', x, y] } }"
    assert broken(("intents: { branch: { phrases: [a, b, c, d, e] } }", more)) == [
        "test.yaml:5: error: 'A!' is an example of 'other' and of 'branch'. Keep it in one of them.",
        "test.yaml:5: error: a phrase mentions {town}, but there is no such slot. There is: place.",
        "test.yaml:5: warning: intent 'other' has only 3 phrases in 'en'. Give 5 to 20.",
        "test.yaml:5: warning: intent 'other' leads nowhere. Add it to the `intents:` of a step, or remove it.",
    ]


def test_brackets_of_phrases_have_to_match() -> None:
    pattern = "intents: { branch: { phrases: ['(get|find) me a [nearby] branch', '(get me a branch', 'a | b'] } }"
    remedy = "`(a|b)` is one of several, `[a]` may be left out; every bracket needs its other half."
    assert broken(("intents: { branch: { phrases: [a, b, c, d, e] } }", pattern)) == [
        f"test.yaml:5: error: in '(get me a branch' a ')' is missing. {remedy}",
        f"test.yaml:5: error: in 'a | b' '|' stands outside of brackets. {remedy}",
    ]


def test_menus() -> None:
    found = step(
        "{ menu: Which?, choices: [{ key: '1', then: bye }, { key: '1', then: bye }, { name: x, then: bye }] }"
    )
    assert found == [
        "test.yaml:11: error: step 'it': a choice can neither be said nor pressed. Add `hear:` or `key:`.",
        "test.yaml:11: error: step 'it': key 1 stands for two choices. Give each its own.",
    ]


def test_languages_have_to_be_complete_and_alike() -> None:
    text = """\
    flow: test
    languages: [en, zh, xx]
    start: hello
    agent: person
    help: Just say it.
    intents: { branch: { title: { en: a branch, zh: 网点, xx: x },
                         phrases: { en: [a, b, c, d, e], zh: [一, 二, 三, 四, 五] } } }
    steps:
      hello:
        ask:
          en: [Hello {intent}., "Again?"]
          zh: [您好]
          xx: [x, y]
          fr: [bonjour, quoi]
        intents: { branch: turn }
      turn: { set: {}, language: fr, then: person }
      person: { queue: people, otherwise: bye }
      bye: { hangup: done }
    """.replace("[Hello {intent}.,", '["Hello {intent}.",')
    assert findings(text) == [
        "test.yaml:2: error: the language 'xx' is not known. It is one of: en, zh.",
        "test.yaml:5: error: this text has no language, but the flow speaks en, zh, xx. "
        "Write `en:`, `zh:`, `xx:` below it.",
        "test.yaml:7: error: there is no text in 'xx'. Add `xx:`.",
        "test.yaml:7: warning: intent 'branch' has only 0 phrases in 'xx'. Give 5 to 20.",
        "test.yaml:10: warning: step 'hello': the languages have different numbers of texts: en 2, zh 1, xx 2, fr 2. "
        "Write as many in each.",
        "test.yaml:12: warning: step 'hello': {intent} is said in another language, but not in this one. "
        "Say it in both, or in none.",
        "test.yaml:13: warning: step 'hello': {intent} is said in another language, but not in this one. "
        "Say it in both, or in none.",
        "test.yaml:14: error: step 'hello': 'fr' is not one of the flow's languages. They are: en, zh, xx.",
        "test.yaml:14: warning: step 'hello': {intent} is said in another language, but not in this one. "
        "Say it in both, or in none.",
        "test.yaml:16: error: step 'turn': switches to 'fr', which the flow does not speak. It speaks: en, zh, xx.",
    ]


@pytest.mark.parametrize(
    "tells",
    [
        "{ say: 'Your PIN is {pin}.', then: bye }",
        "{ note: { x: '{pin}' }, then: bye }",
        "{ fetch: 'http://x/{pin}', then: bye, failed: bye }",
        "{ queue: x, handoff: [pin], otherwise: bye }",
        "{ set: { copy: '= pin + pin' }, then: bye }",
        "{ collect: pin, prompt: Pin?, each: { pin: 'Not {pin}?' }, then: bye }",
    ],
)
def test_a_secret_that_would_be_heard_kept_or_handed_over(tells: str) -> None:
    changed = GOOD.replace("kind: text }", "kind: text }, pin: { kind: digits, secret: true }")
    changed = changed.replace("collect: place", "collect: [place, pin]")
    changed = changed.replace("branch: where }", "branch: where }, keys: { '1': it }") + f"  it: {tells}\n"
    assert findings(changed) == [
        "test.yaml:11: error: step 'it': 'pin' is secret, but would be spoken, noted or handed over here. "
        "Send it in the `body:` of a request instead."
    ]


def test_nobody_is_asked_for_a_pin_or_a_password() -> None:
    remedy = "Callers are taught never to tell it; use the last digits of a card, or a date of birth."
    assert step("{ collect: place, prompt: Tell me your PIN., then: bye }") == [
        f"test.yaml:11: warning: step 'it': asks a caller about 'PIN'. {remedy}"
    ]
    assert step("{ ask: 'Your Password?', keys: { '1': bye } }") == [
        f"test.yaml:11: warning: step 'it': asks a caller about 'Password'. {remedy}"
    ]
    assert step("{ say: Never tell anyone your PIN., then: bye }") == []
    promised = "{ ask: 'I will never ask for your PIN. Is it you?', keys: { '1': bye } }"
    assert not any("PIN" in finding for finding in step(promised))
    assert any("PIN" in finding for finding in step(promised.replace("Is it you?", "What is your PIN?")))


def test_a_secret_in_an_expression_that_cannot_be_read_is_told_as_that() -> None:
    assert len(step("{ set: { x: '= place +' }, then: bye }")) == 1


def test_a_caller_whom_nobody_understands_must_not_wait_too_long() -> None:
    found = step("{ ask: '" + "word " * 60 + "', keys: { '1': bye } }")
    assert found == [
        "test.yaml:11: warning: step 'it': a caller who is not understood here needs 78 s to reach a person. "
        "Shorten the prompts, or set `tries: 2`."
    ]


def test_seconds_to_a_person_follow_the_ladders() -> None:
    body = """
    start: { ask: "123456789012345", keys: { "1": far }, tries: 1 }
    far: { ask: "123456789012345", keys: { "1": bye }, on_no_input: say, on_no_match: bye, severity: severe }
    say: { say: "123456789012345123456789012345", then: split }
    split: { branch: [{ when: 1 == 1, then: start }, { when: 1 == 2, then: person }], otherwise: bye }
    """
    assert seconds_to_human(flow(body).main) == {"start": 7.0, "far": 16.0}
    ends = 'start: { ask: "1", keys: { "1": bye }, on_no_input: bye, on_no_match: bye }'
    assert seconds_to_human(flow(ends).main) == {"start": float("inf")}


INNER = "flow: inner\nkind: part\nstart: a\nsteps: { a: { return: x } }\n"


def test_subflows_have_to_be_there_and_speak_the_languages() -> None:
    assert step("{ subflow: inner, then: bye }") == [
        "test.yaml:11: error: step 'it': calls the flow 'inner', but inner.yaml cannot be read."
    ]
    changed = (
        GOOD.replace("branch: where }", "branch: where }, keys: { '1': it }") + "  it: { subflow: inner, then: bye }\n"
    )
    assert findings(changed, inner=INNER) == []
    assert findings(changed, inner=INNER.replace("flow: inner", "flow: other")) == [
        "test.yaml:11: error: step 'it': the file of 'inner' has another flow in it. "
        "Name the file as its `flow:` line says."
    ]
    assert findings(changed, inner=INNER.replace("flow: inner", "flow: test")) == [
        "inner.yaml:1: error: the flow is called 'test', as the one in test.yaml is. Rename one."
    ]
    assert findings(changed, inner=INNER + "languages: zh") == [
        "test.yaml:11: error: step 'it': the flow 'inner' does not speak en. Add the language there."
    ]
    assert findings(changed, inner="flow: inner")[0].startswith("inner.yaml:1: error: needs 'start:'")
    assert findings(changed.replace("subflow: inner", "subflow: test")) == [
        "test.yaml:11: error: step 'it': the flow calls itself. Use `then: <step>` instead."
    ]


def calling(name: str, *others: str) -> str:
    """A part that calls others, one after the other."""
    steps = "".join(f"  s{at}: {{ subflow: {other}, then: s{at + 1} }}\n" for at, other in enumerate(others))
    return f"flow: {name}\nkind: part\nstart: s0\nsteps:\n{steps}  s{len(others)}: {{ return: done }}\n"


def test_flows_that_call_each_other_without_end_are_told_with_the_way_round() -> None:
    changed = (
        GOOD.replace("branch: where }", "branch: where }, keys: { '1': it }") + "  it: { subflow: a, then: bye }\n"
    )
    remedy = "Let one of them `return:` instead of calling."
    assert findings(changed, a=calling("a", "b"), b=calling("b", "c", "d"), c=calling("c"), d=calling("d", "a")) == [
        f"a.yaml:5: error: step 's0': the flows call each other without end: a > b > d > a. {remedy}",
        f"b.yaml:6: error: step 's1': the flows call each other without end: b > d > a > b. {remedy}",
        f"d.yaml:5: error: step 's0': the flows call each other without end: d > a > b > d. {remedy}",
    ]
    assert findings(changed, a=calling("a", "test")) == [
        f"a.yaml:5: error: step 's0': the flows call each other without end: a > test > a. {remedy}",
        f"test.yaml:11: error: step 'it': the flows call each other without end: test > a > test. {remedy}",
    ]


def test_a_flow_called_from_several_places_is_no_cycle() -> None:
    changed = (
        GOOD.replace("branch: where }", "branch: where }, keys: { '1': it }") + "  it: { subflow: a, then: bye }\n"
    )
    both = {"a": calling("a", "b", "c"), "b": calling("b", "c", "c"), "c": calling("c")}
    assert findings(changed, **both) == []
    assert findings(changed, a=calling("a", "x"), x=calling("y")) == [
        "a.yaml:5: error: step 's0': the file of 'x' has another flow in it. Name the file as its `flow:` line says."
    ]


def test_files_are_found_beside_and_told_when_missing(tmp_path: Path) -> None:
    (tmp_path / "bank").mkdir()
    (tmp_path / "shared").mkdir()
    main = tmp_path / "bank" / "main.yaml"
    text = GOOD.replace("flow: test", "flow: main").replace("branch: where }", "branch: where }, keys: { '1': it }")
    main.write_text(text + "  it: { subflow: shared/inner, then: bye }\n", encoding="utf-8")
    (tmp_path / "shared" / "inner.yaml").write_text(INNER, encoding="utf-8")
    loaded = load_flow(main)
    assert set(loaded.files) == {"main", "inner"}
    assert flow_of_texts(loaded.texts, loaded.source).version == loaded.version
    with pytest.raises(FlowProblems, match="no such file"):
        flow_of_texts({}, "main.yaml")
    missing = read_flow(tmp_path / "bank" / "mian.yaml")
    assert [problem.message + " " + problem.remedy for problem in missing[1]] == [
        "there is no such file that can be read. Did you mean 'main.yaml'?"
    ]
    with pytest.raises(FlowProblems) as caught:
        load_flow(tmp_path / "bank" / "mian.yaml")
    assert caught.value.problems[0].line == 0


def test_a_file_that_is_not_text_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")
    assert read_flow(tmp_path / "x.yaml")[1][0].code == "file"


def test_did_you_mean_names_the_nearest_or_what_there_is() -> None:
    assert did_you_mean("x", []) == ""
    assert did_you_mean("x", [f"name{number:02}" for number in range(13)]).endswith("name11 ….")
    assert str(Problem("f.yaml", 0, "", "broken.")) == "f.yaml: error: broken."


def test_outcomes_that_cannot_come_and_skills_nobody_can_read_are_told() -> None:
    assert step("{ queue: people, on: { time_out: bye }, otherwise: bye }") == [
        "test.yaml:11: error: step 'it': 'time_out' is nothing that can come of it. Did you mean 'timed_out'?"
    ]
    assert step("{ transfer: desk, on: { closed: bye }, otherwise: bye }")[0].startswith(
        "test.yaml:11: error: step 'it': 'closed' is nothing that can come of it."
    )
    assert step("{ queue: people, skills: [card_services>=9], otherwise: bye }") == [
        "test.yaml:11: error: step 'it': 'skills': write a skill as name, or name>=1 to name>=5, "
        "not 'card_services>=9'."
    ]
    assert "every step but the last needs `seconds`" in step("{ queue: people, steps: [{}, {}], otherwise: bye }")[0]
    assert "'priority'" in step("{ queue: people, priority: 500, otherwise: bye }")[0]
    assert step("{ queue: people, skills: card_services>=3, emergency: true, priority: 60, otherwise: bye }") == []
