"""Buttons that stay the same elements whatever they say: a click on one counts even where it has just changed."""

from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from ivr.console.desk_faces import Face
from ivr.console.desk_parts import shortcut

Act = Callable[[str], Coroutine[Any, Any, None]]
"""Told the wish of the button as it was when the agent pressed it."""

PRESSED = "(event) => emit(event.currentTarget.dataset.wish)"
"""The browser sends what the button meant to whoever saw it; meanwhile the server may have changed it."""


class LastingButton:
    """Made once for as long as its scene is shown; hidden while there is nothing it could do."""

    def __init__(self, name: str, act: Act, *, key: str = "", more: str = "") -> None:
        """
        Args:
            name: for tests and styles, as `data-act`.
            key: letter of its shortcut, pressed together with Alt.
            more: classes it always has.
        """
        self._face: Face | None = None
        self._act = act
        self._made = ui.button(color=None).classes(f"act {more}")
        self._made.props(f'no-caps unelevated data-act="{name}"' + shortcut(key))
        self._made.on("click", self._pressed, js_handler=PRESSED)
        self._made.set_visibility(False)

    async def _pressed(self, event: GenericEventArguments) -> None:
        await self._act(str(event.args))

    def show(self, face: Face | None) -> None:
        """None: it is not there now."""
        if face == self._face:
            return
        before, self._face = self._face, face
        self._made.set_visibility(face is not None)
        if face:
            self._made.classes(remove=before.kind if before else "", add=face.kind)
            self._made.props(f'icon={face.icon} data-wish="{face.wish}"')
            self._made.set_text(face.text)
            self._made.set_enabled(face.is_on)
