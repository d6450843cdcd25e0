"""Pure: a room where lines meet: who hears whom, and 20 ms of it at a time.

Everything people do with each other is a setting of one gain matrix G[listener, speaker] (telephony.md §6): a bridge,
hold with music, whispering, monitoring, barging in, a conference, a consultation. Lines of different rates meet here;
each party's sound is converted once for every rate that somebody listens at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ivr.call.jitter import JitterBuffer, Script
from ivr.call.rates import RateChange, samples_per_frame
from ivr.model.audio import AudioFrame
from ivr.model.errors import NotThere

Samples = NDArray[np.int16]
Gains = NDArray[np.float32]
Role = Literal["caller", "agent", "supervisor", "bot"]

LONGEST_SCRIPT_SECONDS = 6.0
"""What a bot may have waiting to be said in a room; a whisper is half of that."""

EVERYBODY: frozenset[str] | None = None
NOBODY: frozenset[str] = frozenset()


class Music(Protocol):
    """What is heard on hold."""

    def frame(self, rate: int, index: int) -> Samples:
        """The `index`th 20 ms, shape (20 ms,); without end. Called every 20 ms: must not take long."""


@dataclass(frozen=True, slots=True)
class Place:
    """How one party takes part."""

    role: Role
    rate: int
    audience: frozenset[str] | None = EVERYBODY
    """Who may hear this party; everybody, or only these."""

    held: bool = False
    """Hears music instead of people, and is heard by nobody."""

    muted: bool = False

    @property
    def is_ear(self) -> bool:
        """A bot speaks only."""
        return self.role != "bot"


def gain(listener: str, speaker: str, places: Mapping[str, Place]) -> float:
    """How loud `speaker` is for `listener`: G[listener, speaker]. Nobody ever hears themselves."""
    hears, speaks = places[listener], places[speaker]
    if listener == speaker or not hears.is_ear or hears.held or speaks.held or speaks.muted:
        return 0.0
    return 1.0 if speaks.audience is None or listener in speaks.audience else 0.0


@dataclass(slots=True)
class _Party:
    place: Place
    said: JitterBuffer | Script
    music_at: int = 0
    """Frames of hold music heard so far: on the next hold it goes on from there."""

    rates: dict[int, RateChange] = field(default_factory=dict)
    odd: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    """Sound of another rate that is no whole 20 ms yet."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Who must be mixed for the listeners at one rate."""

    rate: int
    listeners: tuple[str, ...]
    speakers: tuple[str, ...]
    gains: Gains
    """Shape (listeners, speakers)."""


