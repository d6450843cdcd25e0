"""The tick, with a clock of its own; and two real lines that hear each other."""

import asyncio
import wave
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from ivr.call.agent_leg import AgentLeg, LegEnded
from ivr.call.recorder import StereoRecorder
from ivr.call.rooms import MOST_UNHEARD, LiveRoom, Rooms, RoomSeat
from ivr.model.audio import AudioFrame
from telephony.file_line import FileLine
from tests.call.people import MUSIC, FastClock, frame


def in_a_room(test: Callable[[LiveRoom, Rooms], Coroutine[Any, Any, None]], clock: FastClock) -> Rooms:
    rooms = Rooms(clock.now, clock.sleep)

    async def scenario() -> None:
        async with asyncio.timeout(60), rooms.open(MUSIC) as room:
            assert rooms.live == 1
            await test(room, rooms)

    asyncio.run(scenario())
    assert rooms.live == 0
    return rooms


async def hear(seat: RoomSeat, count: int) -> list[int]:
    sound = seat.sound()
    return [int((await anext(sound)).samples[-1]) for _ in range(count)]


def test_a_seat_hears_every_tick_what_the_others_said() -> None:
    clock = FastClock()

    async def test(room: LiveRoom, rooms: Rooms) -> None:
        caller, agent = room.sit("caller", "caller", 8000), room.sit("anna", "agent", 8000)
        for value in (5, 6):
            caller.put(frame(value))
        assert await hear(agent, 2) == [5, 6]
        assert clock.time == pytest.approx(0.06)  # the next tick is under way

    rooms = in_a_room(test, clock)
    assert (rooms.punctuality.late, rooms.punctuality.read_worst()) == (0, 0.0)


def test_a_late_tick_is_counted_and_what_it_missed_is_not_made_up_for() -> None:
    clock, lateness = FastClock(0.0, 0.1, 0.015), list[float]()

    async def test(room: LiveRoom, rooms: Rooms) -> None:
        rooms.punctuality.observers.append(lateness.append)
        caller, agent = room.sit("caller", "caller", 8000), room.sit("anna", "agent", 8000)
        for value in range(1, 6):
            caller.put(frame(value))
        assert await hear(agent, 4) == [1, 4, 5, 2]  # two and three were due in the time that is gone; 2 is fading
        assert clock.time == pytest.approx(0.02 + 0.12 + 0.035 + 0.005 + 0.02)

    rooms = in_a_room(test, clock)
    assert lateness[:4] == pytest.approx([0.0, 0.1, 0.015, 0.0])
    assert rooms.punctuality.late == 1
    assert rooms.punctuality.read_worst() == pytest.approx(0.1)
    assert rooms.punctuality.worst == 0.0


def test_a_line_that_does_not_fetch_its_sound_finds_only_the_newest() -> None:
    async def test(room: LiveRoom, rooms: Rooms) -> None:
        caller, agent = room.sit("caller", "caller", 8000), room.sit("anna", "agent", 8000)
        for value in (1, 2, 3, 4):
            caller.put(frame(value))
        room.tick()
        sound = agent.sound()
        for _ in range(3):
            room.tick()
        assert [int((await anext(sound)).samples[-1]) for _ in range(MOST_UNHEARD)] == [3, 4]
        assert rooms.punctuality.dropped_frames >= 1

    in_a_room(test, FastClock())


def test_leaving_ends_the_sound_once_and_for_all_and_the_last_one_ends_the_room() -> None:
    async def test(room: LiveRoom, rooms: Rooms) -> None:
        await room.empty()
        caller, agent = room.sit("caller", "caller", 8000), room.sit("anna", "agent", 8000)
        sound = agent.sound()
        await anext(sound)
        agent.leave()
        agent.leave()
        agent.put(frame(1))
        assert [each async for each in sound] == []
        assert (agent.is_left, caller.is_left, "anna" in room.room) == (True, False, False)
        assert [each async for each in agent.sound()] == []
        room.close()
        await room.empty()
        ticks = rooms.punctuality.ticks
        await asyncio.sleep(0)
        assert rooms.punctuality.ticks <= ticks + 1

    in_a_room(test, FastClock())


def test_a_room_that_breaks_lets_everybody_go_and_says_so() -> None:
    class Broken:
        def frame(self, rate: int, index: int) -> Any:
            raise RuntimeError("a bug")

    async def scenario() -> None:
        clock = FastClock()
        async with asyncio.timeout(60), Rooms(clock.now, clock.sleep).open(Broken()) as room:
            seat = room.sit("caller", "caller", 8000)
            room.room.hold("caller")
            assert [each async for each in seat.sound()] == []
            assert seat.is_left

    with capture_logs() as logs:
        asyncio.run(scenario())
    assert [(each["event"], each["error"]) for each in logs] == [("a room broke", "RuntimeError")]


def sine_file(path: Path, hertz: float) -> Path:
    sound = 8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(sound.astype("<i2").tobytes())
    return path


def pitch(sound: "np.ndarray[Any, np.dtype[np.int16]]", rate: int) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * rate / sound.size)


def test_two_lines_of_different_rates_hear_each_other_and_recordings_have_both_at_their_time(tmp_path: Path) -> None:
    narrow = FileLine(sine_file(tmp_path / "a.wav", 500), listening_seconds=0.2)
    wide = FileLine(sine_file(tmp_path / "b.wav", 900), rate=16000, listening_seconds=0.2)
    recorders = [StereoRecorder(tmp_path / f"{line.rate}.wav", line.rate) for line in (narrow, wide)]
    narrow.listen_along(recorders[0], 0.0)
    wide.listen_along(recorders[1], 0.0)
    levels: list[float] = []

    async def scenario() -> list[LegEnded]:
        rooms = Rooms()
        async with asyncio.timeout(60), rooms.open(MUSIC) as room:
            legs = [AgentLeg(line, room.sit(str(line.rate), "agent", line.rate)) for line in (narrow, wide)]
            return await asyncio.gather(*(leg.run() for leg in legs))

    ended = asyncio.run(scenario())
    assert {each.by for each in ended} == {"line"}
    for recorder, rate, own, other in ((recorders[0], 8000, 500, 900), (recorders[1], 16000, 900, 500)):
        recorder.close()
        with wave.open(str(tmp_path / f"{rate}.wav")) as file:
            assert file.getframerate() == rate
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        middle = sound[rate // 4 : rate * 3 // 4]
        # Ticks that come late are left out, and move a pitch by some Hz; a wrong rate would halve or double it.
        assert [pitch(middle[:, 0], rate), pitch(middle[:, 1], rate)] == pytest.approx([own, other], abs=40.0)
        begins = [int(np.flatnonzero(np.abs(sound[:, channel]) > 2000)[0]) / rate for channel in (0, 1)]
        levels += [begins[1] - begins[0]]
        assert 0.0 <= begins[1] - begins[0] < 0.5
    assert AudioFrame(sound[:, 1].tobytes(), 16000).dbfs < 0
