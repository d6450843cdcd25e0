"""The whole server, put together: what every command of `ivr` that answers calls runs on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import structlog
from fastapi import APIRouter, FastAPI

from ivr.call.live import Surroundings
from ivr.call.reception import Reception
from ivr.call.recordings import Recordings
from ivr.config import Config, Recording
from ivr.console.login import login_router
from ivr.environment import Environment
from ivr.model.ports import Dialer
from ivr.store.calls import SqlCallStore, open_store
from ivr.store.engine import sqlite_url
from ivr.store.retention import sweep_recordings
from ivr.web.app import create_app
from ivr.web.dialing import dialing_router
from ivr.web.example_appliance import example_appliance_router
from ivr.web.example_bank import example_bank_router
from ivr.web.fetcher import HttpFetcher
from ivr.web.flows import flows_router
from ivr.web.health import Probe
from ivr.web.live import LiveCalls
from ivr.web.messages import messages_router
from ivr.web.metrics import Meters
from ivr.web.phone import phone_router
from ivr.web.routing import routing_routers
from ivr.web.webrtc import webrtc_router
from ivr.wiring.chat import example_facts
from ivr.wiring.clock import SystemClock
from ivr.wiring.desk import DeskWires, Suggestions, open_desks, serve_console
from ivr.wiring.flows import FlowShelf
from ivr.wiring.hearing import HearingShop, hearing
from ivr.wiring.people import door, lifetimes, people_routers
from ivr.wiring.phone import offered
from ivr.wiring.publishing import PublishedFlows, taking_up
from ivr.wiring.routing import RoutingWires, open_routing
from ivr.wiring.sip import SipWires, sip_lines
from ivr.wiring.speaking import voices
from ivr.wiring.surveys import conclude
from ivr.wiring.twilio import TwilioWires, twilio_wires
from ivr.wiring.versions import FlowDesk
from ivr.wiring.warming import PromptsAhead
from ivr.wiring.watching import CallWatch
from ivr.wiring.webrtc import BrowserCaptions, WebRtcWires, webrtc_wires
from telephony.outgoing import OutgoingCalls
from tts.speaking import SpeakingVoices

log = structlog.get_logger(__name__)

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""

APOLOGIES = {
    "en": "I'm sorry, something went wrong on our side. Please call again in a moment.",
    "zh": "非常抱歉,我们的系统出了点问题,请稍后再拨。",
}


@dataclass(frozen=True, slots=True)
class Centre:
    """A call centre that is ready to take calls."""

    config: Config
    environment: Environment
    flows: FlowShelf
    published: PublishedFlows
    voices: SpeakingVoices
    hearing: HearingShop
    store: SqlCallStore
    reception: Reception
    live: LiveCalls
    meters: Meters
    routing: RoutingWires
    desks: DeskWires
    twilio: TwilioWires | None = None
    webrtc: WebRtcWires | None = None
    sip: SipWires = field(default_factory=SipWires)

    @property
    def dialer(self) -> Dialer | None:
        """Who places calls: Twilio where there is an account, else the first trunk that calls out."""
        return self.twilio.dialer if self.twilio else next(iter(self.sip.trunks.values()), None)

    async def warm(self, progress: Progress = lambda what, done, total: None) -> None:
        """Make the prompts that never change, in the languages callers are greeted in: nobody waits for them."""
        ahead = PromptsAhead(self.config, self.voices)
        await ahead.greeted(self._prompts(), lambda done, total: progress("prompts", done, total))

    async def warm_the_rest(self) -> None:
        """The other languages; a slow voice may take minutes, so this goes on beside the first calls."""
        await PromptsAhead(self.config, self.voices).others(self._prompts())

    def _prompts(self) -> list[tuple[str, str]]:
        said = [(text, language) for language, text in APOLOGIES.items()]
        return said + [prompt for dialogue in self.flows.flows.values() for prompt in dialogue.prompts()]


@asynccontextmanager
async def open_centre(config: Config, environment: Environment, base_url: str) -> AsyncIterator[Centre]:
    """Build everything; closed with the block, live records finished.

    Args:
        base_url: where this server answers HTTP itself: the example bank is asked there.

    Raises:
        ConfigError, FlowProblems, StoreError: the server would not work; says where and what to do.
    """
    clock, meters, captions = SystemClock(), Meters(), BrowserCaptions()
    live = LiveCalls(meters.live_missed.inc)
    async with AsyncExitStack() as stack:
        flows = FlowShelf(config, {**example_facts(base_url), **config.facts})
        store = await stack.enter_async_context(_store(config, environment, meters))
        published = PublishedFlows(flows, store.flows)
        await published.load()
        flows.voices = speaking = await stack.enter_async_context(voices(config.speaking, clock))
        if config.speaking.warm:
            published.ahead = PromptsAhead(config, speaking)
        shop = await stack.enter_async_context(hearing(config.hearing))
        fetcher = await stack.enter_async_context(HttpFetcher())
        watch = CallWatch(live, meters)
        seen_by = [watch.saw, captions.saw]
        routing = await stack.enter_async_context(open_routing(config, store.routing, speaking, ears=shop.plain_ears))
        around = Surroundings(
            speaking, fetcher, routing.dispatcher, store, clock, config.directory, APOLOGIES, watchers=seen_by,
            redact=frozenset(config.privacy.redact),
        )  # fmt: skip
        recordings = await stack.enter_async_context(Recordings(config.recording.format, store))
        reception = watch.reception = _reception(config, flows, around, shop, watch)
        reception.recorded = recordings.finished
        stack.push_async_callback(reception.close)
        stack.callback(routing.dispatcher.keep_places)
        await stack.enter_async_context(taking_up(published))
        await stack.enter_async_context(_sweeping(config.recording, store))
        wires, sip, browsers = await _lines(stack, config, environment, reception, routing, meters, captions)
        suggested = Suggestions(flows, reception, shop)
        desks = await stack.enter_async_context(open_desks(routing, store, suggested, shop, browsers))
        seen_by.append(desks.desks.saw)
        yield Centre(
            config, environment, flows, published, speaking, shop, store, reception, live, meters, routing, desks,
            wires, browsers, sip,
        )  # fmt: skip


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
        stack.push_async_callback(wires.dialer.close)
    sip = await stack.enter_async_context(sip_lines(config, environment, reception, meters, outgoing))
    browsers = await stack.enter_async_context(webrtc_wires(config, environment, reception, captions, meters))
    routing.telephones.trunk = next(iter(sip.trunks.values()), None)
    return wires, sip, browsers


def _store(config: Config, environment: Environment, meters: Meters) -> AbstractAsyncContextManager[SqlCallStore]:
    url = environment.database_url or sqlite_url(config.store.path)
    return open_store(url, node=config.store.node, on_trouble=meters.store_trouble, lifetimes=lifetimes(config))


def _reception(
    config: Config, flows: FlowShelf, around: Surroundings, shop: HearingShop, watch: CallWatch
) -> Reception:
    folder = config.recording.folder if config.recording.enabled else None
    most, silence = config.server.max_calls, config.hearing.no_input_seconds
    reception = Reception(flows, around, shop.ears_for, conclude, folder, most, silence, (watch,))
    reception.messages = config.recording.folder
    reception.asks_consent = config.recording.consent == "ask"
    return reception


@asynccontextmanager
async def _sweeping(recording: Recording, store: SqlCallStore) -> AsyncIterator[None]:
    """Delete recordings that are too old while the block runs."""
    sweep = sweep_recordings(
        recording.folder, recording.retention_days, SystemClock().utc, records=store.archive, mentions=store
    )
    task = asyncio.create_task(sweep)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def web_app(centre: Centre) -> FastAPI:
    """Everything this server answers over HTTP."""
    config = centre.config
    environment, store = centre.environment, centre.store
    at = door(environment, store)
    desk = FlowDesk(config, store.flows)
    routers: list[APIRouter] = [flows_router(store.flows, desk, centre.published, at)]
    routers.append(messages_router(store.archive.messages, store, at.may("calls.play"), config.recording.folder))
    routers += people_routers(environment, store, at)
    routers += routing_routers(centre.routing.dispatcher, centre.routing.book, store, at.may("queues.change"))
    if config.server.examples:
        routers += [example_bank_router(), example_appliance_router()]
    if centre.twilio:
        routers.append(centre.twilio.router)
    if centre.webrtc:
        routers.append(webrtc_router(centre.webrtc.gate, at))
        routers.append(phone_router(partial(offered, centre.flows), is_open=config.phone.public))
    if centre.sip.router:
        routers.append(centre.sip.router)
    if centre.webrtc:
        routers.append(webrtc_router(centre.webrtc.gate, at))
        routers.append(phone_router(partial(offered, centre.flows), is_open=config.phone.public))
    if centre.dialer and config.dial_plan.caller_id:
        routers.append(dialing_router(centre.dialer, config.dial_plan.caller_id, store, at))
    app = create_app(
        api_key=environment.api_key,
        archive=store.archive,
        audit=store,
        recordings=config.recording.folder,
        meters=centre.meters,
        live=centre.live,
        probes=_probes(centre),
        routers=[*routers, login_router()],
        door=at,
    )
    serve_console(app, at, centre.desks.pages)
    return app


def _probes(centre: Centre) -> Mapping[str, Probe]:
    async def database() -> str:
        return await centre.store.ready()

    async def recognizers() -> str:
        wanted = {number.language for number in centre.config.numbers}
        return "; ".join(centre.hearing.reasons[language] for language in wanted & set(centre.hearing.reasons))

    async def spoken() -> str:
        missing = {number.language for number in centre.config.numbers} - centre.voices.languages()
        return f"no voice speaks {', '.join(sorted(missing))}" if missing else ""

    async def flows() -> str:
        return "" if centre.flows.flows else "no flow is loaded: name one under numbers in config.yaml"

    return {"database": database, "recognizers": recognizers, "voices": spoken, "flows": flows}
