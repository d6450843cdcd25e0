"""Values: asked for, given unasked, checked, read back, corrected, keyed."""

from ivr.model.commands import Fetch, HangUp, JoinQueue
from tests.flow.kit import Call, flow

HEAD = """
lists:
  window: { am: [morning, before noon], pm: [afternoon] }
slots:
  day: { kind: date }
  window: { kind: window, keys: { "1": am, "2": pm } }
  last4: { kind: digits, length: 4 }
  amount: { kind: money, severity: moderate }
  sure: { kind: yes_no }
  pin: { kind: digits, length: [4, 6], secret: true }
  place: { kind: text }
intents:
  visit: { phrases: ["a visit on {day}"] }
"""


GOT = "Got {day}{window}{last4}{amount}{sure}{place}."


def one(step: str, more: str = "") -> Call:
    return Call(
        flow(
            f"start: {step}\nheard: {{ say: '{GOT}', then: bye }}{more}",
            HEAD,
        )
    )


def test_a_no_at_free_words_goes_where_the_step_says() -> None:
    body = """
    start: { collect: note, prompt: Anything to add?, no: bye, then: told }
    told: { say: "Noted: {note}", then: bye }
    """
    head = "slots: { note: { kind: text } }"
    assert Call(flow(body, head)).means(control="no", text="no", note="no").said == []
    assert Call(flow(body, head)).means(control="yes", text="perfect", note="perfect").said == ["Noted: perfect"]


def test_a_sure_value_is_kept_and_the_next_step_entered() -> None:
    assert one("{ collect: day, prompt: Which day?, then: heard }").means(day="2026-11-28").said == ["Got 2026-11-28."]


def test_a_less_sure_value_is_repeated_in_passing() -> None:
    heard = one("{ collect: window, prompt: When?, then: heard }").means(window=("am", 0.7))
    assert heard.said == ["morning.", "Got am."]


def test_an_unsure_value_is_read_back() -> None:
    start = "{ collect: window, prompt: When?, then: heard }"
    heard = one(start).means(window=("am", 0.5))
    assert heard.said == ["I heard morning. Is that right?"]
    assert heard.means(control="yes").said == ["Got am."]
    assert one(start).means(window=("am", 0.5)).means(window="am").said == ["Got am."]
    assert one(start).means(window=("am", 0.5)).means(control="no", window="pm").said == ["Got pm."]
    assert one(start).means(window=("am", 0.5)).means(window=("pm", 0.3)).said == ["afternoon.", "Got pm."]


def test_a_value_the_caller_refused_is_not_offered_again() -> None:
    heard = one("{ collect: window, prompt: When?, then: heard }").means(window=("am", 0.5)).means(control="no")
    assert heard.said == ["Sorry?", "When?"]
    assert not heard.means(window=("am", 0.9)).last.matched
    assert heard.presses("2").said == ["Got pm."]


def test_a_refused_value_does_not_come_in_with_an_intent() -> None:
    start = "{ collect: window, prompt: When?, intents: { visit: which }, then: heard }"
    more = "\nwhich: { collect: day, prompt: Which day?, then: heard }"
    heard = one(start, more).means(window=("am", 0.5)).means(control="no").means(("visit", 0.9), window="am")
    assert (heard.at, heard.variables["window"]) == ("which", "")


def test_while_a_value_is_read_back_an_intent_can_be_said_and_nonsense_is_asked_again() -> None:
    start = "{ collect: window, prompt: When?, intents: { visit: which }, then: heard }"
    more = "\nwhich: { collect: day, prompt: Which day?, then: heard }"
    heard = one(start, more).means(window=("am", 0.5)).means()
    assert heard.said == ["Sorry? I heard morning. Is that right?"]
    assert heard.means(("visit", 0.9)).at == "which"


def test_a_value_below_every_zone_is_a_no_match() -> None:
    heard = one("{ collect: day, prompt: [Which day?, For example Monday.], then: heard }").means(day=("x", 0.2))
    assert (heard.said, heard.last.matched) == (["Sorry?", "For example Monday."], False)


def test_a_value_of_the_wrong_length_is_a_no_match() -> None:
    assert not one("{ collect: last4, prompt: Digits?, then: heard }").means(last4="44").last.matched


def test_a_check_that_fails_says_why() -> None:
    start = (
        "{ collect: last4, prompt: N?, check: last4.startsWith('4'), check_failed: They begin with 4., then: heard }"
    )
    heard = one(start).means(last4="1234")
    assert heard.said == ["They begin with 4."]
    assert heard.means(last4="4234").said == ["Got 4234."]


