"""A card number told in two breaths: journal, record and recording of the live call hold nothing of it afterwards."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.call.conductor import Conductor
from ivr.call.disclosure import Disclosure
from ivr.call.live import LiveCall
from ivr.call.record import CallLog
from ivr.call.recorder import StereoRecorder
from ivr.call.witness_workers import Witnesses
from ivr.model.audio import AudioFrame
from ivr.model.calls import CallRecord, Leg
from ivr.model.commands import Note, Say
from ivr.model.events import DigitPressed, Fetched, Heard, TurnTimes
from ivr.model.meaning import Word
from ivr.store.calls import open_store
from tests.call.fakes import Memory, ToneVoice, around
from tests.call.test_conductor import flow
from tests.call.test_record import NO_SURVEY, NOW
from tests.databases import new_database
from tests.store.samples import live_call

RATE = 8000
FIRST = Heard(
    "it is 4111 1111", times=TurnTimes(1.0, 3.0),
    words=(Word("it", 0.0, 0.2), Word("is", 0.3, 0.5), Word("4111", 1.0, 1.5), Word("1111", 1.6, 2.0)),
)  # fmt: skip
SECOND = Heard("1111 1111", words=(Word("1111", 0.0, 0.5), Word("1111", 0.6, 1.0)), times=TurnTimes(6.0, 7.0))


def live(memory: Memory, folder: Path) -> tuple[LiveCall, Witnesses]:
    disclosure = Disclosure()
    record = CallRecord("c1", Leg("text"), "+1", "+2", "inbound", "f", "1", "en", NOW)
    call = LiveCall("c1", Conductor(flow()), CallLog(record, disclosure.keys), 0.0, disclosure)
    call.recorder = StereoRecorder(folder / "c1.wav", RATE)
    for tick in range(50 * 8):
        call.recorder.caller_said(tick / 50, AudioFrame(np.full(160, 1000, "<i2").tobytes(), RATE))
    return call, Witnesses(call, around(ToneVoice(), memory))


def test_what_was_told_of_the_first_breath_is_taken_back_with_the_second(tmp_path: Path) -> None:
    memory = Memory()
    call, witnesses = live(memory, tmp_path)
    witnesses.saw(FIRST, 3.2)
    witnesses.did(Note("number", "41111111"), 3.3)
    witnesses.did(Say("4111 1111, and then?", utterance=1), 3.3)
    witnesses.saw(DigitPressed("1"), 4.0)
    witnesses.entry_over()
    assert "4111 1111" in str(memory.journal)
    witnesses.saw(SECOND, 7.2)
    witnesses.saw(Fetched("card", True, 200, {"card": "4111111111111111", "name": "Mia"}), 8.0)
    kept = {entry.seq: entry for entry in memory.journal}
    assert [entry.seq for entry in memory.journal] == [1, 2, 3, 1, 4]
    assert "1111" not in str(kept)
    first = kept[1].event
    assert isinstance(first, Heard)
    assert (first.text, kept[1].at) == ("it is <CARD>", 3.2)
    assert [turn.heard for turn in call.log.turns if turn.heard] == ["it is <CARD>", "<CARD>"]
    record = call.log.finish(NOW, (), "", NO_SURVEY, {})
    assert "1111" not in str(record)
    assert record.notes == {"number": "<CARD>"}
    assert call.recorder
    call.recorder.close()
    with wave.open(str(tmp_path / "c1.wav"), "rb") as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)[:, 0]
    silent = [second / 10 for second in range(80) if not sound[second * 800 : second * 800 + 800].any()]
    assert silent == [1.9, *(second / 10 for second in range(20, 31)), 5.9, *(second / 10 for second in range(60, 71))]


def pressed(witnesses: Witnesses, keys: str, at: float) -> None:
    for number, key in enumerate(keys):
        witnesses.saw(DigitPressed(key), at + number / 10)
    witnesses.entry_over()


@pytest.mark.parametrize("keys_first", [False, True])
def test_of_a_number_half_said_and_half_keyed_nothing_is_left(keys_first: bool, tmp_path: Path) -> None:
    memory = Memory()
    call, witnesses = live(memory, tmp_path)
    if keys_first:
        pressed(witnesses, "41111111", 1.0)
        assert [entry.event for entry in memory.journal] == [DigitPressed(key) for key in "41111111"]
        witnesses.saw(SECOND, 7.2)
    else:
        witnesses.saw(FIRST, 3.2)
        pressed(witnesses, "11111111#", 5.0)
    kept = {entry.seq: entry.event for entry in memory.journal}
    keys = [event.digit for event in kept.values() if isinstance(event, DigitPressed)]
    heard = [event.text for event in kept.values() if isinstance(event, Heard)]
    assert (keys, heard) == ((["•"] * 8, ["<CARD>"]) if keys_first else ([*["•"] * 8, "#"], ["it is <CARD>"]))
    record = call.log.finish(NOW, (), "", NO_SURVEY, {})
    assert "1111" not in str(record)
    assert not any(digit in turn.keys for turn in record.turns for digit in "0123456789")
    assert call.recorder
    call.recorder.close()
    with wave.open(str(tmp_path / "c1.wav"), "rb") as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)[:, 0]
    silent = {second for second in range(8) if not sound[second * 8000 + 1600 : second * 8000 + 4000].any()}
    assert silent == ({1, 6} if keys_first else {2, 5})


def test_keys_of_a_menu_between_two_numbers_are_kept(tmp_path: Path) -> None:
    memory = Memory()
    call, witnesses = live(memory, tmp_path)
    assert call.recorder
    call.recorder.close()
    call.recorder = None
    witnesses.saw(Heard("48156", times=TurnTimes(1.0, 2.0)), 2.0)
    pressed(witnesses, "2", 3.0)
    pressed(witnesses, "94110#", 4.0)
    keys = [entry.event.digit for entry in memory.journal if isinstance(entry.event, DigitPressed)]
    assert keys == list("294110#")


def test_a_journal_entry_that_is_written_once_more_replaces_the_first(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_store(new_database(tmp_path / "ivr.db")) as store:
            await store.begin(live_call())
            memory = Memory()
            call, witnesses = live(memory, tmp_path)
            assert call.recorder
            call.recorder.close()
            call.recorder = None
            for event, at in ((FIRST, 3.2), (SECOND, 7.2)):
                witnesses.saw(event, at)
            for entry in memory.journal[:1]:
                store.append("c1", entry)
            await store.keep_survey_answer("c1", "csat", "5")  # on disk with everything before it
            assert "4111" in str(await store.archive.journal("c1"))
            for entry in memory.journal[1:]:
                store.append("c1", entry)
            await store.keep_survey_answer("c1", "resolved", "yes")
            entries = await store.archive.journal("c1")
            assert [entry.seq for entry in entries] == [1, 2]
            assert "1111" not in str(entries)

    asyncio.run(run())
