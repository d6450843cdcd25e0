"""Ladders and the commands that work at every step (domain.md 2.9.4, 2.9.5)."""

from textwrap import dedent

from ivr.flow.loader import flow_of_texts
from ivr.flow.progress import Answer, Silence
from ivr.flow.queueing import requirements
from ivr.model.commands import HangUp, JoinQueue, Note
from tests.flow.kit import Call, findings, flow

HEAD = """
slots: { place: { kind: text }, last4: { kind: digits, length: 4 } }
intents: { branch: { phrases: [find a branch] }, card: { phrases: [lost card] } }
"""
ASK = """
start: { ask: [How can I help?, Say it differently., Branch or card?], intents: { branch: where } }
where: { collect: place, prompt: Where?, intents: { card: bye }, then: bye }
"""


def call(body: str = ASK, head: str = HEAD, **others: str) -> Call:
    return Call(flow(body, head, **others))


def queued(reason: str, intent: str = "") -> list[object]:
    facts = {"language": "en", **({"intent": intent} if intent else {}), "summary": intent}
    return [Note("escalation_reason", reason), JoinQueue("people", reason, facts, requirements((), "en"))]


def test_the_no_match_ladder_tapers_and_leads_to_a_person() -> None:
    heard = call().means()
    assert (heard.said, heard.last.matched, heard.last.state.no_matches) == (
        ["Sorry?", "Say it differently."],
        False,
        1,
    )
    assert heard.means().said == ["Branch or card?"]
    assert heard.means().done == queued("misrecognized")


def test_a_step_can_word_its_own_ladder_and_name_its_own_end() -> None:
    body = """
    start: { ask: Yes?, intents: { branch: bye }, no_match: [Pardon?, Once more?], no_input: [Hello?, Are you there?],
             tries: 3, on_no_match: lost, on_no_input: quiet }
    lost: { say: Lost., then: bye }
    quiet: { say: Quiet., then: bye }
    """
    heard = call(body).means()
    assert heard.said == ["Pardon?"]
    assert heard.means().said == ["Once more?"]
    assert heard.means().said == ["Lost."]
    heard = call(body).silent()
    assert heard.said == ["Hello?"]
    assert heard.silent().silent().said == ["Quiet."]


def test_silence_from_the_first_second_ends_the_call_and_leaves_no_survey() -> None:
    heard = call().silent()
    assert heard.said == ["Say it differently."]
    assert heard.silent().said == ["Branch or card?"]
    assert heard.silent().done == [HangUp("silent_line", survey=False)]
    assert (heard.last.state.finished, heard.last.expect) == (True, None)


def test_silence_of_a_caller_who_has_spoken_leads_to_a_person() -> None:
    assert call().means(("branch", 0.9)).silent().silent().silent().done == queued("no_input", "branch")


def test_four_failures_in_the_whole_call_lead_to_a_person() -> None:
    heard = call().means().means().means(("branch", 0.9)).means(text="").means(text="")
    assert heard.done == queued("misrecognized", "branch")
    assert heard.last.state.errors == 0
    heard = call().means().means().means(("branch", 0.9)).means(text="").silent()
    assert heard.done == queued("no_input", "branch")


def test_two_failures_are_enough_where_a_mistake_is_severe() -> None:
    body = "start: { confirm: Freeze it?, severity: severe, yes: bye, no: bye }"
    assert call(body).means().means().at == "person"


def test_a_call_that_keeps_failing_is_ended() -> None:
    body = """
    start: { ask: Yes?, intents: { branch: bye }, tries: 1 }
    person: { queue: people, otherwise: start }
    """
    heard = call(body).means().comes("closed").means().comes("closed").means()
    assert heard.said == ["I'm sorry, I can't help you any further on this line. Please call again later. Goodbye."]
    assert heard.done == [HangUp("error", survey=False)]


def test_a_request_for_a_person_is_met_with_one_question_and_then_granted() -> None:
    heard = call().means(control="agent")
    assert heard.said == ["Of course. In a word, what is it about? I'll get the right person."]
    assert heard.last.expect is not None
    assert (heard.last.expect.kind, dict(heard.last.expect.keys.choices)) == ("open", {"0": "agent", "*": "repeat"})
    assert heard.means(("branch", 0.5)).done == queued("direct_request", "branch")


def test_whatever_is_said_to_that_question_a_person_comes() -> None:
    assert call().presses("0").means().done == queued("direct_request")
    assert call().presses("0").silent().done == queued("direct_request")
    assert call().presses("0").presses("0").done == queued("direct_request")
    assert call().presses("0").presses("5").done == []


def test_a_person_comes_at_once_when_the_need_is_known_or_something_failed() -> None:
    assert call().means(("branch", 0.9)).means(control="agent").done == queued("direct_request", "branch")
    assert call().means().means(control="agent").done == queued("misrecognized")
    assert call().silent().means(control="agent").done == queued("direct_request")


def test_a_flow_can_transfer_at_once() -> None:
    assert call(head=HEAD + "\nagent_request: at_once").presses("0").done == queued("direct_request")


def test_an_unsure_command_is_not_carried_out_and_a_surer_intent_wins() -> None:
    assert not call().means(control="agent", sure=0.5).last.matched
    assert call().means(("branch", 0.9), control="agent", sure=0.7).at == "where"


def test_repeat_says_all_that_was_said_last_however_it_is_asked_for() -> None:
    body = "start: { say: Here it is., then: more }\nmore: { ask: More?, intents: { branch: bye } }"
    for heard in (call(body).means(control="repeat"), call(body).presses("*"), call(body).means(control="slower")):
        assert (heard.said, heard.last.matched) == (["Here it is.", "More?"], True)
    assert call(body).means().means(control="louder").said == ["Here it is.", "More?"]


