"""Conversation tests: what they notice, and what their writer is told."""

import asyncio
from textwrap import dedent

import pytest

from ivr.flow.conversation import Act, Happened, Script, read_conversations, rehearse, rehearse_live
from ivr.flow.diagram import draw
from ivr.flow.driving import EngineDriver
from ivr.flow.json_schema import flow_json_schema
from ivr.flow.matching import is_action, says, short
from ivr.flow.plain import PlainUnderstanding
from ivr.flow.problems import ConversationsFailed, FlowProblems
from ivr.flow.vocabulary import vocabulary
from ivr.insight.feeling import Feeling
from ivr.model.commands import Fetch, HangUp, JoinQueue, Note, Say, TakeMessage, Transfer
from tests.flow.kit import flow

BODY = """
start: { ask: [Hello., Again?], intents: { branch: look } }
look: { fetch: "http://x", remember: { name: name }, then: found, failed: bye }
found: { say: "Found {name}.", then: message }
message: { message: comment, then: person, otherwise: bye }
"""
HEAD = "intents: { branch: { phrases: [find a branch] } }"


def play(text: str) -> list[str]:
    script = scripts(text)[0]
    return rehearse(script, EngineDriver(flow(BODY, HEAD), script))


def scripts(text: str) -> list[Script]:
    return read_conversations("flow: test.yaml\nconversations:\n" + dedent(text), "t.yaml")


def test_a_conversation_that_goes_as_written_has_no_failure() -> None:
    assert (
        play("""
    - name: all of it
      replies: { look: [{ body: { name: Lake } }, { status: 500 }], message: ok, person: closed }
      talk:
        - bot: hello
        - silence: 2
        - bot: Again?
        - trouble: hearing
        - bot: [something went wrong, Hello]
        - caller: find a branch
        - bot: Found Lake
          not_bot: sorry
          happens: { fetch: look, message: comment, queue: { to: people }, hangup: done }
          language: en
          ended: done
    """)
        == []
    )


def test_callers_are_as_angry_as_their_words_or_as_the_test_says() -> None:
    text = """
    - name: angry
      talk:
        - caller: I will sue you
        - happens: { queue: { skills: complaint, reason: emotion } }
    - name: angry, says the test
      talk:
        - caller: well
          mood: red
        - happens: { queue: { skills: complaint } }
    - name: not angry
      talk:
        - caller: well
        - happens: { queue: { to: people } }
    """
    angry = flow(BODY, HEAD + "\nupset: route")
    failures = [rehearse(script, EngineDriver(angry, script, feel=Feeling())) for script in scripts(text)]
    assert failures == [[], [], ["t.yaml:16: not angry: expected queue {'to': 'people'}, but there was []"]]


def test_everything_that_goes_differently_is_told_at_its_line() -> None:
    assert play("""
    - name: wrong
      talk:
        - bot: [Hello, Goodbye]
          not_bot: hello
          at: look
          language: zh
          happens: { note: { a: b } }
        - press: "5"
        - caller: find a branch
        - ended: other
        - caller: still there?
        - bot: never read
    """) == [
        "t.yaml:6: wrong: expected to hear 'Goodbye', but heard 'Hello.'",
        "t.yaml:6: wrong: must not hear 'hello', but heard 'Hello.'",
        "t.yaml:6: wrong: expected note {'a': 'b'}, but there was []",
        "t.yaml:6: wrong: expected to be at step 'look', but it was 'start'",
        "t.yaml:6: wrong: expected the language 'zh', but it was 'en'",
        "t.yaml:13: wrong: expected the call to end with 'other', but it was 'done'",
        "t.yaml:14: wrong: the call is already over (done)",
    ]


def test_what_is_not_recorded_fails_or_waits() -> None:
    assert (
        play("""
    - name: waits
      replies: { look: { body: {} } }
      talk:
        - caller: find a branch
        - happens: { message: comment }
          at: message
        - hang_up: true
        - ended: abandoned_in_ivr
    """)
        == []
    )


def test_an_understanding_can_be_given() -> None:
    made = flow(BODY, HEAD)
    script = scripts("- { name: x, talk: [{ caller: Find a branch! }, { happens: { fetch: look }, ended: done }] }")[0]
    plain = PlainUnderstanding(vocabulary(made, "en"))
    assert rehearse(script, EngineDriver(made, script, {"en": plain})) == []
    driver = EngineDriver(made, script, {"en": plain})
    assert driver(Act("say", "anything")).said == ("Hello.",)