class Room:
    """Parties by name. Every method raises `NotThere` for a name that is not in the room, but `leave`."""

    def __init__(self, music: Music) -> None:
        self._music = music
        self._parties: dict[str, _Party] = {}
        self._tables: tuple[_Table, ...] | None = None

    # -- who is here

    def join(self, name: str, role: Role, rate: int, audience: frozenset[str] | None = EVERYBODY) -> None:
        """Take part from now on, under a name that nobody here has.

        Raises:
            ValueError: the name is taken, or 20 ms are no whole number of samples at this rate.
        """
        if name in self._parties:
            raise ValueError(f"{name} is in the room already")
        said = Script(rate, LONGEST_SCRIPT_SECONDS) if role == "bot" else JitterBuffer(rate)
        self._parties[name] = _Party(Place(role, rate, audience), said)
        self._tables = None

    def leave(self, name: str) -> None:
        """No-op for who is not here."""
        self._parties.pop(name, None)
        self._tables = None

    @property
    def places(self) -> Mapping[str, Place]:
        return {name: party.place for name, party in self._parties.items()}

    def __contains__(self, name: str) -> bool:
        return name in self._parties

    def waiting(self, name: str) -> float:
        """Frames this party said that nobody has heard yet."""
        return self._party(name).said.frames_waiting

    # -- how they take part

    def hold(self, name: str) -> None:
        """This party hears music; nobody hears them, and they hear nobody."""
        self._set(name, replace(self._party(name).place, held=True))

    def resume(self, name: str) -> None:
        """What was said meanwhile is not heard any more."""
        if self._party(name).place.held:
            self._party(name).said.catch_up()
        self._set(name, replace(self._party(name).place, held=False))

    def mute(self, name: str, muted: bool = True) -> None:
        self._set(name, replace(self._party(name).place, muted=muted))

    def monitor(self, name: str) -> None:
        """This party hears everybody and is heard by nobody."""
        self._set(name, replace(self._party(name).place, audience=NOBODY))

    def whisper(self, name: str, to: str) -> None:
        """Only `to` hears this party."""
        self._set(name, replace(self._party(name).place, audience=frozenset({to})))

    def barge(self, name: str) -> None:
        """Everybody hears this party."""
        self._set(name, replace(self._party(name).place, audience=EVERYBODY))

    def gains(self) -> tuple[tuple[str, ...], Gains]:
        """The names, and G[listener, speaker] in their order, shape (n, n)."""
        names = tuple(self._parties)
        return names, self._matrix(names, names)

    # -- sound

    def put(self, name: str, frame: AudioFrame) -> None:
        """What this party said, any length. Sound of another rate than the party joined with is converted.

        Raises:
            ValueError: 20 ms are no whole number of samples at its rate.
        """
        party = self._party(name)
        if frame.rate == party.place.rate:
            party.said.put(frame.samples)
            return
        change, size = self._change(party, frame.rate, party.place.rate, -frame.rate), samples_per_frame(frame.rate)
        party.odd = np.concatenate((party.odd, frame.samples))
        while party.odd.size >= size:
            party.said.put(change.frame(party.odd[:size]))
            party.odd = party.odd[size:]

    def catch_up(self) -> None:
        """Time has passed without a `mix`: what was due in it is not heard late, but not at all."""
        for party in self._parties.values():
            party.said.catch_up()

    def mix(self) -> dict[str, AudioFrame]:
        """What each party hears in the next 20 ms, at the rate of its line. Bots hear nothing."""
        said = {name: party.said.take() for name, party in self._parties.items()}
        heard: dict[str, AudioFrame] = {}
        for table in self._seating():
            voices = np.zeros((len(table.speakers), samples_per_frame(table.rate)), np.float32)
            for row, name in enumerate(table.speakers):
                voices[row] = self._at(name, said[name], table.rate)
            mixed = np.clip(np.rint(table.gains @ voices), -32768, 32767).astype("<i2")
            for row, name in enumerate(table.listeners):
                heard[name] = AudioFrame(mixed[row].tobytes(), table.rate)
        for name, party in self._parties.items():
            if party.place.held:
                music = self._music.frame(party.place.rate, party.music_at)
                party.music_at += 1
                heard[name] = AudioFrame(music.astype("<i2").tobytes(), party.place.rate)
        return heard

    def _at(self, name: str, samples: Samples, rate: int) -> Samples:
        party = self._parties[name]
        return samples if party.place.rate == rate else self._change(party, party.place.rate, rate, rate).frame(samples)

    def _change(self, party: _Party, from_rate: int, to_rate: int, key: int) -> RateChange:
        """Each stream has its own: `key` is the rate it leads to, negative on the way in."""
        if key not in party.rates:
            party.rates[key] = RateChange(from_rate, to_rate)
        return party.rates[key]

    def _seating(self) -> tuple[_Table, ...]:
        """The matrix, cut into what must be mixed at each rate; made anew when a setting changes."""
        if self._tables is None:
            ears = {name: party.place for name, party in self._parties.items() if party.place.is_ear}
            rates = sorted({place.rate for place in ears.values()})
            self._tables = tuple(self._table(rate, ears) for rate in rates)
        return self._tables

    def _table(self, rate: int, ears: Mapping[str, Place]) -> _Table:
        listeners = tuple(name for name, place in ears.items() if place.rate == rate)
        everybody = tuple(self._parties)
        matrix = self._matrix(listeners, everybody)
        audible = np.flatnonzero(matrix.any(axis=0))
        return _Table(rate, listeners, tuple(everybody[each] for each in audible), matrix[:, audible])

    def _matrix(self, listeners: tuple[str, ...], speakers: tuple[str, ...]) -> Gains:
        places = self.places
        rows = [[gain(listener, speaker, places) for speaker in speakers] for listener in listeners]
        return np.array(rows, np.float32).reshape(len(listeners), len(speakers))

    def _set(self, name: str, place: Place) -> None:
        self._parties[name].place = place
        self._tables = None

    def _party(self, name: str) -> _Party:
        if name not in self._parties:
            raise NotThere(f"there is no {name} in this room")
        return self._parties[name]
