"""What people and machines say when they pick up, as sound of a telephone line: for `benchmarks/amd.py`.

Voices: hibari at five pitches, espeak-ng (four English voices and Mandarin), kokoro (Mandarin), the professional voice
of Asterisk's own prompts, and four people's recorded digits, each a one-word "hello" of a real human being.
"""

import hashlib
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.sound import ASTERISK, shared
from ivr.model.audio import PHONE_RATE
from telephony.standin.clip import at_level, telephone_band
from telephony.standin.voices import CallerVoices, Speaker, read_wav
from tts.kokoro_voice import KokoroEngine

Samples = NDArray[np.int16]
SHIFTS = (-0.06, -0.03, 0.0, 0.03, 0.06)
ESPEAK_EN = ("en-us", "en-gb", "en-us+f3", "en-gb+m7")
KEPT = Path(tempfile.gettempdir()) / "ivr-amd-greetings"

PEOPLE_EN: tuple[str, ...] = (
    "Hello?", "Hi.", "Yes?", "Hello.", "Yeah?", "Good morning.", "Good evening?", "Miller.", "Hello, Miller speaking.",
    "John Smith.", "This is Anna.", "Hello, this is Anna Miller.", "Hello? | Hello?", "Hello, who is this?",
    "Yes, hello, who's calling please?", "Hi, I'm driving, can you call me back as soon as you can?",
    "Miller residence, good afternoon.", "You've reached the Miller family, who's calling?",
    "Doctor Smith's office, how can I help you?",
    "Good afternoon, Acme Corporation, this is Susan speaking, how may I direct your call?",
    "Hello, he can't come to the phone right now, can I take a message?",
    "She is not available, would you like to leave a message?", "Hold on please. | Yes, hello?", "Who's there?",
    "Hey, what's up?", "Hello, is that you Tom?", "Sorry, I was in the shower. | Hello?", "Ann speaking, good day.",
    "Hello, front desk, how can I help?", "I can't hear you very well, hello?", "One moment please. | Yes?",
    "Hi, I was just about to call you.", "Uh, hello?", "Speaking.", "Yes, this is he.", "Go ahead.",
)  # fmt: skip
PEOPLE_ZH: tuple[str, ...] = (
    "喂?", "喂,你好。", "你好。", "您好,哪位?", "喂,请讲。", "您好,请问您找谁?", "喂,我现在在开车。",
    "哎,你好你好。", "喂,听得到吗?", "您好,这里是前台,有什么可以帮您?",
)  # fmt: skip
MACHINES_EN: tuple[str, ...] = (
    "Hi, you have reached Miller. I can't take your call right now. Please leave a message after the tone.",
    "Hello, this is John. I'm not available to take your call. Leave your name and number and I'll get back to you.",
    "The person you are calling is not available. At the tone, please record your message.",
    "Your call has been forwarded to an automatic voice message system. Five five five, zero one two three, is not "
    "available. At the tone, please record your message.",
    "You've reached the voicemail of Anna Miller. Please leave a message after the beep.",
    "Hey, it's Tom. You know what to do. Leave me a message and I will call you back as soon as I can.",
    "Thank you for calling the Miller family. Nobody can come to the phone right now. Please leave your name, your "
    "number, and a short message.",
    "The number you have dialed is not in service. Please check the number and dial again.",
    "Hi, I'm away until Monday. Please leave a message after the tone, or send me a text.",
    "Sorry I missed your call. Please leave a detailed message and I'll return your call as soon as possible.",
    "The subscriber you are trying to reach is unavailable. Please leave your message after the tone.",
    "Hi, the person you're calling is using a screening service. Go ahead and say your name and why you're calling.",
    "Welcome to the voice mailbox of. Peter Brown. To leave a message, wait for the tone. To page this person press "
    "five now.",
)  # fmt: skip
MACHINES_ZH: tuple[str, ...] = (
    "您好,您拨打的用户暂时无法接听,请在滴声后留言。", "您拨打的电话已关机,请稍后再拨,您的来电将以短信形式通知对方。",
    "您好,我是张伟,现在不方便接听您的电话,请在提示音后留下您的姓名和电话,我会尽快回复您。",
    "您所拨打的电话正在通话中,已转入语音信箱,请在嘀声后留言。",
)  # fmt: skip
ASTERISK_MACHINES = (
    ("vm-theperson", "digits/5", "digits/5", "digits/1", "digits/2", "vm-isunavail", "vm-intro"),
    ("vm-theperson", "digits/1", "digits/0", "digits/4", "vm-isonphone", "vm-intro"),
    ("vm-nobodyavail",), ("vm-intro",), ("vm-rec-unv", "vm-intro"), ("vm-mailboxfull",),
    ("cannot-complete-as-dialed",), ("the-number-u-dialed", "is-not-in-the-db"), ("number-not-answering", "vm-intro"),
)  # fmt: skip
BEEPS = ((1000.0, 0.4), (850.0, 0.25), (1400.0, 1.0), (440.0, 0.6), (0.0, 0.0))
"""Pitch in hertz and seconds; the last machine has none."""


