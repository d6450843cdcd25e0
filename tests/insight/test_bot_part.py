"""What counts as a question, what as matched and resolved: the definitions of domain.md 2.3.5 on turns."""

from dataclasses import replace

import pytest

from ivr.insight.bot_part import bot_part, bot_turns, questions
from ivr.insight.likeness import alike, plain
from ivr.model.calls import Turn
from ivr.model.events import PlaybackFinished, TimerFired
from ivr.model.insight import FlowFacts, KeptCall
from ivr.model.meaning import Meaning
from tests.insight.kept_calls import BANK, Script


def topics(call: KeptCall, flow: FlowFacts = BANK) -> list[str]:
    return [one.topic for one in questions(bot_turns(call, flow), flow)]


def test_an_intent_and_a_knowledge_answer_are_questions_a_slot_and_a_command_are_not() -> None:
    script = Script().says("my balance", "hotline.b_auth", "balance").says("four four two one", "hotline.b_read")
    script.says("repeat that", control="repeat").says("do you change yen", "hotline.faq").says("hi", "x", "hello")
    assert topics(script.call()) == ["balance", "knowledge"]


def test_keys_yes_and_noise_are_no_questions() -> None:
    script = Script().presses("1").says("yes", "hotline.greet", control="yes").says("uh", "hotline.b_auth")
    assert topics(script.call()) == []


def test_a_no_match_is_a_question_only_where_anything_may_be_asked() -> None:
    open_one = Script().says("blah", "hotline.greet", no_match=True).call()
    closed = Script().says("blah", "hotline.b_auth", no_match=True).call()
    assert (topics(open_one), topics(closed)) == ([""], [])
    assert topics(closed, FlowFacts()) == [""]


def test_what_is_asked_back_and_confirmed_is_one_question() -> None:
    script = Script().says("money thing", "hotline.greet", guess="balance").says("yes", "hotline.b", "balance")
    assert topics(script.call()) == ["balance"]


@pytest.mark.parametrize("last", [True, False])
def test_what_is_asked_back_and_comes_to_nothing_is_a_question_without_a_match(last: bool) -> None:
    script = Script().says("money thing", "hotline.greet", guess="balance")
    if not last:
        script.says("no", "hotline.greet", control="no")
    assert topics(script.call()) == [""]


def test_turns_in_queues_with_people_and_in_the_survey_are_not_the_bots() -> None:
    script = Script().says("my balance", intent="balance").says("hello?", "in_queue").says("hi Ann", "with_agent")
    script.says("five", "post_call.q1").says("thanks", "post_call.q2")
    assert [one.turn.heard for one in bot_turns(script.call(), BANK)] == ["my balance"]


def test_a_turn_without_a_journal_has_no_meaning() -> None:
    call = Script().says("my balance", intent="balance").call()
    assert [one.meaning for one in bot_turns(replace(call, journal=()), BANK)] == [Meaning()]


def part_of(*says: tuple[str, str, str], **more: object) -> tuple[int, int, int]:
    script = Script()
    for text, step, intent in says:
        script.says(text, step, intent)
    found = bot_part(script.call(**more), BANK)  # type: ignore[arg-type]
    return found.questions, found.matched, found.resolved


def test_a_question_that_is_not_asked_again_is_resolved() -> None:
    assert part_of(("my balance", "b", "balance"), ("when are you open", "h", "hours")) == (2, 2, 2)


def test_the_same_topic_or_much_the_same_words_again_within_two_turns_is_not_resolved() -> None:
    assert part_of(("my balance", "b", "balance"), ("the balance", "b", "balance")) == (2, 2, 1)
    assert part_of(("do you change yen", "hotline.faq", ""), ("do you change the yen", "hotline.faq", "")) == (2, 2, 1)
    assert part_of(("do you change yen", "hotline.faq", ""), ("opening times please", "hotline.faq", "")) == (2, 2, 2)


def test_the_same_question_much_later_does_not_undo_it() -> None:
    assert part_of(("my balance", "b", "balance"), ("a", "s", ""), ("b", "s", ""), ("balance", "b", "balance"))[2] == 2


def test_a_caller_who_says_it_was_no_answer_leaves_it_unresolved() -> None:
    assert part_of(("my balance", "b", "balance"), ("that's not what I asked", "b", ""))[2] == 0
    assert part_of(("查余额", "b", "balance"), ("答非所问", "b", ""))[2] == 0


def test_the_last_question_before_a_person_is_not_resolved_the_one_before_is() -> None:
    assert part_of(
        ("my balance", "b", "balance"), ("when are you open", "h", "hours"), stats={"queues": ["cards"]},
    ) == (2, 2, 1)  # fmt: skip


def test_everything_between_caller_and_bot_is_counted() -> None:
    script = Script().says("when are you open", "h", "hours", after=1.2).says("hm", "hotline.greet", no_match=True)
    script.says("do you change yen", "hotline.faq", after=1.9).happened(TimerFired("no_input"))
    script.happened(TimerFired("filler")).happened(PlaybackFinished(3, interrupted=True))
    found = bot_part(script.call(), BANK)
    assert (found.questions, found.matched, found.simple_matched, found.instant_answers) == (3, 2, 2, 1)
    assert (found.turns, found.replied_turns, found.prompts, found.barge_ins) == (3, 3, 4, 1)
    assert (found.no_matches, found.no_inputs, found.task_completed) == (1, 1, True)
    assert (found.response_seconds, found.confidences) == ((1.2, 1.0, 1.9), (0.9, 0.9, 0.9))


def test_a_turn_nothing_was_said_to_got_no_reply() -> None:
    call = Script().says("hello", "hotline.greet").call()
    silent = Turn(2, "hotline.greet", "hello", said=())
    found = bot_part(replace(call, record=replace(call.record, turns=(silent,))), BANK)
    assert (found.turns, found.replied_turns, found.response_seconds) == (1, 0, ())


def test_a_person_first_is_a_person_before_any_question() -> None:
    first = Script().says("a person", "hotline.greet", control="agent").says("balance", intent="balance")
    later = Script().says("balance", intent="balance").says("a person", control="agent")
    keyed = Script().presses("0")
    assert [bot_part(one.call(), BANK).asked_for_agent_first for one in (first, later, keyed)] == [True, False, True]


def test_a_task_is_complete_only_at_the_bots_own_goodbye() -> None:
    script = Script().says("my balance", intent="balance")
    assert bot_part(script.call(), BANK).task_completed
    assert not bot_part(script.call("abandoned_in_ivr"), BANK).task_completed
    assert not bot_part(script.call(handled_by="both"), BANK).task_completed
    assert not bot_part(Script().call(), BANK).task_completed


def test_likeness_is_of_letters_whatever_case_and_points() -> None:
    assert plain(" Hello,  World! ") == "hello world"
    assert alike("Hello world", "hello, WORLD") == 1.0
    assert alike("查询余额", "余额查询") == pytest.approx(2 / 3)
    assert (alike("", "x"), alike("x", "x")) == (0.0, 1.0)
