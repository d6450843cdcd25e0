"""The steps that do something themselves: what each asks for, and what it makes of the outcome."""

from dataclasses import replace

import pytest

from ivr.model.commands import Fetch, HangUp, JoinQueue, Note, Say, TakeMessage, Transfer
from ivr.model.errors import EndlessLoop
from ivr.model.people import Requirement
from ivr.model.routing import RoutingStep
from tests.flow.kit import Call, flow

HEAD = """
needs: [bank_url]
variables: { count: 0, amount: 12.50, many: [1, 2] }
slots: { place: { kind: text }, last4: { kind: digits, length: 4 } }
intents: { branch: { phrases: [find a branch] } }
"""


def call(body: str, head: str = HEAD, **facts: object) -> Call:
    return Call(flow(body, head), {"bank_url": "http://bank/", "call_id": "c1", **facts})


def test_say_speaks_in_its_voice_and_goes_on() -> None:
    heard = call("start: { say: Hello., barge_in: false, voice: anna, then: bye }")
    assert heard.last.actions == (
        Say("Hello.", barge_in=False, language="en", voice="anna", step="test.start"),
        HangUp("done"),
    )
    assert heard.last.path == ("test.start", "test.bye")


def test_branch_takes_the_first_condition_that_holds() -> None:
    body = """
    start: { branch: [{ when: count > 5, then: many }, { when: count == 1, then: one }], otherwise: none }
    many: { say: Many., then: bye }
    one: { say: One., then: bye }
    none: { say: None., then: bye }
    """
    assert [call(body, HEAD, count=count).said for count in (9, 1, 0)] == [["Many."], ["One."], ["None."]]


def test_a_condition_that_does_not_work_takes_the_error_path_or_leads_to_a_person() -> None:
    assert call("start: { branch: [{ when: place > 5, then: bye }], otherwise: bye }").at == "person"
    heard = call("start: { branch: [{ when: place > 5, then: bye }], otherwise: bye, error: bye }")
    assert heard.done == [HangUp("done")]


def test_set_calculates_after_an_equals_sign_and_fills_otherwise() -> None:
    body = (
        'start: { set: { count: "= count + 1", place: "the {place|money} lake", half: "= amount / 2.0" }, then: bye }'
    )
    heard = call(body, HEAD, place="blue")
    assert {name: heard.variables[name] for name in ("count", "place", "half")} == {
        "count": 1,
        "place": "the blue lake",
        "half": 6.25,
    }


def test_a_calculation_that_does_not_work_takes_the_error_path() -> None:
    assert call('start: { set: { count: "= count / 0" }, then: bye }').at == "person"
    assert call('start: { set: { count: "= many[9]" }, error: bye, then: person }').done == [HangUp("done")]


def test_note_keeps_filled_values() -> None:
    heard = call('start: { note: { outcome: "count {count}", amount: "{amount}" }, then: bye }')
    assert heard.done[:2] == [Note("outcome", "count 0"), Note("amount", "12.5")]


FETCH = """
start: { fetch: "{bank_url}/branches/{place}?n={count}", headers: { X-Place: "{place}" }, filler: One moment.,
         remember: { name: "branches.0.name", second: "branches.7.name", odd: "branches.name" },
         on: { "404": none }, timeout_seconds: 2, retries: 0, then: found, failed: down }
found: { say: "Found {name}{second}{odd} {status}.", then: bye }
none: { say: "None {status}.", then: bye }
down: { say: Down., then: bye }
"""


def test_fetch_asks_with_encoded_values() -> None:
    heard = call(FETCH, place="a/b c?")
    assert heard.last.expect is None
    assert heard.done == [
        Fetch(
            "test.start",
            "http://bank/branches/a%2Fb%20c%3F?n=0",
            headers={"X-Place": "a/b c?"},
            timeout_seconds=2.0,
            retries=0,
            filler="One moment.",
        )
    ]


