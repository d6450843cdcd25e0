"""The whole server, put together: what every command of `ivr` that answers calls runs on."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import structlog

from ivr.call.live import Surroundings, Watcher
from ivr.call.reception import Reception, Watching
from ivr.call.recordings import Recordings
from ivr.campaigns.campaign import Campaign
from ivr.config import Config
from ivr.config_queues import by_name
from ivr.environment import Environment
from ivr.insight.sentiment import sentiment
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.store.retention import sweep_recordings
from ivr.store.transcripts import sweep_transcripts
from ivr.web.fetcher import HttpFetcher
from ivr.web.live import LiveCalls
from ivr.web.metrics import Meters
from ivr.web.routing_meters import watch_routing
from ivr.wiring.acquaintances import Recollection
from ivr.wiring.assisting import Assistance
from ivr.wiring.callbacks import CustomerCalls, calls_customers
from ivr.wiring.calling_out import with_campaigns
from ivr.wiring.campaigns import campaigns_of
from ivr.wiring.centre import APOLOGIES, Centre
from ivr.wiring.chat import example_facts
from ivr.wiring.clock import SystemClock
from ivr.wiring.desk import DeskWires, Suggestions, open_desks
from ivr.wiring.desk_names import FlowNames
from ivr.wiring.durable import durable
from ivr.wiring.flows import FlowShelf, FlowTold
from ivr.wiring.forgetting import Forgetting, cancel_in, forgetting
from ivr.wiring.hearing import HearingShop, hearing
from ivr.wiring.insight import open_insight
from ivr.wiring.people import lifetimes
from ivr.wiring.publishing import PublishedFlows, taking_up
from ivr.wiring.recovery import RecoveryDesk, keep_going, recovering
from ivr.wiring.routing import RoutingWires, open_routing
from ivr.wiring.sip import SipWires, sip_lines
from ivr.wiring.speaking import voices
from ivr.wiring.surveys import SurveyDesk
from ivr.wiring.twilio import TwilioWires, twilio_wires
from ivr.wiring.warming import PromptsAhead
from ivr.wiring.watching import CallWatch
from ivr.wiring.webhooks import Webhooks, open_webhooks
from ivr.wiring.webrtc import BrowserCaptions, WebRtcWires, webrtc_wires
from telephony.outgoing import OutgoingCalls
from tts.speaking import SpeakingVoices

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else stands on."""

    flows: FlowShelf
    store: SqlCallStore
    published: PublishedFlows
    voices: SpeakingVoices
    hearing: HearingShop
    fetcher: HttpFetcher


@asynccontextmanager
async def open_centre(
    config: Config, environment: Environment, base_url: str, told: FlowTold = lambda name, number, of: None
) -> AsyncIterator[Centre]:
    """Build everything; closed with the block, live records finished.

    Args:
        base_url: where this server answers HTTP itself: the example bank is asked there.

    Raises:
        ConfigError, FlowProblems, StoreError: the server would not work; says where and what to do.
    """
    meters, captions = Meters(), BrowserCaptions()
    live = LiveCalls(meters.live_missed.inc)
    async with AsyncExitStack() as stack:
        found = campaigns_of(config, environment)
        on = await _ground(stack, config, environment, _shelf(config, base_url, told), meters, found)
        watch = CallWatch(live, meters)
        surveys = await _following_up(stack, config, environment, on.store, live)
        routing, callbacks = await _routing(stack, config, environment, on)
        hooks = await _webhooks(stack, config, environment, on.store, routing)
        insight = await stack.enter_async_context(open_insight(config, on.store, on.flows, live, meters))
        meters.watch_rooms(routing.meetings.rooms.punctuality)
        watch_routing(meters.registry, routing.dispatcher)
        seen_by = [watch.saw, captions.saw, surveys.saw, insight.moods.saw]
        around = replace(_surroundings(config, on, routing, seen_by), feel=insight.moods.feel)
        reception = _reception(config, on, around, surveys, (watch, surveys, hooks, *insight.watching))
        watch.reception = insight.moods.reception = reception
        await _keep_house(stack, config, on, reception, routing, hooks)
        await stack.enter_async_context(callbacks.working(reception, routing.telephones))
        wires, sip, browsers = await _lines(stack, config, environment, reception, routing, meters, captions)
        desks = await _desks(stack, config, on, routing, reception, browsers)
        seen_by.append(desks.desks.saw)
        desks.desks.mood_of = insight.moods.mood
        insight.moods.told.append(desks.desks.mood_alert)
        centre = Centre(
            config, environment, on.flows, on.published, on.voices, on.hearing, on.store, reception, live, meters,
            routing, desks, insight, wires, browsers, sip,
        )  # fmt: skip
        yield await _forgetting(stack, await with_campaigns(stack, centre, found, surveys))


