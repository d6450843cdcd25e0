"""Who hears whom, measured by tones: everybody hums a note of their own all the time, and each browser looks for the
notes in the sound it plays.

A note that is there is there in every look, however late it comes and whatever was lost on the way; nobody makes up the
note of somebody else. So nothing depends on how fast the machine is, unlike words and unlike the energy of what is
played, which a browser also makes up where packets come late."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.server.running import eventually

NOTES: Mapping[str, int] = {"caller": 500, "agent": 760, "supervisor": 1130}
"""Hertz. None is an odd multiple of another, which the coarse steps of telephone sound add."""

LOOKS = 10
"""A second of them."""

EARS = """
(notes) => {
  const context = new AudioContext();
  const played = [...document.querySelectorAll("audio")].find((each) => each.srcObject).srcObject;
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(played).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  window.looks = [];
  setInterval(() => {
    analyser.getFloatFrequencyData(bins);
    const level = (hertz) => bins[Math.round((hertz * analyser.fftSize) / context.sampleRate)];
    looks.push(Object.keys(notes).filter((name) => level(notes[name]) > -50));
  }, 100);
}
"""
"""A note of 0.2 comes out at about -22 dB. One look spans 170 ms of sound."""


@dataclass(slots=True)
class Ears:
    """What a page plays, from when it was opened with `listen`."""

    page: Any

    def looks(self) -> list[list[str]]:
        found: list[list[str]] = self.page.evaluate("looks")
        return found

    def hears(self, *wanted: str) -> bool:
        """For a second now: these nearly all the time (a busy machine drops some), and not once anybody else."""
        last = self.looks()[-LOOKS:]
        often = {name for name in NOTES if sum(name in look for look in last) > LOOKS / 2}
        ever = {name for look in last for name in look}
        return often == ever == set(wanted)

    def ever_heard(self, name: str) -> bool:
        return any(name in look for look in self.looks())


def hum(who: str, page: Any) -> None:
    """Into the microphone of a page that was given `SPEAKING_PAGE`, until the page is closed."""
    page.evaluate("(hertz) => hum(hertz)", NOTES[who])


def listen(page: Any) -> Ears:
    """To the sound that comes from the server; it must have been answered already."""
    page.wait_for_function("() => [...document.querySelectorAll('audio')].some((each) => each.srcObject)")
    page.evaluate(EARS, dict(NOTES))
    return Ears(page)


def settle(what: str, **wanted: tuple[Ears, tuple[str, ...]]) -> None:
    """Until all of them hear exactly these, all at the same time."""
    everybody = wanted.values()
    eventually(lambda: all(ears.hears(*names) for ears, names in everybody), what, 40.0)