def test_fetch_remembers_parts_of_the_answer_and_follows_its_status() -> None:
    body = {"branches": [{"name": "Lake"}]}
    assert call(FETCH).comes("ok", body, status="200").said == ["Found Lake 200."]
    assert call(FETCH).comes("ok", "nonsense", status="200").said == ["Found  200."]
    assert call(FETCH).comes("failed", None, status="404").said == ["None 404."]
    assert call(FETCH).comes("failed", None, error="timeout").said == ["Down."]


def test_a_filler_can_be_said_at_once() -> None:
    heard = call(FETCH.replace("filler: One moment.", "filler: One moment., filler_always: true"))
    assert heard.said == ["One moment."]
    assert isinstance(heard.done[0], Fetch)
    assert heard.done[0].filler == ""


POST = """
start: { fetch: "{bank_url}/x", method: POST, body: { a: ["{place}", "= count + 1", 3], n: null }, then: next,
         failed: next }
next: { fetch: "{bank_url}/x", method: POST, body: { a: 1 }, then: asked, failed: bye }
asked: { ask: Yes?, intents: { branch: bye } }
"""


def test_each_change_has_its_own_key_that_stays_the_same_when_the_call_is_replayed() -> None:
    first, again, other = call(POST, place="x"), call(POST, place="x"), call(POST, place="x", call_id="c2")
    assert first.done == again.done
    request, stranger = first.done[0], other.done[0]
    assert isinstance(request, Fetch)
    assert isinstance(stranger, Fetch)
    assert request.body == {"a": ["x", 1, 3], "n": None}
    assert (len(request.idempotency_key), request.idempotency_key == stranger.idempotency_key) == (32, False)
    second = first.comes("ok").done[0]
    assert isinstance(second, Fetch)
    assert second.idempotency_key != request.idempotency_key


def test_after_a_change_there_is_no_way_back_before_it() -> None:
    body = POST.replace("start: {", "first: {") + "start: { ask: Go?, intents: { branch: first } }\n"
    heard = call(body).means(("branch", 0.9)).comes("ok").comes("ok")
    assert heard.at == "asked"
    assert heard.means(control="back").said == ["We are at the beginning.", "Yes?"]


def test_after_a_change_a_no_does_not_undo_what_came_before_it() -> None:
    body = POST.replace("start: {", "first: {") + "start: { collect: last4, prompt: Digits?, then: first }\n"
    heard = call(body).means(last4=("4421", 0.7)).comes("ok").comes("ok").means(control="no")
    assert (heard.at, heard.last.matched) == ("asked", False)


def test_a_body_that_cannot_be_calculated_is_a_failed_request() -> None:
    body = 'start: { fetch: "{bank_url}/x", method: POST, body: "= count / 0", then: person, failed: bye }'
    assert call(body).done == [HangUp("done")]


def test_a_fetch_without_a_way_to_fail_leads_to_a_person() -> None:
    broken = flow('start: { fetch: "http://x", then: bye, failed: bye }', HEAD)
    step = broken.main.steps["start"].model_copy(update={"failed": None})
    file = broken.main.model_copy(update={"steps": {**broken.main.steps, "start": step}})
    heard = Call(replace(broken, main=file, files={"test": file})).comes("failed")
    assert heard.at == "person"


def test_a_queue_is_told_what_is_known() -> None:
    body = (
        'start: { queue: "q_{place}", reason: vip, handoff: [count, many], on: { timed_out: late }, otherwise: bye }\n'
    )
    body += "late: { say: Late., then: bye }"
    heard = call(body, place="north")
    assert heard.done == [
        JoinQueue(
            "q_north",
            "vip",
            {"language": "en", "place": "north", "count": "0", "summary": "place: north; count: 0"},
            (Requirement("lang:en"),),
        )
    ]
    assert heard.comes("timed_out").said == ["Late."]
    assert call(body).comes("connected").done == [HangUp("agent_completed")]
    assert call(body).comes("closed").done == [HangUp("done")]


