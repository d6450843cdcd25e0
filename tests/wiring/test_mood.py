"""A caller who gets angry is seen at once: live, counted, in the handoff, and told once for each level."""

import asyncio
from dataclasses import replace
from typing import Any

from ivr.insight.emotion import Alert, Level
from ivr.model.errors import StoreError
from ivr.model.events import Heard
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from ivr.wiring.mood import MoodWatch
from tests.call.fakes import FRAME, Memory, ScriptEars, ToneVoice, around
from tests.call.test_reception import Call


class SeenLive(LiveCalls):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def happened(self, kind: str, call_id: str, **fields: Any) -> None:
        self.seen.append((kind, fields))


def held(
    *says: str, before: int | Exception = 0
) -> tuple[SeenLive, Meters, list[tuple[Level, str, bool]], list[float | None]]:
    live, meters, told, moods = SeenLive(), Meters(), [], []

    async def contacts_before(caller: str) -> int:
        if isinstance(before, Exception):
            raise before
        return before

    async def scenario() -> None:
        watch = MoodWatch(live, meters, contacts_before)

        def tell(call_id: str, alert: Alert, with_agent: bool) -> None:
            told.append((alert.level, alert.cause, with_agent))

        watch.told.append(tell)
        store, voice = Memory(), ToneVoice()
        call = Call(ScriptEars(*says), store=store, voice=voice,
                    surroundings=replace(around(voice, store), watchers=(watch.saw,)))  # fmt: skip
        watch.reception, call.reception.watching = call.reception, (watch,)
        taking = asyncio.create_task(call.take())
        await call.speaking(2)
        for _ in says:
            moods.append(next(iter(call.reception.live.values())).log.mood)
            await call.speaking(0, FRAME)
            await call.speaking(1)
        (call_id,) = call.reception.live
        moods.append(call.reception.live[call_id].log.mood)
        assert watch.moods().keys() == {call_id}
        assert watch.mood(call_id) is not None
        call.line.arrivals.put_nowait(None)
        await taking
        assert watch.moods() == {}
        assert watch.mood(call_id) is None

    asyncio.run(scenario())
    return live, meters, told, moods


def test_the_mood_runs_along_and_each_level_is_told_once() -> None:
    live, meters, told, moods = held("this is ridiculous", "you are useless")
    assert [kind for kind, _ in live.seen] == ["mood", "alert", "mood"]
    assert (live.seen[1][1]["level"], live.seen[1][1]["cause"]) == ("red", "mood")
    assert told == [("red", "mood", False)]
    assert moods[0] is None
    assert moods[-1] is not None
    assert moods[-1] < -0.5
    counted = meters.registry.get_sample_value("ivr_mood_alerts_total", {"level": "red", "cause": "mood"})
    assert counted == 1.0
    assert "ridiculous" not in str([fields for kind, fields in live.seen])


def test_a_third_call_within_a_week_with_an_unfriendly_word_is_red() -> None:
    assert held("that is bad", before=2)[2] == [("red", "repeat_contact", False)]
    assert held("hello", before=2)[2] == []


def test_earlier_contacts_that_cannot_be_read_change_nothing() -> None:
    assert held("hello", before=StoreError("away"))[2] == []


def test_who_acts_on_words_knows_the_mood_they_bring_and_it_is_counted_once() -> None:
    live, meters, kept = SeenLive(), Meters(), list[str]()

    async def scenario() -> None:
        watch = MoodWatch(live, meters)
        says = ("your service is terrible", "I will complain to the regulator")
        store, voice = Memory(), ToneVoice()
        surroundings = replace(around(voice, store), watchers=(watch.saw,), feel=watch.feel)
        call = Call(ScriptEars(*says), store=store, voice=voice, surroundings=surroundings)
        watch.reception, call.reception.watching = call.reception, (watch,)
        taking = asyncio.create_task(call.take())
        await call.speaking(2)
        for _ in says:
            await call.speaking(0, FRAME)
            await call.speaking(1)
        (one,) = call.reception.live.values()
        assert one.log.mood is not None
        assert one.log.mood <= -0.5
        mood = watch.mood(one.call_id)
        assert mood is not None
        assert mood.turns == len(says)
        call.line.arrivals.put_nowait(None)
        await taking
        kept.extend(entry.event.mood for entry in store.journal if isinstance(entry.event, Heard))
        assert watch.feel("a call that is over", "terrible") == ""

    asyncio.run(scenario())
    assert kept == ["red", "red"]
    assert [fields["level"] for kind, fields in live.seen if kind == "alert"] == ["red"]
