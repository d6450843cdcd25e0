"""What people can do with a call, heard at each end: the caller says 1, anna 10, bob 100, sue 1000, the bot 5000."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ivr.call.attendance import Attendant, MeetingEnded, MeetingView
from ivr.call.leg_workers import MOST_UNHEARD_FRAMES, Listener
from ivr.call.meeting import Meeting, Meetings
from ivr.call.rooms import Rooms
from ivr.model.errors import BadQuery, NotThere, RecognizerError
from ivr.model.events import AgentJoined, AgentSaid, CallEvent, DigitPressed, Heard, LineHeld
from tests.call.fakes import ScriptEars
from tests.call.people import FastClock, Flat, PersonLine, SeatedGuest, SteadyVoice, frame

MUSIC = 77


class Talk:
    """One meeting under test."""

    def __init__(self, voice: SteadyVoice | None = None) -> None:
        clock = FastClock()
        self.caller, self.anna, self.bob, self.sue = (PersonLine(value) for value in (1, 10, 100, 1000))
        self.guest = SeatedGuest(self.caller)
        self.voice = voice or SteadyVoice()
        self.views: list[MeetingView] = []
        self.meetings = Meetings(
            Rooms(clock.now, clock.sleep), self.voice, Flat(), {"cards": Flat(88)}, self.views.append
        )

    @property
    def meeting(self) -> Meeting:
        return self.meetings.find("c1")

    @property
    def phases(self) -> list[str]:
        phases = [view.phase for view in self.views]
        return [phase for at, phase in enumerate(phases) if at == 0 or phases[at - 1] != phase]

    async def bridged(self) -> None:
        await self.caller.hears(10)
        await self.anna.hears(1)


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - the clock of these tests passes only when others run
        await asyncio.sleep(0)


def talk(
    test: Callable[[Talk], Awaitable[None]],
    made: Talk | None = None,
    *,
    whisper: str = "",
    first: Attendant | None = None,
) -> tuple[Talk, MeetingEnded]:
    made = made or Talk()

    async def scenario() -> MeetingEnded:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            attendant = first or Attendant("anna", made.anna, "Anna")
            meeting = tasks.create_task(made.meetings.meet(made.guest, attendant, whisper=whisper, queue="cards"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            await test(made)
            return await meeting

    ended = asyncio.run(scenario())
    assert made.meetings.live == {}
    assert made.meetings.rooms.live == 0
    assert made.anna.hung_up == 1
    return made, ended


def test_they_hear_each_other_until_the_agent_hangs_up() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.leaves()

    made, ended = talk(test)
    assert ended == MeetingEnded("agent", "anna", "caller")
    assert made.guest.told == [AgentJoined("anna", "Anna")]
    assert made.phases == ["talking", "over"]
    assert made.caller.hung_up == 0


def test_a_caller_who_hangs_up_frees_the_agent() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.caller.leaves()

    assert talk(test)[1] == MeetingEnded("caller", "anna")


def test_an_agent_whose_line_dies_is_told_apart_from_one_who_hangs_up() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.leaves("network")

    assert talk(test)[1] == MeetingEnded("agent", "anna", "network")


def at_a_desk(grace_seconds: float = 60.0) -> Talk:
    """Anna may come back when her line is lost."""
    made = Talk()
    made.meetings.may_return = lambda agent: agent == "anna"
    made.meetings.grace_seconds = grace_seconds
    return made


def test_an_agent_who_comes_back_soon_goes_on_with_the_same_caller_who_hears_music_meanwhile() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        assert made.meetings.lost_by("anna") is None
        made.anna.leaves("network")
        await made.caller.hears(88)
        assert made.meetings.lost_by("anna") is made.meeting
        assert made.meetings.lost_by("bob") is None
        with pytest.raises(BadQuery):
            made.meeting.rejoin(Attendant("bob", made.bob))
        again = PersonLine(20)
        made.meeting.rejoin(Attendant("anna", again, "Anna"))
        await made.caller.hears(20)
        await again.hears(1)
        again.leaves()

    made, ended = talk(test, at_a_desk())
    assert ended == MeetingEnded("agent", "anna", "caller")
    assert made.phases == ["talking", "lost", "talking", "over"]
    assert made.guest.told == [AgentJoined("anna", "Anna"), LineHeld(True), LineHeld(False)]


def test_an_agent_who_is_back_before_the_loss_was_noticed_takes_over_from_their_old_line() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        again = PersonLine(20)
        made.meeting.rejoin(Attendant("anna", again, "Anna"))
        await made.caller.hears(20)
        await again.hears(1)
        await until(lambda: made.anna.hung_up == 1)
        again.leaves()

    made, ended = talk(test, at_a_desk())
    assert ended == MeetingEnded("agent", "anna", "caller")
    assert made.phases == ["talking", "over"]


def test_an_agent_who_does_not_come_back_leaves_the_caller_to_the_queue() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.leaves("network")

    made, ended = talk(test, at_a_desk(grace_seconds=0.01))
    assert ended == MeetingEnded("agent", "anna", "network")
    assert made.phases == ["talking", "lost", "over"]


def test_a_caller_who_does_not_wait_for_a_lost_agent_ends_it() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.leaves("network")
        await made.caller.hears(88)
        made.caller.leaves()

    made, ended = talk(test, at_a_desk())
    assert ended == MeetingEnded("caller", "anna")


def test_a_line_that_breaks_in_an_odd_way_is_a_dead_line() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.breaks = True

    assert talk(test)[1] == MeetingEnded("agent", "anna", "network")


def test_the_agent_is_told_who_comes_before_the_caller_hears_them() -> None:
    async def test(made: Talk) -> None:
        await made.anna.hears(5000)
        assert (made.caller.heard, made.guest.told, made.meeting.view.phase) == ([], [], "whispering")
        await made.bridged()
        assert 5000 not in made.caller.heard
        assert 40 <= made.anna.heard.count(5000) <= 50
        made.anna.leaves()

    made, _ = talk(test, Talk(SteadyVoice(seconds=0.9)), whisper="Card services, lost card.")
    assert made.voice.said == ["Card services, lost card."]


def test_without_a_voice_they_meet_all_the_same() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.leaves()

    talk(test, Talk(SteadyVoice(broken=True)), whisper="Card services.")


def test_an_agent_who_leaves_during_the_whisper_never_had_the_caller() -> None:
    async def test(made: Talk) -> None:
        await made.anna.hears(5000)
        made.anna.leaves()

    made, ended = talk(test, whisper="Card services.")
    assert ended == MeetingEnded("agent", "anna", "caller")
    assert (made.guest.told, made.caller.heard) == ([], [])


def test_on_hold_the_caller_hears_the_music_of_the_queue_and_the_agent_nothing() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        made.meeting.hold()
        await made.caller.hears(88)
        await made.anna.hears(0)
        made.meeting.resume()
        await made.bridged()
        made.meeting.mute("anna")
        assert made.meeting.view.muted == ("anna",)
        await made.caller.hears(0)
        made.meeting.mute("anna", False)
        await made.bridged()
        made.anna.leaves()

    assert talk(test)[0].phases == ["talking", "held", "talking", "over"]


async def consulting(made: Talk) -> None:
    await made.bridged()
    await made.meeting.consult(Attendant("bob", made.bob, "Bob"), "A caller of Anna's.")
    await made.caller.hears(88)
    await made.bob.hears(5010)
    await made.bob.hears(10)
    await made.anna.hears(100)


def test_a_transfer_is_talked_over_and_then_completed() -> None:
    async def test(made: Talk) -> None:
        await consulting(made)
        made.meeting.complete()
        await made.caller.hears(100)
        await made.bob.hears(1)
        assert made.meeting.view.agent == "bob"
        made.bob.leaves()

    made, ended = talk(test)
    assert ended == MeetingEnded("agent", "bob", "caller")
    assert made.guest.told == [
        AgentJoined("anna", "Anna"), LineHeld(True), AgentJoined("bob", "Bob"), LineHeld(False),
    ]  # fmt: skip
    assert made.phases == ["talking", "consulting", "talking", "over"]


def test_an_agent_who_hangs_up_while_consulting_leaves_the_caller_with_the_other() -> None:
    async def test(made: Talk) -> None:
        await consulting(made)
        made.meeting.hang_up("anna")
        await made.caller.hears(100)
        made.caller.leaves()

    made, ended = talk(test)
    assert ended == MeetingEnded("caller", "bob")
    assert made.bob.hung_up == 1


@pytest.mark.parametrize("how", ["cancel", "bob leaves"])
def test_a_consultation_that_comes_to_nothing_brings_the_caller_back(how: str) -> None:
    async def test(made: Talk) -> None:
        await consulting(made)
        if how == "cancel":
            made.meeting.cancel()
        else:
            made.bob.leaves()
        await made.bridged()
        made.anna.leaves()

    made, ended = talk(test)
    assert ended == MeetingEnded("agent", "anna", "caller")
    assert made.bob.hung_up == 1


def test_in_a_conference_all_three_talk_and_either_agent_may_go() -> None:
    async def test(made: Talk) -> None:
        await consulting(made)
        made.meeting.conference()
        await made.caller.hears(110)
        await made.bob.hears(11)
        made.meeting.hold()
        await made.caller.hears(88)
        made.meeting.resume()
        await made.caller.hears(110)
        made.anna.leaves()
        await made.caller.hears(100)
        made.meeting.end("transferred")

    made, ended = talk(test)
    assert ended == MeetingEnded("system", "bob", "transferred")
    assert made.phases == [
        "talking", "consulting", "conference", "consulting", "conference", "talking", "over",
    ]  # fmt: skip


def test_a_supervisor_listens_whispers_and_barges_in_and_goes_unnoticed() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        await made.meeting.supervise(Attendant("sue", made.sue))
        await made.sue.hears(11)
        made.meeting.set_mode("sue", "whisper")
        await made.anna.hears(1001)
        made.meeting.set_mode("sue", "barge")
        await made.caller.hears(1010)
        made.meeting.set_mode("sue", "monitor")
        await made.bridged()
        assert made.meeting.view.supervisors == {"sue": "monitor"}
        with pytest.raises(BadQuery, match="anna"):
            made.meeting.set_mode("anna", "barge")
        made.sue.leaves()
        await made.bridged()
        made.anna.leaves()

    made, _ = talk(test)
    assert made.sue.hung_up == 1


def test_who_was_whispered_to_takes_the_whisper_along_with_the_caller() -> None:
    async def test(made: Talk) -> None:
        await consulting(made)
        await made.meeting.supervise(Attendant("sue", made.sue), "whisper")
        await made.anna.hears(1100)
        made.meeting.complete()
        await made.bob.hears(1001)
        await made.caller.hears(100)
        made.bob.leaves()

    talk(test)


def test_a_word_to_one_agent_is_heard_by_nobody_else() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        await made.meeting.tell_agent("anna", "The caller is upset.")
        assert 5001 in made.anna.heard
        assert max(made.caller.heard) == 10
        made.anna.leaves()

    talk(test)


def test_what_makes_no_sense_now_is_refused_and_a_line_brought_for_it_is_hung_up() -> None:
    async def test(made: Talk) -> None:
        await made.bridged()
        for refused in (made.meeting.complete, made.meeting.cancel, made.meeting.conference):
            with pytest.raises(BadQuery, match="talking"):
                refused()
        for stranger in (made.meeting.hang_up, made.meeting.mute):
            with pytest.raises(NotThere, match="bob"):
                stranger("bob")
        with pytest.raises(BadQuery, match="already"):
            await made.meeting.consult(Attendant("anna", made.bob))
        with pytest.raises(BadQuery, match="already"):
            await made.meeting.supervise(Attendant("the caller", made.sue))
        assert (made.bob.hung_up, made.sue.hung_up) == (1, 1)
        meeting = made.meeting
        made.anna.leaves()
        await made.anna.hears(1)
        await until(lambda: made.views[-1].phase == "over")
        with pytest.raises(NotThere):
            meeting.hold()
        with pytest.raises(NotThere):
            await meeting.consult(Attendant("bob", made.bob))
        meeting.end("again")

    made, ended = talk(test)
    assert ended.by == "agent"
    with pytest.raises(NotThere):
        made.meetings.find("c1")


def test_a_caller_who_is_gone_in_the_middle_of_everything_frees_everybody_at_once() -> None:
    made = Talk()

    async def scenario() -> None:
        async with asyncio.timeout(60):
            meeting = asyncio.create_task(made.meetings.meet(made.guest, Attendant("anna", made.anna)))
            await made.bridged()
            await made.meeting.consult(Attendant("bob", made.bob))
            await made.meeting.supervise(Attendant("sue", made.sue))
            await made.bob.hears(10)
            meeting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await meeting

    asyncio.run(scenario())
    assert [line.hung_up for line in (made.anna, made.bob, made.sue)] == [1, 1, 1]
    assert (made.meetings.live, made.meetings.rooms.live) == ({}, 0)


class AgentEars(ScriptEars):
    """Hears the next line of the script, and has one piece of news."""

    def __init__(self, *script: str | Exception, news: str | Exception = "and news") -> None:
        super().__init__(*script)
        self._news: list[str | Exception] = [news]

    async def news(self) -> CallEvent:
        if self._news:
            news = self._news.pop()
            if isinstance(news, Exception):
                raise news
            return Heard(news, confidence=0.5)
        return await super().news()


def test_keys_and_words_of_an_agent_are_passed_on_and_ears_that_break_do_no_harm() -> None:
    made, keys = Talk(), list[str]()
    ears = AgentEars("", "Hello.", RecognizerError("broke"))

    async def test(made: Talk) -> None:
        await made.bridged()
        made.anna.items.put_nowait(DigitPressed("5"))
        await until(lambda: len(made.guest.told) == 3 and bool(keys))
        made.anna.leaves()

    talk(test, made, first=Attendant("anna", made.anna, ears=ears, pressed=keys.append))
    assert keys == ["5"]
    assert AgentSaid("Hello.", 1.0, 0.2) in made.guest.told
    assert AgentSaid("and news", 0.5) in made.guest.told
    assert ears.closed


def test_ears_that_break_are_asked_again_and_what_they_cannot_keep_up_with_is_dropped_and_counted() -> None:
    async def scenario() -> None:
        said, both = list[AgentSaid](), asyncio.Event()

        def tell(words: AgentSaid) -> None:
            said.append(words)
            if len(said) == 2:
                both.set()

        ears = AgentEars(RuntimeError("a bug"), "Hello.", news="again")
        ears._news.append(RuntimeError("a bug"))
        listener = Listener(ears, PersonLine(1), tell)
        for _ in range(MOST_UNHEARD_FRAMES + 1):
            listener.put(frame(1))
        assert listener.dropped_frames == 1
        listening = asyncio.create_task(listener.run())
        await asyncio.wait_for(both.wait(), 10)
        listening.cancel()
        await asyncio.wait({listening})
        assert sorted(each.text for each in said) == ["Hello.", "again"]
        assert ears.closed

    asyncio.run(scenario())
