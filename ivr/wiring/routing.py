"""The routing of this server, put together: queues and agents of config.yaml, the database, telephones, rooms."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count

import structlog

from ivr.call.bridging import Bridging
from ivr.call.handoff import handoff
from ivr.call.hold_audio import HoldAudio
from ivr.call.meeting import Meetings
from ivr.call.reception import Reception
from ivr.call.rooms import Rooms
from ivr.config import Config
from ivr.config_queues import by_name
from ivr.console.desk_names import Names, NamesOf
from ivr.model.commands import JoinQueue
from ivr.model.errors import NotThere
from ivr.model.people import AgentProfile, Handoff
from ivr.model.ports import Trunk, Voice
from ivr.model.routing_ports import CallBack, Memory
from ivr.routing.centre import Centre
from ivr.routing.dispatcher import Dispatcher
from ivr.routing.floor import IsOpen
from ivr.routing.hours import OpeningHours, read_hours
from ivr.store.routing import SqlRoutingBook
from ivr.wiring.leading import Lead, Lock
from ivr.wiring.telephones import AgentTelephones, AtOneTable, EarsFor

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 0.5
"""Pause before the routing begins again after it broke."""


@dataclass(frozen=True, slots=True)
class HeldWith:
    """What callers hear while they wait and while an agent holds them: decoded once, for all of them."""

    own: HoldAudio
    of_queues: Mapping[str, HoldAudio]
    """Of those that have something of their own, by name."""


@dataclass(frozen=True, slots=True)
class RoutingWires:
    """What others of the server use."""

    dispatcher: Dispatcher
    telephones: AgentTelephones
    """Desks put themselves in."""

    meetings: Meetings
    """Desks find the talk of a call here: hold, consult, supervise."""

    book: SqlRoutingBook
    lead: Lead
    """The switchboard of this server's calls: they wait here while this server dispatches."""

    bridging: Bridging
    """Joins callers with whom they are transferred to, where no carrier does."""

    music: HeldWith

    def reach_out_through(self, trunk: Trunk | None) -> None:
        """From now on telephones of agents, and whom callers are transferred to, are rung through `trunk`."""
        self.telephones.trunk = self.bridging.trunk = trunk


@asynccontextmanager
async def open_routing(
    config: Config,
    book: SqlRoutingBook,
    voice: Voice,
    *,
    trunk: Trunk | None = None,
    callback: CallBack | None = None,
    ears: EarsFor = lambda language, rate: None,
    memory: Memory | None = None,
    lock: Lock | None = None,
    names_of: NamesOf = lambda flow, language: Names(),
) -> AsyncIterator[RoutingWires]:
    """The routing at work for as long as the block lasts.

    Args:
        trunk: rings agents who have a telephone; None: only desks can be rung.
        ears: write down what agents say.
        callback: calls customers back; None: callbacks are not offered.
        memory: knows callers from before; None: all are strangers.
        names_of: what queues and intents are called, for what agents are whispered.
        lock: of the servers on this database, whoever has it dispatches; None: there is only this one.

    Raises:
        StoreError: the database is away.
        ConfigError: the hold audio of a queue cannot be read.
    """
    centre, music = _centres(config, calls_back=callback is not None), await asyncio.to_thread(_hold_audio, config)
    meetings = Meetings(Rooms(), voice, music.own, music.of_queues)
    caller_id = config.dial_plan.caller_id
    telephones = AgentTelephones(lambda agent_id: _profile(dispatcher, agent_id), trunk, caller_id)
    meetings.may_return = lambda agent_id: agent_id in telephones.desks
    dispatcher = Dispatcher(
        centre(), telephones, AtOneTable(meetings, ears, names_of), book, epoch_clock(), callback=callback,
        today=lambda: datetime.now().date().isoformat(), memory=memory,
    )  # fmt: skip
    lead = Lead(dispatcher, centre, lambda: _take_up(dispatcher, book, config), lock)
    await lead.begin()
    async with _at_work(dispatcher, centre, lead):
        yield RoutingWires(dispatcher, telephones, meetings, book, lead, Bridging(meetings, trunk, caller_id), music)