def test_a_call_that_takes_its_time_can_be_rehearsed() -> None:
    script = scripts("- { name: x, talk: [{ caller: hi }, { bot: heard hi }] }")[0]

    async def drive(act: Act) -> Happened:
        return Happened((f"heard {act.text}",))

    assert asyncio.run(rehearse_live(script, drive)) == []


def test_mistakes_in_a_test_file_are_told() -> None:
    with pytest.raises(FlowProblems) as caught:
        scripts("- name: x\n  talk: [{ calller: hi }]\n")
    assert str(caught.value) == (
        "t.yaml:4: error: '0.calller': Extra inputs are not permitted. See docs/flows.md, conversation tests."
    )


def test_what_was_said_is_compared_without_case_and_punctuation_or_by_pattern() -> None:
    assert says("Shall I text that to you?", "shall i text THAT")
    assert says("open until five.", "/until (five|17:00)/")
    assert not says("open until six.", "/until (five|17:00)/")
    assert says("a / b", "/")


def test_actions_are_compared_by_what_the_test_names() -> None:
    fetch = Fetch("f.look", "http://x/y", "POST", {"a": 1})
    assert is_action(fetch, "fetch", "look")
    assert is_action(fetch, "fetch", {"url": "/y", "method": "POST", "body": {"a": 1}})
    assert not is_action(fetch, "fetch", {"body": {"a": {"b": 1}}})
    assert not is_action(fetch, "queue", "look")
    assert not is_action(fetch, "queue", {"to": "look"})
    assert is_action(Transfer("card", facts={"a": "b"}), "transfer", {"to": "card", "facts": {"a": "b"}})
    assert is_action(Note("a", "1"), "note", {"a": 1})
    assert is_action(Note("a", "1"), "note", "a")
    assert not is_action(Note("a", "1"), "note", {"b": 1})
    assert not is_action(Say("x"), "note", "a")
    shown = [short(one) for one in (fetch, JoinQueue("q", "r"), Transfer("t"), Note("a", "1"), TakeMessage("m"))]
    assert shown == ["fetch f.look (POST)", "queue q (r)", "transfer t ()", "note a=1", "message m"]
    assert [short(HangUp("done")), short(Say("x"))] == ["hangup done", "say"]


def test_a_flow_is_drawn() -> None:
    body = """
    start: { menu: "Which?", choices: [{ hear: one, key: "1", then: next }, { name: two, hear: two, then: start }] }
    next: { branch: [{ when: "1 > 2 && 'a' == 'b'", then: bye }], otherwise: turn }
    turn: { set: {}, then: again }
    look: { fetch: "http://x", then: bye, failed: bye }
    """
    assert draw(flow(body, 'keys: { "7": look }').main) == dedent("""\
        flowchart TD
          begin((call)) --> s0
          s0(["start<br/>menu"])
          s1["next<br/>branch"]
          s2["turn<br/>set"]
          s3[("look<br/>fetch")]
          s4{{"person<br/>queue"}}
          s5{{"bye<br/>hangup"}}
          any((at any step)) -. agent .-> s4
          any((at any step)) -. 7 .-> s3
          s0 -->|"1"| s1
          s0 -->|"two"| s0
          s1 -->|"otherwise"| s2
          s1 -->|"1 &gt; 2 andand 'a' == 'b'"| s5
          s3 -->|"failed"| s5
          s4 -->|"otherwise"| s5
        """)


def test_the_schema_for_editors_knows_every_step_and_lets_texts_be_written_as_they_are() -> None:
    schema = flow_json_schema()
    say = schema["$defs"]["SayStep"]
    assert (say["title"], say["required"], say["additionalProperties"]) == ("say", ["say", "then"], False)
    assert schema["$defs"]["ReturnStep"]["required"] == ["return"]
    assert [one["type"] for one in say["properties"]["say"]["anyOf"]] == [["string", "number"], "array", "object"]
    assert len(schema["properties"]["steps"]["additionalProperties"]["anyOf"]) == 17


def test_what_went_differently_is_told_line_by_line() -> None:
    error = ConversationsFailed(["t.yaml:3: a: expected b"], failed=1, played=4)
    assert (error.summary, error.code) == ("1 of 4 conversations went differently", "flow.conversations")
    assert str(error) == "1 of 4 conversations went differently:\nt.yaml:3: a: expected b"