def test_a_queue_says_whom_the_caller_needs_and_how_urgently() -> None:
    body = """
    start: { queue: cards, skills: [card_services>=3, "product:ac"], emergency: true, priority: 120, otherwise: bye }
    """
    (joined,) = call(body).done
    assert joined == JoinQueue(
        "cards",
        "",
        {"language": "en", "summary": ""},
        (Requirement("card_services", 3), Requirement("product:ac"), Requirement("lang:en")),
        "en",
        emergency=True,
        priority=120,
    )
    body = """
    start:
      queue: cards
      steps: [{ skills: ["loans>=2?"], any_of: [savings, cards], agents: ann, seconds: 20 }, {}]
      otherwise: bye
    """
    (joined,) = call(body).done
    assert isinstance(joined, JoinQueue)
    english = Requirement("lang:en")
    assert joined.steps == (
        RoutingStep(
            (Requirement("loans", 2, mandatory=False), english),
            (Requirement("savings"), Requirement("cards")),
            frozenset({"ann"}),
            20.0,
        ),
        RoutingStep((english,)),
    )
    (joined,) = call('start: { queue: cards, skills: "lang:ko >= 2", otherwise: bye }').done
    assert isinstance(joined, JoinQueue)
    assert joined.skills == (Requirement("lang:ko", 2),)


def test_a_caller_who_wants_to_be_called_back_hears_so_and_one_who_wants_the_bot_is_asked_again() -> None:
    body = """
    start: { ask: Yes?, keys: { "2": people }, intents: { branch: bye } }
    people: { queue: people, otherwise: nobody }
    nobody: { say: Nobody., then: bye }
    other: { say: Other., then: bye }
    """
    head = "intents: { branch: { phrases: [a] } }"
    waiting = Call(flow(body, head)).presses("2")
    assert waiting.at == "people"
    booked = Call(flow(body, head)).presses("2").comes("callback")
    assert booked.said == ["Thank you. You keep your place, and we call you back when it is your turn."]
    assert booked.done == [HangUp("callback_requested")]
    back = waiting.comes("exited_with_key")
    assert (back.at, back.said, back.last.state.back == ()) == ("start", ["Yes?"], False)
    own = body.replace("otherwise: nobody", "on: { callback: other, exited_with_key: nobody }, otherwise: nobody")
    assert Call(flow(own, head)).presses("2").comes("callback").said == ["Other."]
    assert Call(flow(own, head)).presses("2").comes("exited_with_key").said == ["Nobody."]
    at_once = Call(flow("start: { queue: people, otherwise: nobody }\nnobody: { say: Nobody., then: bye }"))
    assert at_once.comes("exited_with_key").at == "start"


def test_a_transfer_names_its_target_and_its_summary() -> None:
    body = 'start: { transfer: card, reason: vip, summary: "Card {last4}", timeout_seconds: 20, otherwise: bye }'
    heard = call(body, last4="4421")
    facts = {"language": "en", "last4": "4421", "summary": "Card 4421"}
    assert heard.done == [Transfer("card", "vip", facts, 20.0)]
    assert heard.comes("completed").done == [HangUp("transferred_out")]


def test_where_nothing_says_what_comes_after_nobody_answered_the_call_ends_politely() -> None:
    broken = flow("start: { queue: people, otherwise: bye }", HEAD)
    step = broken.main.steps["start"].model_copy(update={"otherwise": None})
    file = broken.main.model_copy(update={"steps": {**broken.main.steps, "start": step}})
    heard = Call(replace(broken, main=file, files={"test": file})).comes("closed")
    assert heard.said == ["I'm sorry, I can't help you any further on this line. Please call again later. Goodbye."]
    assert heard.done == [HangUp("error", survey=False)]


