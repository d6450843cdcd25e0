"""Everything this server answers over HTTP, put together from a call centre that is ready."""

from collections.abc import Mapping
from functools import partial
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse

from ivr.console.login import login_router
from ivr.web.app import create_app
from ivr.web.assist import assist_router
from ivr.web.campaigns_off import campaigns_off_router
from ivr.web.dialing import dialing_router
from ivr.web.erasures import erasures_router, sound_erasure_router
from ivr.web.example_appliance import example_appliance_router
from ivr.web.example_bank import example_bank_router
from ivr.web.flows import flows_router
from ivr.web.handoff import handoff_router
from ivr.web.health import Probe
from ivr.web.messages import messages_router
from ivr.web.notes import notes_router
from ivr.web.phone import phone_router
from ivr.web.routing import routing_routers
from ivr.web.security import Door
from ivr.web.surveys import survey_routers
from ivr.web.webrtc import webrtc_router
from ivr.wiring.centre import Centre
from ivr.wiring.console import console_wires
from ivr.wiring.desk import serve_console
from ivr.wiring.helping import CallHelp
from ivr.wiring.insight import insight_routers
from ivr.wiring.people import door, people_routers
from ivr.wiring.phone import offered
from ivr.wiring.routing import live_handoff
from ivr.wiring.sound import sound_eraser
from ivr.wiring.versions import FlowDesk


def web_app(centre: Centre) -> FastAPI:
    """Everything this server answers over HTTP."""
    config, environment, store = centre.config, centre.environment, centre.store
    at = door(environment, store)
    desk = FlowDesk(config, store.flows)
    routers: list[APIRouter] = [flows_router(store.flows, desk, centre.published, at)]
    folder, needs_reason = config.recording.folder, config.privacy.reason_to_listen
    messages = store.archive.messages
    routers.append(messages_router(messages, store, at.may("calls.play"), folder, reason_to_listen=needs_reason))
    routers.append(notes_router(store.notes, store, at.may("calls.read")))
    if centre.forgetting:
        routers.append(erasures_router(centre.forgetting, store.holds, store, at))
    routers.append(sound_erasure_router(sound_eraser(config, store), store, at))
    routers.append(handoff_router(partial(live_handoff, centre.routing, centre.reception), store, at))
    if assistance := centre.desks.assistance:
        helps = CallHelp(centre.routing, centre.reception, assistance, centre.desks.suggestions)
        routers.append(assist_router(helps.find, helps.agent_of, helps.rules, store, at))
    routers += people_routers(environment, store, at)
    routers += survey_routers(store, at)
    routers += insight_routers(config, centre.insight, store, at)
    routers += routing_routers(centre.routing.dispatcher, centre.routing.book, store, at)
    if config.server.examples:
        routers += [example_bank_router(), example_appliance_router()]
    routers += _of_lines(centre, at)
    routers.append(_front_door(is_phone=bool(centre.webrtc and config.phone.public)))
    app = create_app(
        api_key=environment.api_key,
        archive=store.archive,
        audit=store,
        recordings=folder,
        meters=centre.meters,
        live=centre.live,
        probes=_probes(centre),
        routers=[*routers, login_router()],
        version=version("ivr"),
        door=at,
        reason_to_listen=needs_reason,
    )
    serve_console(app, at, console_wires(centre, at), centre.desks.pages)
    return app


def _front_door(*, is_phone: bool) -> APIRouter:
    """Who opens the bare address is led to the phone where everybody may call, else to the log-in page."""
    router = APIRouter()

    @router.get("/", include_in_schema=False)
    async def enter() -> RedirectResponse:
        return RedirectResponse("/phone" if is_phone else "/login")

    return router


def _of_lines(centre: Centre, at: Door) -> list[APIRouter]:
    """What carriers, browsers and those who have calls placed ask."""
    config, store = centre.config, centre.store
    routers: list[APIRouter] = []
    if centre.twilio:
        routers.append(centre.twilio.router)
    if centre.sip.router:
        routers.append(centre.sip.router)
    if centre.webrtc:
        routers.append(webrtc_router(centre.webrtc.gate, at))
        routers.append(phone_router(partial(offered, centre.flows), is_open=config.phone.public))
    if centre.dialer and config.dial_plan.caller_id:
        routers.append(dialing_router(centre.dialer, config.dial_plan.caller_id, store, at))
    if centre.campaigns:
        routers += centre.campaigns.routers(store, at)
    else:
        routers.append(campaigns_off_router(is_enabled=config.campaigns.enabled))
    return routers


def _probes(centre: Centre) -> Mapping[str, Probe]:
    async def database() -> str:
        return await centre.store.ready()

    async def calls() -> str:
        return "this server is stopping: calls on the line go on" if centre.reception.is_closing else ""

    async def recognizers() -> str:
        return "; ".join(centre.hearing.deaf_to(number.language for number in centre.config.numbers).values())

    async def spoken() -> str:
        missing = {number.language for number in centre.config.numbers} - centre.voices.languages()
        return f"no voice speaks {', '.join(sorted(missing))}" if missing else ""

    async def flows() -> str:
        return "" if centre.flows.flows else "no flow is loaded: name one under numbers in config.yaml"

    async def queues() -> str:
        # Where nobody answers calls, it does not matter who would dispatch them.
        return await centre.routing.lead.ready() if await centre.routing.book.agents() else ""

    return {
        "database": database, "calls": calls, "recognizers": recognizers, "voices": spoken, "flows": flows,
        "queues": queues,
    }  # fmt: skip
