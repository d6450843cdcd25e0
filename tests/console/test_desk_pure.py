"""What the desk shows, advises and tells the routing, without a browser."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.assist.next_best import Advice, Found, next_best
from ivr.assist.rules import Level, Rule, Situation, When
from ivr.call.attendance import MeetingView, Phase
from ivr.console.desk_advice import advice, worded
from ivr.console.desk_faces import Face, faces
from ivr.console.desk_follow import happenings
from ivr.console.desk_names import Names
from ivr.console.desk_talk import MOST_LINES, Desk, Offer, Said, Suggestion, Talk
from ivr.console.desk_words import DESK, DISPOSITIONS
from ivr.console.words import FRAME, preferred, speaker
from ivr.insight.emotion import Mood
from ivr.model.assist import Before, Similar
from ivr.model.people import BREAK_REASONS, Handoff
from ivr.routing.happenings import (
    ConsultBegan,
    ConsultEnded,
    HandedOver,
    Happening,
    HoldBegan,
    HoldEnded,
    OutboundEnded,
)

KNOWN = Handoff("c1", customer="Mei Lin", authentication_level=2)
MOODS: tuple[Level, ...] = ("red", "amber")
FEES = Suggestion("Ten yuan.", "what are your fees", "bank#fees", 0.7)


def view(phase: Phase, agent: str = "ann", consulted: str = "") -> MeetingView:
    return MeetingView("c1", phase, agent, consulted)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, view("whispering"), []),
        (view("whispering"), view("talking"), []),
        (view("talking"), view("held"), [HoldBegan("ann")]),
        (view("held"), view("talking"), [HoldEnded("ann")]),
        (view("held"), view("consulting", consulted="bo"), [HoldEnded("ann"), ConsultBegan("ann")]),
        (view("consulting", consulted="bo"), view("talking"), [ConsultEnded("ann"), OutboundEnded("bo")]),
        (view("consulting", consulted="bo"), view("conference", consulted="bo"), [ConsultEnded("ann")]),
        (view("conference", consulted="bo"), view("talking", agent="bo"), [HandedOver("e1", "bo")]),
        (view("consulting", consulted="bo"), view("over", consulted="bo"), [OutboundEnded("bo")]),
        (view("held"), view("over"), []),
        (view("talking"), view("talking"), []),
    ],
)
def test_the_routing_is_told_what_changed_in_a_talk(
    before: MeetingView | None, after: MeetingView, told: list[Happening]
) -> None:
    assert happenings(before, after, "e1") == told


def test_a_consultation_that_the_call_outlives_frees_the_consulted_once() -> None:
    before, after = view("consulting", consulted="bo"), view("over", consulted="")
    assert happenings(before, after, "e1") == [OutboundEnded("bo")]


def test_advice_follows_what_the_desk_knows() -> None:
    talk = Talk("o1", KNOWN, 0.0)
    assert advice(talk) == []
    talk.suggestions = (FEES,)
    assert advice(talk) == [Advice("advise_answer", "accent", 46, {"about": "what are your fees"})]
    talk.mood, talk.before = Mood(level="amber"), Before(callback_queue="cards")
    talk.similar = Similar(outcomes={"resolved": 3})
    assert [one.key for one in advice(talk, held_for=60.0)] == [
        "advise_amber", "advise_hold", "advise_callback", "advise_answer",
    ]  # fmt: skip


def test_rules_of_the_house_look_at_what_the_caller_said() -> None:
    rule = Rule(
        name="danger", when=When(says=("gas",)), say={"en": "Out of the room.", "zh": "请离开房间。"}, urgency=99
    )
    talk = Talk("o1", KNOWN, 0.0)
    talk.heard(Said("agent", "do you smell gas"))
    assert advice(talk, rules=[rule]) == []
    talk.heard(Said("caller", "I smell gas"))
    (told,) = advice(talk, rules=[rule])
    assert [worded(told, speaker(one, DESK), one) for one in ("en", "zh")] == ["Out of the room.", "请离开房间。"]
    assert worded(replace(told, words={"zh": "请离开房间。"}), speaker("en", DESK), "en") == "请离开房间。"


@pytest.mark.parametrize(
    ("told", "english"),
    [
        (Advice("advise_outcome", places={"outcome": "follow_up", "count": "3", "total": "4"}),
         "3 of 4 calls like this were closed as: To be followed up."),
        (Advice("advise_outcome", places={"outcome": "card_sent", "count": "3", "total": "4"}),
         "3 of 4 calls like this were closed as: card sent."),
        (Advice("advise_started", places={"step": "freeze_card", "reason": "system"}),
         "The assistant came as far as “freeze card” and failed: Our systems failed. Go on from there."),
        (Advice("advise_known", places={"facts": "card_type,last4"}), "Do not ask again for: Kind of card, last4."),
        (Advice("advise_red"), DESK["advise_red"][0]),
    ],
)  # fmt: skip
def test_advice_is_worded_and_so_are_codes_in_it(told: Advice, english: str) -> None:
    assert worded(told, speaker("en", DESK), "en", Names(labels={"card_type": "Kind of card"})) == english


def test_all_that_is_built_in_has_words_in_both_languages_that_use_what_is_known() -> None:
    before = Before(2, datetime.now(UTC), "lost_card", "resolved", "k1", datetime.now(UTC), "cards")
    reached = (
        next_best(Situation(known, past, mood, 60.0), Found("?", 0.9, {"resolved": 3}), most=99)
        for mood in MOODS
        for known in (
            Handoff("c1", reason="misrecognized", tried=("a", "b"), facts={"x": "y"}),
            Handoff("c1", customer="Mei", authentication_level=1),
        )
        for past in (before, replace(before, last_disposition=""), replace(before, last_intent=""))
    )
    for one in (one for found in reached for one in found):
        for language in ("en", "zh"):
            text = worded(one, speaker(language, DESK), language)
            assert text, one
            assert "{" not in text, one


@pytest.mark.parametrize(
    ("talk_phase", "ringing", "me", "names"),
    [
        ("whispering", "", "ann", "hang_up mute"),
        ("talking", "", "ann", "hang_up hold mute transfer"),
        ("held", "", "ann", "hang_up hold mute transfer"),
        ("talking", "bo", "ann", "cancel hang_up mute"),
        ("consulting", "", "ann", "back complete conference hang_up mute"),
        ("conference", "", "ann", "back complete hang_up mute"),
        ("consulting", "", "bo", "hang_up mute"),
        ("lost", "", "ann", "again"),
        ("over", "", "ann", ""),
    ],
)
def test_an_agent_has_the_buttons_that_do_something_now(talk_phase: Phase, ringing: str, me: str, names: str) -> None:
    talk = Talk("o1", KNOWN, 0.0, ringing=ringing)
    talk.view = view(talk_phase, consulted="bo" if talk_phase in ("consulting", "conference") else "")
    assert sorted(faces(talk, me, speaker("en", DESK))) == names.split()


def test_a_button_means_what_it_says_to_whoever_presses_it() -> None:
    talk, say = Talk("o1", KNOWN, 0.0), speaker("en", DESK)
    talk.view = MeetingView("c1", "held", "ann", muted=("ann",))
    assert faces(talk, "ann", say)["hold"] == Face("Resume", "play_arrow", "on", "resume")
    assert faces(talk, "ann", say)["mute"] == Face("Unmute", "mic_off", "on", "unmute")
    talk.view = MeetingView("c1", "talking", "ann")
    assert faces(talk, "ann", say)["hold"] == Face("Hold", "pause", "plain", "hold")
    assert faces(talk, "ann", say)["mute"] == Face("Mute", "mic", "plain", "mute")


def test_a_desk_is_where_its_calls_are() -> None:
    desk = Desk("ann")
    assert str(desk.scene) == "idle"
    desk.offer = Offer("o1", KNOWN, 20.0)
    assert str(desk.scene) == "ringing"
    desk.offer, desk.talk = None, Talk("o1", KNOWN, 0.0)
    assert (desk.scene, desk.talk.phase, desk.talk.call_id) == ("talk", "connecting", "c1")
    desk.talk.view = MeetingView("c1", "held", "ann", muted=("ann",))
    assert (desk.talk.phase, desk.talk.is_muted("ann"), desk.talk.is_muted("bo")) == ("held", True, False)
    desk.talk.is_over = True
    assert (desk.scene, desk.talk.phase) == ("wrap_up", "over")


def test_a_suggestion_goes_into_the_notes_once() -> None:
    talk = Talk("o1", KNOWN, 0.0, text="Asked for fees.")
    talk.note("Ten yuan.")
    talk.note("Ten yuan.")
    talk.note("")
    assert talk.text == "Asked for fees.\nTen yuan."


def test_a_transcript_keeps_its_newest_lines() -> None:
    talk = Talk("o1", KNOWN, 0.0)
    for number in range(MOST_LINES + 5):
        talk.heard(Said("caller", str(number)))
    assert (len(talk.lines), talk.lines[-1].text) == (MOST_LINES, str(MOST_LINES + 4))
    assert not talk.is_muted("ann")


def test_every_word_is_there_in_both_languages_with_the_same_places() -> None:
    for table in (DESK, FRAME):
        for key, (english, chinese) in table.items():
            assert english, key
            assert chinese, key
            assert english.count("{") == chinese.count("{"), key
    for key in (*(f"out_{one}" for one in DISPOSITIONS), *(f"reason_{one}" for one in BREAK_REASONS)):
        assert key in DESK


def test_words_are_looked_up_in_the_page_first_and_in_the_frame_last() -> None:
    say = speaker("zh", {"brand": ("Desk", "工作台")})
    assert (say("brand"), say("reload"), say("you", name="Ann", role="x")) == ("工作台", "刷新", "当前用户:Ann(x)")
    assert speaker("en")("brand") == "Call centre"
    with pytest.raises(KeyError):
        say("nothing like it")


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [("zh", "en-US,en", "zh"), ("", "zh-CN,zh;q=0.9", "zh"), ("", "fr-FR,en;q=0.5", "en"), ("xx", "", "en")],
)
def test_the_language_is_the_one_that_was_chosen_or_else_the_browsers(asked: str, accepted: str, language: str) -> None:
    assert preferred(asked, accepted) == language