async def _forgetting(stack: AsyncExitStack, centre: Centre) -> Centre:
    """Erasures reach what calls customers, too."""
    clock, store = SystemClock(), centre.store
    erasures = store.erasures(centre.config.recording.folder, centre.environment.api_key)
    cancel = centre.campaigns.desk.cancel if centre.campaigns else cancel_in(store, clock)
    work = Forgetting(erasures, centre.routing.dispatcher, cancel, clock)
    return replace(centre, forgetting=await stack.enter_async_context(forgetting(work)))


async def _routing(
    stack: AsyncExitStack, config: Config, environment: Environment, on: Ground
) -> tuple[RoutingWires, CustomerCalls]:
    """Queues and agents; callbacks are offered only where a line can call out."""
    callbacks = CustomerCalls(config)
    back = callbacks if calls_customers(config, environment) else None
    memory = Recollection(on.store.acquaintances, config.past_calls.rules())
    opening = open_routing(
        config,
        on.store.routing,
        on.voices,
        callback=back,
        ears=on.hearing.plain_ears,
        memory=memory,
        lock=on.store.lock("routing"),
        names_of=FlowNames(on.flows, by_name(config.queues)).of,
    )
    return await stack.enter_async_context(opening), callbacks


async def _desks(
    stack: AsyncExitStack,
    config: Config,
    on: Ground,
    routing: RoutingWires,
    reception: Reception,
    browsers: WebRtcWires | None,
) -> DeskWires:
    def flow_of(call_id: str) -> str:
        call = reception.live.get(call_id)
        return call.log.record.flow if call else ""

    # The floor is another one after a restart of the routing.
    store, dispatcher = on.store, routing.dispatcher
    assistance = Assistance(config.assist, store.solved, store, lambda: dispatcher.centre.floor, flow_of)
    suggested = Suggestions(on.flows, reception, on.hearing)
    opening = open_desks(routing, store, suggested, on.hearing, browsers, assistance)
    return await stack.enter_async_context(opening)


async def _webhooks(
    stack: AsyncExitStack, config: Config, environment: Environment, store: SqlCallStore, routing: RoutingWires
) -> Webhooks:
    opening = open_webhooks(config.webhooks, environment.webhook_secret, store.outbox)
    hooks = await stack.enter_async_context(opening)
    routing.dispatcher.watchers.append(hooks.routing_did)
    return hooks


async def _keep_house(
    stack: AsyncExitStack, config: Config, on: Ground, reception: Reception, routing: RoutingWires, hooks: Webhooks
) -> None:
    """What is done beside the calls, and at their end."""
    recordings = await stack.enter_async_context(Recordings(config.recording.format, on.store))
    recordings.watch(hooks.recorded)
    reception.recorded = recordings.finished
    stack.push_async_callback(reception.close)
    stack.callback(routing.dispatcher.keep_places)
    await stack.enter_async_context(taking_up(on.published))
    await stack.enter_async_context(_sweeping(config, on.store))


def _shelf(config: Config, base_url: str, told: FlowTold) -> FlowShelf:
    return FlowShelf(config, {**example_facts(base_url), **config.facts}, told=told)