def test_a_message_is_taken() -> None:
    body = "start: { message: comment, longest_seconds: 30, then: bye, otherwise: person }"
    assert call(body).done == [TakeMessage("comment", 30.0)]
    assert call(body).comes("ok").done == [HangUp("done")]
    assert call(body).comes("failed").at == "person"
    kept = "start: { message: comment, then: more }\nmore: { ask: 'You said {comment}.', yes: bye }"
    assert call(kept).comes("ok", "it rattles").said == ["You said it rattles."]
    assert call("start: { message: comment, then: bye }").comes("failed").done == [HangUp("done")]


def test_survey_and_hangup_end_the_call() -> None:
    assert call("start: { survey: self_service_completed }").done == [HangUp("self_service_completed", survey=True)]
    assert call("start: { hangup: '{place}', survey: false }", place="x").done == [HangUp("x", survey=False)]


MENU = """
start:
  menu: Installation or repair?
  choices:
    - { name: install, hear: [installation, install it], key: "1", then: bye }
    - { hear: repair, then: fixed }
    - { key: "3", then: person }
  remember: topic
fixed: { say: "Topic {topic}.", then: bye }
"""


def test_a_menu_is_answered_by_words_or_keys() -> None:
    heard = call(MENU)
    assert heard.last.expect is not None
    assert (heard.last.expect.kind, heard.last.expect.slots[0].values) == (
        "choice",
        {"install": ("installation", "install it"), "fixed": ("repair",), "person": ()},
    )
    assert heard.means(choice="install").variables["topic"] == "install"
    assert call(MENU).says("Repair!").said == ["Topic fixed."]
    assert call(MENU).presses("3").at == "person"


def test_a_menu_need_not_remember_the_choice() -> None:
    assert call(MENU.replace("  remember: topic\n", "").replace("{topic}", "")).presses("1").done == [HangUp("done")]


def test_a_menu_does_not_guess() -> None:
    assert not call(MENU).means(choice=("install", 0.3)).last.matched
    assert not call(MENU).means(choice="nothing of the kind").last.matched
    assert not call(MENU).presses("7").last.matched


CONFIRM = """
start: { collect: last4, prompt: Digits?, then: sure }
sure: { confirm: "Freeze {last4}?", correct: { last4: sure }, intents: { branch: where }, keys: { "5": where },
        also: place, yes: frozen, no: kept }
where: { say: "Where {place}?", then: bye }
frozen: { say: "Frozen, {place}.", then: bye }
kept: { say: Kept., then: bye }
"""


def asked() -> Call:
    return call(CONFIRM).presses("4421")


def test_a_confirmation_is_answered_yes_or_no_with_content_and_by_key() -> None:
    assert asked().means(control="yes", place="today").said == ["Frozen, today."]
    assert asked().presses("1").said == ["Frozen, ."]
    assert asked().presses("2").said == ["Kept."]
    assert asked().presses("5").said == ["Where ?"]
    assert asked().says("no thanks").said == ["Kept."]


def test_a_confirmation_is_corrected_in_one_sentence() -> None:
    heard = asked().means(control="no", last4="4422")
    assert (heard.at, heard.said) == ("sure", ["Freeze 4422?"])
    assert asked().means(control="no", last4="4421").said == ["Kept."]


def test_an_intent_said_at_a_confirmation_is_followed() -> None:
    assert asked().means(("branch", 0.9)).said == ["Where ?"]
    assert asked().means(("branch", 0.9), control="no").said == ["Where ?"]


INNER = """
flow: inner
kind: part
start: start
needs: [bank_url]
slots: { day: { kind: date } }
anywhere: { away: out }
intents: { away: { phrases: [take me away, a, b, c, d] } }
steps:
  start: { collect: day, prompt: "{greeting} Which day? {bank_url}", then: done }
  done: { return: booked }
  out: { return: left }
variables: { greeting: "" }
"""
OUTER = """
start: { subflow: inner, give: { greeting: "Hi {place}." }, take: { when: day }, on: { left: bye }, then: after }
after: { say: "On {when}.", then: bye }
"""