def test_help_is_the_steps_the_flows_or_the_engines() -> None:
    body = "start: { ask: Yes?, intents: { branch: bye }, help: Say branch. }"
    assert call(body).means(control="help").said == ["Say branch.", "Yes?"]
    assert call(head=HEAD + "\nhelp: I find branches.").means(control="help").said == [
        "I find branches.",
        "How can I help?",
    ]
    assert call().means(control="help").said[0].startswith("You can answer in your own words.")
    assert call().means(("branch", 0.5)).means(control="help").said[1] == "Did you mean: branch? Yes or no?"


def test_back_forgets_what_came_after() -> None:
    heard = call().means(("branch", 0.9), place="").means(control="back")
    assert (heard.at, heard.said) == ("start", ["How can I help?"])
    assert heard.variables["intent"] == ""
    assert heard.means(control="back").said == ["We are at the beginning.", "How can I help?"]


def test_back_from_a_question_of_the_engine_is_back_to_the_step() -> None:
    heard = call().means(("branch", 0.5)).means(control="back")
    assert (heard.at, heard.said) == ("start", ["How can I help?"])


def test_start_over_keeps_only_the_language_and_the_facts() -> None:
    head = HEAD + "\nlanguages: [en, zh]\nneeds: [bank_url]"
    texts = """
    start: { ask: { en: Help?, zh: 请讲 }, intents: { branch: turn } }
    turn: { set: { place: x }, language: zh, then: where }
    where: { collect: last4, prompt: { en: Where?, zh: 哪里 }, then: bye }
    """
    two = head.replace("[find a branch]", "{ en: [find a branch], zh: [网点] }").replace(
        "[lost card]", "{ en: [card], zh: [卡] }"
    )
    heard = Call(flow(texts, two), {"bank_url": "http://x"}).means(("branch", 0.9))
    assert heard.said == ["哪里"]
    heard.means(control="start_over")
    assert (heard.said, heard.variables["place"], heard.variables["bank_url"]) == (["请讲"], "", "http://x")
    assert heard.last.state.back == (heard.last.state.stack,)


def test_goodbye_goes_to_its_step_or_hangs_up_with_a_survey() -> None:
    heard = call().means(control="goodbye")
    assert heard.said == ["Thank you for calling. Goodbye."]
    assert heard.done == [HangUp("self_service_completed", survey=True)]
    assert call(head=HEAD + "\ngoodbye: bye").means(control="goodbye").done == [HangUp("done")]


def test_goodbye_at_anything_else_is_a_no() -> None:
    body = "start: { ask: Anything else?, intents: { branch: bye }, no: over }\nover: { hangup: over }"
    assert call(body).means(control="goodbye").done == [HangUp("over")]


def test_hold_on_buys_half_a_minute_once() -> None:
    heard = call().means(control="hold_on")
    assert heard.said == ["Sure, take your time."]
    assert heard.last.expect is not None
    assert heard.last.expect.no_input_seconds == 30.0
    assert heard.silent().said == ["Are you still there?"]
    assert heard.last.expect.no_input_seconds == 0.0
    assert (heard.last.state.no_inputs, heard.silent().last.state.no_inputs) == (0, 1)


def test_the_first_question_waits_a_second_longer() -> None:
    heard = call()
    assert heard.last.expect is not None
    assert heard.last.expect.no_input_seconds == 6.0
    assert heard.means(("branch", 0.9)).last.expect is not None
    assert heard.last.expect.no_input_seconds == 0.0


def test_trouble_apologises_and_asks_again_and_then_leads_to_a_person() -> None:
    heard = call().trouble()
    assert heard.said == ["I'm sorry, something went wrong on my side.", "How can I help?"]
    assert heard.means().trouble().said[0] == "I'm sorry, something went wrong on my side."
    assert heard.trouble().done == queued("system")


def test_trouble_during_a_question_of_the_engine_asks_that_again() -> None:
    assert call().means(("branch", 0.5)).trouble().said[1] == "Did you mean: branch? Yes or no?"


def test_trouble_while_a_request_is_under_way_means_that_it_failed() -> None:
    body = 'start: { fetch: "http://x", then: bye, failed: sorry }\nsorry: { say: It failed., then: bye }'
    assert call(body).trouble().said == ["It failed."]


def test_trouble_while_waiting_leads_to_a_person_and_there_to_the_way_on() -> None:
    body = "start: { message: note, then: bye }"
    heard = call(body).trouble()
    assert heard.at == "person"
    assert heard.trouble().done == [HangUp("done")]


def test_a_flow_without_a_way_to_a_person_says_so_and_ends() -> None:
    text = """
    flow: test
    kind: part
    start: start
    intents: { branch: { phrases: [a, b, c, d, e] } }
    steps: { start: { ask: Yes?, intents: { branch: bye } }, bye: { hangup: done } }
    """
    assert findings(text) == []
    heard = Call(flow_of_texts({"test.yaml": dedent(text)}, "test.yaml")).presses("0")
    assert heard.done == [HangUp("error", survey=False)]


def test_a_reply_that_does_not_fit_does_nothing() -> None:
    heard = call().comes("ok")
    assert (heard.last.actions, heard.last.path) == ((), ("test.start",))
    ended = call().means(control="goodbye")
    assert ended.silent().last.actions == ()
    waiting = call("start: { queue: people, otherwise: bye }")
    assert waiting.reply(Answer("hello")).last.actions == ()
    assert waiting.reply(Silence()).last.actions == ()