async def _ground(
    stack: AsyncExitStack,
    config: Config,
    environment: Environment,
    flows: FlowShelf,
    meters: Meters,
    found: Mapping[str, Campaign],
) -> Ground:
    flows.campaigns = tuple(flow for each in found.values() for flow in (each.flow, each.voicemail) if flow)
    store = await stack.enter_async_context(_store(config, environment, meters))
    published = PublishedFlows(flows, store.flows)
    await published.load()
    flows.voices = speaking = await stack.enter_async_context(voices(config.speaking, SystemClock()))
    if config.speaking.warm:
        published.ahead = PromptsAhead(config, speaking)
    shop = await stack.enter_async_context(hearing(config.hearing))
    fetcher = await stack.enter_async_context(HttpFetcher())
    return Ground(flows, store, published, speaking, shop, fetcher)


def _surroundings(config: Config, on: Ground, routing: RoutingWires, seen_by: Sequence[Watcher]) -> Surroundings:
    return Surroundings(
        on.voices, on.fetcher, routing.lead, on.store, SystemClock(), config.directory, APOLOGIES,
        watchers=seen_by, hold=routing.music.own, queue_hold=routing.music.of_queues,
        bridging=routing.bridging, redact=frozenset(config.privacy.redact),
    )  # fmt: skip


async def _following_up(
    stack: AsyncExitStack, config: Config, environment: Environment, store: SqlCallStore, live: LiveCalls
) -> SurveyDesk:
    """What comes after calls, and goes on through a crash; closed with the stack."""
    clock = SystemClock()
    surveys = SurveyDesk(config.survey, config.recovery, store.surveys, store.cases, clock, sentiment=sentiment)
    desk = RecoveryDesk(config.recovery, store.cases, surveys, store.values, live, clock)
    await stack.enter_async_context(recovering(desk))
    await stack.enter_async_context(durable(config, environment))
    stack.push_async_callback(surveys.close)
    await keep_going()
    return surveys


async def _lines(
    stack: AsyncExitStack,
    config: Config,
    environment: Environment,
    reception: Reception,
    routing: RoutingWires,
    meters: Meters,
    captions: BrowserCaptions,
) -> tuple[TwilioWires | None, SipWires, WebRtcWires | None]:
    """What calls come and go by; closed with the stack."""
    outgoing = OutgoingCalls(config.dial_plan.most_calls_at_once, config.dial_plan.longest_call_seconds)
    wires = twilio_wires(config, environment, reception, meters, outgoing) if environment.has_twilio else None
    if wires:
        stack.push_async_callback(wires.close)
    sip = await stack.enter_async_context(sip_lines(config, environment, reception, meters, outgoing))
    browsers = await stack.enter_async_context(webrtc_wires(config, environment, reception, captions, meters))
    routing.reach_out_through(next(iter(sip.trunks.values()), wires.trunk if wires else None))
    return wires, sip, browsers


def _store(config: Config, environment: Environment, meters: Meters) -> AbstractAsyncContextManager[SqlCallStore]:
    url = environment.database_url or sqlite_url(config.store.path)
    return open_store(url, node=config.store.node, on_trouble=meters.store_trouble, lifetimes=lifetimes(config))


def _reception(
    config: Config, on: Ground, around: Surroundings, surveys: SurveyDesk, watching: Sequence[Watching]
) -> Reception:
    folder = config.recording.folder if config.recording.enabled else None
    most, silence = config.server.max_calls, config.hearing.no_input_seconds
    reception = Reception(on.flows, around, on.hearing.ears_for, surveys.conclude, folder, most, silence, watching)
    reception.offer_survey = surveys.offer
    reception.messages = config.recording.folder
    reception.asks_consent = config.recording.consent == "ask"
    return reception


@asynccontextmanager
async def _sweeping(config: Config, store: SqlCallStore) -> AsyncIterator[None]:
    """Delete recordings and words that are too old while the block runs."""
    recording, utc = config.recording, SystemClock().utc
    sweeps = (
        sweep_recordings(recording.folder, recording.retention_days, utc, records=store.archive, mentions=store),
        sweep_transcripts(store.transcripts, recording.folder, config.privacy.transcript_days, utc),
    )
    tasks = [asyncio.create_task(sweep) for sweep in sweeps]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