@dataclass(frozen=True, slots=True)
class Greeting:
    name: str
    language: str
    is_machine: bool
    sound: Samples
    """8 kHz, at -20 dBFS, before line and noise; silence before and after is not in it."""


def greetings() -> Iterator[Greeting]:
    """All of them; which voices there are depends on what is installed."""
    for machine, texts in ((False, PEOPLE_EN), (True, MACHINES_EN)):
        for text in texts:
            for voice, sound in _spoken_en(text):
                yield Greeting(f"{voice}: {text}", "en", machine, _with_beep(sound, text) if machine else sound)
    for machine, texts in ((False, PEOPLE_ZH), (True, MACHINES_ZH)):
        for text in texts:
            for voice, sound in _spoken_zh(text):
                yield Greeting(f"{voice}: {text}", "zh", machine, _with_beep(sound, text) if machine else sound)
    for names in ASTERISK_MACHINES:
        paths = [ASTERISK / f"{name}.wav" for name in names]
        if all(path.is_file() for path in paths):
            gap = np.zeros(PHONE_RATE // 5, np.int16)
            sound = np.concatenate([part for path in paths for part in (read_wav(path), gap)])
            yield Greeting(f"asterisk: {' '.join(names)}", "en", True, _with_beep(_level(sound), names[0]))
    folder = shared("spoken_digits")
    for path in sorted(folder.glob("*.wav"))[::3] if folder else ():
        yield Greeting(f"person: {path.stem}", "en", False, _level(read_wav(path)))


def _spoken_en(text: str) -> Iterator[tuple[str, Samples]]:
    voices = CallerVoices(KEPT)
    for shift in SHIFTS:
        yield (
            f"hibari{shift:+}",
            _joined([voices.say(part.strip(), Speaker(shift)).samples for part in text.split("|")]),
        )
    for voice in ESPEAK_EN:
        yield voice, _joined([_espeak(part.strip(), voice) for part in text.split("|")])


def _spoken_zh(text: str) -> Iterator[tuple[str, Samples]]:
    yield "cmn", _espeak(text, "cmn")
    yield "kokoro", _kept(f"kokoro|{text}", lambda: _kokoro(text))


def _joined(parts: list[Samples]) -> Samples:
    """What `|` separates is said after a pause in which somebody waits for an answer."""
    gap = np.zeros(round(1.2 * PHONE_RATE), np.int16)
    return np.concatenate([each for part in parts for each in (part, gap)][:-1])


def _with_beep(sound: Samples, text: str) -> Samples:
    pick = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    hertz, seconds = BEEPS[pick % len(BEEPS)]
    at = np.arange(round(seconds * PHONE_RATE)) / PHONE_RATE
    gap = np.zeros(round((0.3 + pick % 7 * 0.15) * PHONE_RATE), np.int16)
    return np.concatenate([sound, gap, (np.sin(2 * np.pi * hertz * at) * 6000).astype(np.int16)])


def _level(sound: Samples) -> Samples:
    return at_level(telephone_band((sound / 32768).astype(np.float32)), -20.0)


def _espeak(text: str, voice: str) -> Samples:
    return _kept(f"{voice}|{text}", lambda: _espeak_now(text, voice))


def _espeak_now(text: str, voice: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-w", str(path), text], check=True, capture_output=True)  # noqa: S603, S607
        with wave.open(str(path)) as file:
            sound, rate = np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()
    narrow = np.trim_zeros(soxr.resample(sound.astype(np.float32) / 32768, rate, PHONE_RATE))
    return at_level(telephone_band(narrow.astype(np.float32)), -20.0)


_engine: list[KokoroEngine] = []


def _kokoro(text: str) -> Samples:
    if not _engine:
        _engine.append(KokoroEngine())
    made = _engine[0].synthesize(text, "zh", Event())
    narrow = soxr.resample(np.asarray(made.samples, np.float32), made.rate, PHONE_RATE)
    return at_level(telephone_band(narrow), -20.0)


def _kept(key: str, make: Callable[[], Samples]) -> Samples:
    """Made once: kokoro takes half a second for each second."""
    path = KEPT / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        np.save(path, make())
    kept: Samples = np.load(path)
    return kept