def test_a_check_without_words_asks_again_and_the_ladder_still_ends() -> None:
    start = "{ collect: last4, prompt: Digits?, check: int(last4) / 0 == 1, tries: 2, then: heard }"
    heard = one(start).means(last4="1234")
    assert heard.said == ["Sorry?", "Digits?"]
    assert heard.means(last4="1234").at == "person"


def test_a_check_that_fails_too_often_says_nothing_more() -> None:
    start = "{ collect: last4, prompt: Digits?, check: last4 == '1', check_failed: No., tries: 1, then: heard }"
    assert one(start).means(last4="1234").said == []


def test_several_values_in_one_sentence_and_the_missing_one_in_its_own_words() -> None:
    start = "{ collect: [day, window], prompt: When?, each: { window: Morning or afternoon? }, then: heard }"
    assert one(start).means(day="2026-11-28", window="pm").said == ["Got 2026-11-28pm."]
    heard = one(start).means(day="2026-11-28")
    assert heard.said == ["Morning or afternoon?"]
    assert heard.means(window="am").said == ["Got 2026-11-28am."]


def test_of_several_values_the_unsure_one_is_asked_about() -> None:
    start = "{ collect: [day, window], prompt: When?, then: heard }"
    heard = one(start).means(day="2026-11-28", window=("pm", 0.5))
    assert heard.said == ["I heard afternoon. Is that right?"]
    assert heard.means(control="yes").said == ["Got 2026-11-28pm."]


def test_two_unsure_values_are_asked_one_after_the_other() -> None:
    start = "{ collect: [day, window], prompt: When?, each: { window: Which half? }, then: heard }"
    heard = one(start).means(day=("2026-11-28", 0.5), window=("pm", 0.5)).means(control="yes")
    assert heard.said == ["Which half?"]


def test_a_step_whose_value_is_known_is_passed_over_unless_it_always_asks() -> None:
    body = "start: { ask: Yes?, intents: { visit: when } }\nwhen: { collect: day, prompt: When?, then: bye }"
    assert Call(flow(body, HEAD)).means(("visit", 0.9), day="2026-11-28").done == [HangUp("done")]
    always = body.replace("prompt: When?", "prompt: When?, always: true")
    heard = Call(flow(always, HEAD)).means(("visit", 0.9), day="2026-11-28")
    assert heard.said == ["When?"]
    assert heard.means(day=("x", 0.2)).means(day="2026-11-29").done == [HangUp("done")]


def test_a_value_given_unasked_but_unsurely_is_asked_about_where_it_is_needed() -> None:
    body = "start: { ask: Yes?, intents: { visit: when } }\nwhen: { collect: day, prompt: When?, then: bye }"
    heard = Call(flow(body, HEAD)).means(("visit", 0.9), day=("2026-11-28", 0.5))
    assert heard.said == ["I heard 2026-11-28. Is that right?"]
    assert heard.means(control="no").said == ["Sorry?", "When?"]
    heard = Call(flow(body, HEAD)).means(("visit", 0.9), day=("2026-11-28", 0.7))
    assert heard.said == ["2026-11-28."]
    heard = Call(flow(body, HEAD)).means(("visit", 0.9), day=("2026-11-28", 0.3))
    assert heard.said == ["When?"]


def test_a_value_repeated_in_passing_is_corrected_in_one_step() -> None:
    body = """
    start: { collect: day, prompt: Which day?, then: window }
    window: { collect: window, prompt: "On {day}: when?", then: bye }
    """
    heard = Call(flow(body, HEAD)).means(day=("2026-11-28", 0.7))
    assert heard.said == ["2026-11-28.", "On 2026-11-28: when?"]
    assert heard.means(control="no", day="2026-11-29").said == ["On 2026-11-29: when?"]
    heard = Call(flow(body, HEAD)).means(day=("2026-11-28", 0.7)).means(control="no")
    assert (heard.at, heard.said) == ("start", ["Sorry?", "Which day?"])


def test_moderate_values_are_repeated_even_when_sure() -> None:
    assert one("{ collect: amount, prompt: How much?, then: heard }").means(amount="20").said == ["20.", "Got 20."]


def test_the_step_decides_over_the_slot_how_to_confirm() -> None:
    start = "{ collect: amount, prompt: How much?, confirm: none, then: heard }"
    assert one(start).means(amount=("20", 0.5)).said == ["Got 20."]


def test_free_words_are_a_value_and_commands_are_not() -> None:
    start = "{ collect: place, prompt: Where?, then: heard }"
    assert one(start).says("By the lake").said == ["Got by the lake."]
    assert one(start).means(text="the lake").said == ["Got the lake."]
    assert one(start).means(("visit", 0.2), text="the lake").said == ["Got the lake."]
    assert not one(start).means(text=" ").last.matched
    assert one(start).means(control="agent", text="agent").said == [
        "Of course. In a word, what is it about? I'll get the right person."
    ]