def test_a_subflow_is_given_values_and_gives_some_back() -> None:
    nested = flow(OUTER, HEAD, inner=INNER)
    heard = Call(nested, {"bank_url": "B", "place": "you"})
    assert (heard.said, heard.last.path) == (["Hi you. Which day? B"], ("test.start", "inner.start"))
    assert heard.means(day="2026-11-28").said == ["On 2026-11-28."]
    assert heard.last.path == ("inner.done", "test.after", "test.bye")


def test_a_subflow_can_return_in_several_ways() -> None:
    heard = Call(flow(OUTER, HEAD, inner=INNER)).means(("away", 0.9))
    assert heard.last.path == ("inner.out", "test.bye")


def test_the_person_and_the_intents_of_the_outer_flow_work_inside() -> None:
    body = OUTER + "where: { say: Where., then: bye }"
    nested = flow(body, HEAD + "anywhere: { branch: where }", inner=INNER)
    assert Call(nested).means(("branch", 0.9)).said == ["Where."]
    heard = Call(nested).presses("0").presses("0")
    assert heard.at == "person"
    assert len(heard.last.state.stack) == 1
    assert Call(nested).means(control="goodbye").done == [HangUp("self_service_completed", survey=True)]


def test_a_value_for_a_subflow_that_cannot_be_calculated_leads_to_a_person() -> None:
    body = OUTER.replace('"Hi {place}."', '"= count / 0"')
    assert Call(flow(body, HEAD, inner=INNER)).at == "person"


def test_subflows_do_not_nest_for_ever() -> None:
    def part(number: int) -> str:
        return f"flow: f{number}\nkind: part\nstart: s\nsteps: {{ s: {{ subflow: f{number + 1}, then: e }}, {END}"

    parts = {f"f{number}": part(number) for number in range(10)}
    last = "flow: f10\nkind: part\nstart: e\nsteps: { " + END
    assert Call(flow("start: { subflow: f0, then: bye }", HEAD, f10=last, **parts)).at == "person"
    assert Call(flow("start: { subflow: f2, then: bye }", HEAD, f10=last, **parts)).at == "bye"


END = "e: { return: x } }"


def test_return_at_the_outermost_flow_ends_the_call() -> None:
    assert call("start: { return: done }").done == [HangUp("self_service_completed", survey=True)]


def test_again_asks_once_more_with_what_is_known() -> None:
    body = """
    start: { ask: "How can I help{place}?", intents: { branch: other } }
    other: { set: { place: " now" }, then: again }
    """
    heard = call(body).means(("branch", 0.9))
    assert (heard.said, len(heard.last.state.back)) == (["How can I help now?"], 1)


def test_again_before_anything_was_asked_is_the_beginning() -> None:
    body = "start: { branch: [{ when: count == 1, then: asked }], otherwise: more }\n"
    body += 'more: { set: { count: "= count + 1" }, then: again }\nasked: { ask: Yes?, intents: { branch: bye } }'
    assert call(body).said == ["Yes?"]


def test_again_out_of_a_subflow_returns_into_it() -> None:
    body = OUTER + "turn: { set: { count: 1 }, then: again }"
    nested = flow(body, HEAD + "anywhere: { branch: turn }", inner=INNER)
    heard = Call(nested).means(("branch", 0.9))
    assert (heard.said, len(heard.last.state.stack)) == (["Hi . Which day?"], 2)


def test_a_flow_that_runs_in_circles_is_stopped() -> None:
    broken = flow("start: { say: Hm., then: next }\nnext: { say: Hm., then: bye }", HEAD)
    step = broken.main.steps["next"].model_copy(update={"then": "start"})
    file = broken.main.model_copy(update={"steps": {**broken.main.steps, "next": step}})
    with pytest.raises(EndlessLoop, match="test.start > test.next"):
        Call(replace(broken, main=file, files={"test": file}))


def test_an_unknown_language_is_the_flows_first() -> None:
    assert Call(flow("start: { hangup: x }", HEAD), language="fr").last.state.language == "en"