@asynccontextmanager
async def _at_work(dispatcher: Dispatcher, centre: Callable[[], Centre], lead: Lead) -> AsyncIterator[None]:
    running = {asyncio.create_task(_run(dispatcher, centre), name="routing"), asyncio.create_task(lead.run())}
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)
        dispatcher.close()


def _hold_audio(config: Config) -> HeldWith:
    """A file that several queues have is decoded once."""
    pieces = {path: HoldAudio.load(path) for path in {queue.hold_audio for queue in config.queues} if path}
    return HeldWith(HoldAudio.own(), {each.name: pieces[each.hold_audio] for each in config.queues if each.hold_audio})


def _centres(config: Config, *, calls_back: bool) -> Callable[[], Centre]:
    """Fresh centres, each as config.yaml says; offers of different runs of the server have different numbers."""
    _warn(config)
    queues, numbers = by_name(config.queues), count()
    if not calls_back:
        queues = {name: replace(one, callback=replace(one.callback, offer_over=0.0)) for name, one in queues.items()}
    prefix, is_open = f"{int(time.time()):x}", opening(config)
    return lambda: Centre(queues.values(), is_open=is_open, offer_prefix=f"{prefix}.{next(numbers)}.")


async def _run(dispatcher: Dispatcher, centre: Callable[[], Centre]) -> None:
    """Whatever breaks the routing, it begins again, and nobody who waits loses their place."""
    while True:
        try:
            await dispatcher.run()
        except Exception:
            log.exception("the routing broke and begins again")
            await asyncio.sleep(AGAIN_SECONDS)
            dispatcher.restart(centre())


async def _take_up(dispatcher: Dispatcher, book: SqlRoutingBook, config: Config) -> None:
    await _seed(book, (agent.profile() for agent in config.agents))
    await dispatcher.load()


async def _seed(book: SqlRoutingBook, profiles: Iterable[AgentProfile]) -> None:
    """Take over agents of config.yaml who are not known yet; of the others what is in the database counts."""
    known = {profile.agent_id for profile in await book.agents()}
    for profile in profiles:
        if profile.agent_id not in known:
            await book.keep_agent(profile)


def opening(config: Config) -> IsOpen:
    hours: Mapping[str, OpeningHours] = {queue.name: read_hours(queue.hours) for queue in config.queues if queue.hours}

    def is_open(queue: str, at: float) -> bool:
        return queue not in hours or hours[queue].is_open(datetime.fromtimestamp(at, UTC))

    return is_open


def epoch_clock() -> Callable[[], float]:
    """Seconds since 1970 UTC that never go back, whatever is done to the clock of the machine."""
    began, since = time.time(), time.monotonic()
    return lambda: began + time.monotonic() - since


def _profile(dispatcher: Dispatcher, agent_id: str) -> AgentProfile | None:
    agent = dispatcher.centre.floor.agents.get(agent_id)
    return agent.profile if agent else None


def _warn(config: Config) -> None:
    for queue in config.queues:
        if queue.ordering == "strict":
            log.warning("queue_ordering_strict", queue=queue.name, remedy="it starves the others; use priorities")
    for agent in config.agents:
        if not any(skill.startswith("lang:") for skill in agent.skills):
            log.warning("agent_speaks_nothing", agent=agent.id, remedy="give them lang:en or the like")


def live_handoff(routing: RoutingWires, reception: Reception, call_id: str) -> Handoff:
    """What is known of a caller who waits, talks with a person, or is with the bot.

    Raises:
        NotThere: this call is not live here.
    """
    entries = routing.dispatcher.centre.floor.entries.values()
    if entry := next((one for one in entries if one.call_id == call_id), None):
        return routing.dispatcher.handoff(entry.entry_id)
    if call := reception.live.get(call_id):
        return handoff(call.log, call.conductor.path, JoinQueue("", language=call.conductor.state.language))
    raise NotThere("this call is not on the line (any more); its record is at /api/calls/{id}")