def test_an_intent_said_where_free_words_are_expected_wins_only_when_sure() -> None:
    start = "{ collect: place, prompt: Where?, intents: { visit: which }, then: heard }"
    more = "\nwhich: { collect: day, prompt: Which day?, then: heard }"
    assert one(start, more).means(("visit", 0.9), place="a visit").at == "which"
    assert one(start, more).means(("visit", 0.5), place="visit road").said == ["Got visit road."]


def test_yes_and_no_are_values_of_a_yes_no_slot() -> None:
    start = "{ collect: sure, prompt: Sure?, then: heard }"
    assert one(start).means(control="no").said == ["Got no."]
    assert one(start).presses("1").said == ["Got yes."]
    assert one(start).says("yes").said == ["Got yes."]


def test_i_dont_know_has_its_own_way() -> None:
    start = "{ collect: last4, prompt: Digits?, dont_know: bye, then: heard }"
    assert one(start).says("I don't know").done == [HangUp("done")]
    start = "{ collect: place, prompt: Where?, dont_know: bye, then: heard }"
    assert one(start).means(control="dont_know", place="no idea").done == [HangUp("done")]


def test_digits_are_keyed_and_zero_is_a_digit_inside_an_entry() -> None:
    call = one("{ collect: last4, prompt: Digits?, then: heard }")
    assert call.last.expect is not None
    keys = call.last.expect.keys
    assert (keys.least, keys.most, keys.end_key, dict(keys.choices)) == (4, 4, "#", {"0": "agent", "*": "repeat"})
    assert call.presses("0421").said == ["Got 0421."]


def test_an_entry_of_the_wrong_length_or_where_none_is_expected_is_a_no_match() -> None:
    assert not one("{ collect: last4, prompt: Digits?, then: heard }").presses("44").last.matched
    assert not one("{ collect: day, prompt: Day?, then: heard }").presses("5").last.matched
    assert (
        not one("{ collect: last4, prompt: Digits?, then: heard }")
        .means(last4=("4421", 0.5))
        .presses("77")
        .last.matched
    )


def test_an_amount_without_a_length_takes_a_single_zero() -> None:
    call = one("{ collect: amount, prompt: How much?, confirm: none, then: heard }")
    assert call.last.expect is not None
    assert dict(call.last.expect.keys.choices) == {"*": "repeat"}
    assert call.presses("0").said == ["Got 0."]


def test_a_secret_is_keyed_only_and_never_told() -> None:
    body = """
    start: { collect: pin, prompt: Key in your PIN., then: check }
    check: { fetch: "http://x/pin", method: POST, body: { pin: "{pin}" }, then: person, failed: person }
    """
    call = Call(flow(body, HEAD))
    assert call.last.expect is not None
    assert (call.last.expect.secret, call.last.expect.phrases, call.last.expect.slots) == (True, (), ())
    assert not call.means(pin="1234", text="1234").last.matched
    request = call.presses("123456").done[0]
    assert isinstance(request, Fetch)
    assert request.body == {"pin": "123456"}
    queued = call.comes("ok").done[0]
    assert isinstance(queued, JoinQueue)
    assert queued.facts == {"language": "en", "summary": ""}


def test_a_secret_that_has_to_be_confirmed_is_not_read_back() -> None:
    body = "start: { collect: pin, prompt: PIN?, confirm: explicit, then: bye }"
    assert Call(flow(body, HEAD)).presses("1234").said == ["I heard …. Is that right?"]


def test_a_value_read_back_is_worded() -> None:
    worded = flow("start: { collect: last4, prompt: Digits?, confirm: explicit, then: bye }", HEAD).worded_by(
        {"digits": lambda value, language: f"{language}:{' '.join(value)}"}
    )
    assert Call(worded).presses("4421").said == ["I heard en:4 4 2 1. Is that right?"]


def test_an_article_is_no_place_and_what_is_missing_is_asked_for() -> None:
    talk = one("{ collect: place, prompt: [Near which place?, Which landmark?], then: heard }")
    talk.means(text="near the")
    assert (talk.said, talk.variables["place"]) == (["Go on, please.", "Which landmark?"], "")
    assert talk.means(text="the Bird's Nest and um").said == ["Got the Bird's Nest."]
    words = one("{ collect: place, prompt: Where?, then: heard }")
    assert words.says("next to my").said == ["Go on, please.", "Where?"]
    assert words.says("next to my house").said == ["Got next to my house."]
