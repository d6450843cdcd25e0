import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.demo.callers import load_callers
from ivr.model.audio import PHONE_RATE
from ivr.model.errors import ConfigError, VoiceError
from telephony.standin.carrier import Agent
from telephony.standin.script import (
    CutSocket,
    HangUp,
    Press,
    Speak,
    StaySilent,
    UntilLineCloses,
    WaitForSilence,
)
from telephony.standin.voices import CallerVoices, Speaker, recording
from tests.standin.sounds import tone

WRITTEN = """
- name: Zoe
  number: "+15555550009"
  called: "+15555550100"
  voice: { shift: -0.02, level_dbfs: -26, noise_snr_db: 20 }
  agent: { outcome: busy, seconds: 1 }
  does:
    - wait_for_silence: 0.5
      longest: 9
    - { say: hello there, after: 1.5, only: 0.4, recording: hello.wav }
    - { press: "12#", gap: 0.1 }
    - stay_silent: 6
    - until_line_closes: 30
    - hang_up: true
    - { cut_socket: true, after: 2 }
  expect: { ended_by: caller }
"""


@pytest.fixture
def voices(tmp_path: Path) -> CallerVoices:
    return CallerVoices(tmp_path / "voices")


def save_tone(path: Path, rate: int = PHONE_RATE, width: int = 2) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(tone(0.5).tobytes())


def test_a_caller_is_read_whole(tmp_path: Path, voices: CallerVoices) -> None:
    (tmp_path / "callers.yaml").write_text(WRITTEN, encoding="utf-8")
    save_tone(tmp_path / "hello.wav")
    (zoe,) = load_callers(tmp_path / "callers.yaml")
    assert (zoe.name, zoe.number, zoe.called) == ("Zoe", "+15555550009", "+15555550100")
    assert zoe.speaker == Speaker(-0.02, -26, 20)
    assert zoe.agent == Agent("busy", 1)
    assert zoe.expected.ended_by == ("caller",)
    talker = zoe.talker(voices)
    assert talker.noise_dbfs == -46
    spoken = talker.steps[1]
    assert isinstance(spoken, Speak)
    assert (spoken.clip.words, spoken.after, spoken.only) == ("hello there", 1.5, 0.4)
    assert [step for step in talker.steps if step is not spoken] == [
        WaitForSilence(0.5, 9),
        Press("12#", None, 0.1),
        StaySilent(6),
        UntilLineCloses(30),
        HangUp(),
        CutSocket(2),
    ]


def test_the_callers_that_ship_are_complete() -> None:
    callers = load_callers()
    assert [caller.name for caller in callers] == ["Mia", "Tom", "Ann"]
    assert all(caller.expected.survey for caller in callers)
    assert len({caller.number for caller in callers}) == len({caller.speaker for caller in callers}) == 3


CALLER = "- name: Zoe\n  number: '+15555550009'\n"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{", "not YAML"),
        ("", "write a list of callers"),
        ("- 1", "caller 1: Input should be"),
        (CALLER, r"caller 1 \(Zoe\): does: Field required"),
        (CALLER + "  does: []", "does: List should have at least 1 item"),
        (CALLER + "  does: [{sing: la}]", r"caller 1 \(Zoe\), step 1: one of wait_for_silence, say, .* here is sing"),
        (CALLER + "  does: [{}]", "here is nothing"),
        (CALLER + "  does: [{say: hi, press: '1'}]", "here is say, press"),
        (CALLER + "  does: [{press: 1}]", "step 1: press: Input should be a valid string"),
        (CALLER + "  does: [{hang_up: true, when: 1}]", "step 1: when: Extra inputs are not permitted"),
        (CALLER + "  does: [{hang_up: true}]\n" + CALLER + "  does: [{hang_up: true}]", "two callers are called Zoe"),
        (CALLER + "  expect: {path: 1}\n  does: [{hang_up: true}]", "expect.path"),
    ],
)
def test_a_wrong_file_says_where_and_what(tmp_path: Path, written: str, says: str) -> None:
    path = tmp_path / "callers.yaml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(ConfigError, match=says) as wrong:
        load_callers(path)
    assert str(wrong.value).startswith(str(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file"):
        load_callers(tmp_path / "none.yaml")


@pytest.mark.voice
def test_a_made_voice_is_telephone_speech_at_its_level_and_kept_on_disk(tmp_path: Path, voices: CallerVoices) -> None:
    clip = voices.say("Find a branch near the Bird's Nest.", Speaker())
    assert 1.0 < clip.seconds < 4.0
    assert 0 <= clip.first < clip.last < clip.samples.size
    spectrum = np.abs(np.fft.rfft(clip.samples)) ** 2
    hertz = np.fft.rfftfreq(clip.samples.size, 1 / PHONE_RATE)
    assert spectrum[(hertz < 150) | (hertz > 3700)].sum() < 0.01 * spectrum.sum()
    again = CallerVoices(tmp_path / "voices").say("Find a branch near the Bird's Nest.", Speaker())
    assert np.array_equal(again.samples, clip.samples)
    faster = voices.say("Find a branch near the Bird's Nest.", Speaker(0.06))
    assert clip.seconds / faster.seconds == pytest.approx(1.06, abs=0.01)
    assert len(list((tmp_path / "voices").iterdir())) == 2


def test_a_recording_of_any_rate_becomes_telephone_speech(tmp_path: Path) -> None:
    save_tone(tmp_path / "wide.wav", rate=16_000)
    clip = recording(tmp_path / "wide.wav", "beep", -20.0)
    assert clip.seconds == pytest.approx(0.25, abs=0.01)
    assert 20 * np.log10(np.sqrt(np.square(clip.samples[400:1600].astype(float)).mean()) / 32768) == pytest.approx(
        -20, abs=0.5
    )


def test_what_is_no_recording_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello", encoding="utf-8")
    save_tone(tmp_path / "narrow.wav", width=1)
    for name, says in (("text.wav", "as WAV"), ("none.wav", "as WAV"), ("narrow.wav", "16-bit")):
        with pytest.raises(VoiceError, match=says):
            recording(tmp_path / name, "hello")


def test_a_shift_beyond_a_person_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        Speaker(shift=0.2)
