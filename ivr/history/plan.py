"""Who calls when and about what, and who answers them: drawn in the order of time, from one seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ivr.history.staff import Staff, Talk
from ivr.history.world import BY_HOUR, BY_WEEKDAY, LINES, Line, Wish

HOUR = timedelta(hours=1)
REPEATS = 0.17
"""Share of callers who have called within the last days."""

REMEMBERED = 4000
TURN_SECONDS = (9.0, 14.0)
GREETING_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One call, decided; `ivr.history.calls` writes it out."""

    call_id: str
    seed: int
    at: datetime
    line: int
    wish: int
    version: str
    language: str
    caller: str
    pace: float
    """Seconds a turn takes."""

    misses: int
    """Turns that nobody could understand, before the wish was."""

    silences: int
    ending: str
    """bot, left (hung up on the bot), agent."""

    direct: bool = False
    """Asked for a person before anything else."""

    again: bool = False
    """Has called before."""

    talk: Talk | None = None
    """What the queue and the agent did, where they went on to one."""

    @property
    def turns(self) -> int:
        """With the bot."""
        wish = LINES[self.line].wishes[self.wish]
        steps = 1 if self.direct else len(wish.steps) if self.ending == "bot" else max(1, len(wish.steps) - 1)
        return self.misses + (1 if self.ending == "left" and self.misses else steps)

    @property
    def bot_seconds(self) -> float:
        return GREETING_SECONDS + self.turns * self.pace + 5.0 * self.silences


@dataclass(slots=True)
class _Callers:
    """Numbers, and who is likely to call again."""

    rng: random.Random
    recent: list[Planned] = field(default_factory=list)
    known: int = 0

    def again(self, now: datetime) -> Planned | None:
        if self.recent and self.rng.random() < REPEATS:
            before = self.recent[int(self.rng.random() ** 0.5 * len(self.recent))]
            if timedelta(minutes=10) < now - before.at < timedelta(days=9):
                return before
        return None

    def fresh(self) -> str:
        self.known += 1
        return f"+1555{(self.known * 7_368_787) % 10_000_000:07}"

    def met(self, call: Planned) -> None:
        if len(self.recent) < REMEMBERED:
            self.recent.append(call)
        else:
            self.recent[self.rng.randrange(REMEMBERED)] = call


def planned(calls: int, until: datetime, days: int, seed: int, staff: Staff) -> list[Planned]:
    """All calls, oldest first. The same arguments give the same calls.

    Args:
        until: end of the history, aware.
        staff: takes those who want a person, in the order in which they come to the queues.
    """
    rng = random.Random(seed)
    since, callers = until - timedelta(days=days), _Callers(rng)
    drawn: list[Planned] = []
    for at in _arrivals(calls, since, days, rng):
        call = _drawn(at, (at - since) / timedelta(days=days), rng, callers)
        callers.met(call)
        drawn.append(call)
    on_to_people = sorted(
        (call.at + timedelta(seconds=call.bot_seconds), place) for place, call in enumerate(drawn)
        if call.ending == "agent"
    )  # fmt: skip
    for joined, place in on_to_people:
        call = drawn[place]
        queue = "general" if call.direct else LINES[call.line].wishes[call.wish].queue
        drawn[place] = replace(call, talk=staff.serve(queue, joined, rng))
    staff.finish()
    return drawn


def _arrivals(calls: int, since: datetime, days: int, rng: random.Random) -> list[datetime]:
    """Moments, sorted: as many in each hour as its hour of the week is worth."""
    hours = [since + HOUR * number for number in range(days * 24)]
    weights = [BY_HOUR[hour.astimezone(UTC).hour] * BY_WEEKDAY[hour.weekday()] for hour in hours]
    chosen = rng.choices(range(len(hours)), weights, k=calls)
    return sorted(hours[hour] + HOUR * rng.random() for hour in chosen)


def _drawn(at: datetime, passed: float, rng: random.Random, callers: _Callers) -> Planned:
    before = callers.again(at)
    line = before.line if before else _pick([one.share for one in LINES], rng)
    same = before is not None and rng.random() < 0.7
    wish = before.wish if before and same else _pick([one.share for one in LINES[line].wishes], rng)
    version, unknown = _version(LINES[line], passed, rng)
    misses = sum(rng.random() < unknown * worse for worse in (1.0, 1.6))
    direct = rng.random() < (0.12 if before else 0.045)
    return Planned(
        f"{rng.getrandbits(128):032x}", rng.getrandbits(48), at, line, wish, version,
        before.language if before else "zh" if rng.random() < 0.22 else "en",
        before.caller if before else callers.fresh(), rng.uniform(*TURN_SECONDS), misses,
        int(rng.random() < 0.07), _ending(LINES[line].wishes[wish], misses, direct, before is not None, rng), direct,
        before is not None,
    )  # fmt: skip


def _ending(wish: Wish, misses: int, direct: bool, again: bool, rng: random.Random) -> str:
    if direct:
        return "agent"
    drawn = rng.random()
    left = 0.03 + 0.05 * misses
    if drawn < left:
        return "left"
    return "agent" if drawn < left + wish.to_person + 0.14 * misses + 0.08 * again else "bot"


def _version(line: Line, passed: float, rng: random.Random) -> tuple[str, float]:
    """The version that is live, or the next one, which a tenth of the callers get for a while before."""
    live = max((one for one in line.versions if one[0] <= passed), key=lambda one: one[0])
    for begins, version, unknown in line.versions:
        if begins - 0.05 <= passed < begins and rng.random() < 0.1:
            return version, unknown
    return live[1], live[2]


def _pick(shares: Sequence[float], rng: random.Random) -> int:
    return rng.choices(range(len(shares)), shares)[0]
