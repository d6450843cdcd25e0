"""`/desk`: the agent's page, and `/desk/supervise`: the talks a supervisor may join.

A user account is tied to the agent profile of the same name: who logs in as `ann` works at the desk of agent `ann`."""

import asyncio
import inspect
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from nicegui import Client, ui

from ivr.console.desk_acts import DeskActs
from ivr.console.desk_call import Talking
from ivr.console.desk_scenes import Around, Idle, Ringing, Scene, WrapUp
from ivr.console.desk_status import StatusBar
from ivr.console.desk_supervise import Supervision
from ivr.console.desk_supervise_page import TalksPage
from ivr.console.desk_words import DESK
from ivr.console.frame import Frame, Place, Visitor, told
from ivr.model.errors import IvrError

log = structlog.get_logger(__name__)


class DeskPage:
    """One page of one agent."""

    def __init__(self, acts: DeskActs, visitor: Visitor, client: Client) -> None:
        self._client, self._visitor = client, visitor
        self._around = Around(acts, visitor.user.name, visitor.say, self._do, visitor.language)
        self._scene: Scene | None = None
        self._key: tuple[object, ...] = ()
        self._audio = self._told_of = ("", "")
        self._was_lost = False
        self._is_due = False
        self._build()

    def _build(self) -> None:
        ui.add_head_html('<link rel="stylesheet" href="/login/desk.css">')
        ui.add_head_html('<script type="module" src="/login/desk.js"></script>')
        self._status = StatusBar(self._around)
        self._trouble = ui.element("div").props('role="alert"')
        self._stage = ui.element("div").classes("stage")
        ui.timer(1.0, self.changed)
        ui.on("desk_audio", self._heard_of_audio)
        acts, me = self._around.acts, self._around.agent_id
        self._client.on_connect(lambda: acts.desks.attach(me, self._client.id, self.changed))
        self._client.on_disconnect(lambda: acts.desks.detach(me, self._client.id))
        self._client.on_delete(lambda: acts.desks.detach(me, self._client.id))
        self._draw()

    def changed(self) -> None:
        """Show how it is now, soon: whoever tells us of a change must not wait for a page, nor suffer from it."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._draw)

    def _draw(self) -> None:
        self._is_due = False
        if self._client.is_deleted:
            return
        with self._client:
            self._status.update()
            self._show_trouble()
            self._show_scene()

    # -- scenes

    def _show_scene(self) -> None:
        desk = self._around.desk
        agent = self._around.agent
        ring = desk.offer.offer_id if desk.offer else ""
        key = (desk.scene, ring, desk.talk.offer_id if desk.talk else "", agent is None)
        if key != self._key:
            was_ringing = self._key[:1] == ("ringing",)
            self._key, self._scene = key, None
            self._stage.clear()
            with self._stage:
                self._scene = self._made()
            if desk.scene == "ringing" and desk.offer:
                text = desk.offer.handoff.customer or desk.offer.handoff.caller or self._around.say("incoming")
                ui.run_javascript(f"window.desk?.ring({_quoted(text)})")
            elif was_ringing:
                ui.run_javascript("window.desk?.quiet()")
        elif self._scene:
            self._scene.update()
        self._come_back()

    def _come_back(self) -> None:
        """The sound of a talk was lost, or this page was loaded again: once for each loss the browser calls again."""
        talk = self._around.desk.talk
        is_lost = talk is not None and talk.phase == "lost" and not talk.by_phone
        if is_lost and not self._was_lost:
            with suppress(IvrError):  # back already
                self._accept()
        self._was_lost = is_lost

    def _made(self) -> Scene | None:
        around, desk = self._around, self._around.desk
        if around.agent is None:
            told("badge", around.say("no_profile"), around.say("no_profile_remedy", name=around.agent_id))
            return None
        match desk.scene:
            case "ringing" if desk.offer:
                return Ringing(around, desk.offer, self._do(self._accept))
            case "talk" if desk.talk:
                return Talking(around, desk.talk, self._accept)
            case "wrap_up" if desk.talk:
                return WrapUp(around, desk.talk)
            case _:
                return Idle(around)

    def _accept(self) -> None:
        self._audio = ("", "")
        token = self._around.acts.ticket(self._around.agent_id)
        ui.run_javascript(f"window.desk.answer({_quoted(token)})")

    def _heard_of_audio(self, event: Any) -> None:
        """What the browser says of its sound: only problems are shown, the rest is seen in the talk."""
        what, remedy = str(event.args.get("what", ""))[:200], str(event.args.get("remedy", ""))[:300]
        if event.args.get("problem") or event.args.get("state") == "connecting":
            self._audio = (what, remedy)
        self.changed()

    # -- trouble

    def _show_trouble(self) -> None:
        desk, say = self._around.desk, self._around.say
        told_of = (say(desk.trouble), "") if desk.trouble else self._audio
        if self._told_of == told_of:
            return
        self._told_of = told_of
        self._trouble.clear()
        if told_of[0]:
            with self._trouble, ui.element("div").classes("trouble"):
                ui.icon("error_outline").props('aria-hidden="true"')
                with ui.element("div").classes("grow"):
                    ui.label(told_of[0]).classes("what")
                    if told_of[1]:
                        ui.label(told_of[1])
                ui.button(icon="close", color=None, on_click=self._forget_trouble).props(
                    f'flat round aria-label="{say("close")}"'
                )

    def _forget_trouble(self) -> None:
        self._around.desk.trouble, self._audio = "", ("", "")
        self.changed()

    def _do(self, what: Callable[[], Coroutine[Any, Any, None] | None]) -> Callable[[], Coroutine[Any, Any, None]]:
        async def doing() -> None:
            try:
                result = what()
                if inspect.isawaitable(result):
                    await result
            except IvrError as error:
                ui.notify(self._around.say("not_now", why=str(error)), type="warning")
            self.changed()

        return doing


def _quoted(text: str) -> str:
    """As JavaScript reads it; callers choose what they are called."""
    return json.dumps(text).replace("<", "\\u003c")


def desk_pages(frame: Frame, acts: DeskActs, supervision: Supervision) -> None:
    """Register both pages."""

    @frame.page(Place("/desk", ("Desk", "工作台"), "headset_mic", "desk.use", DESK))
    async def desk(visitor: Visitor) -> None:
        DeskPage(acts, visitor, ui.context.client)

    @frame.page(Place("/desk/supervise", ("Talks", "实时通话"), "hearing", "live.join", DESK))
    async def talks(visitor: Visitor) -> None:
        TalksPage(acts.desks, supervision, visitor, ui.context.client)
