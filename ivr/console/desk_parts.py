"""Small parts that the scenes of the desk are put together from."""

from collections.abc import Callable, Sequence

from nicegui import ui

from ivr.console.desk_names import Names, spoken
from ivr.console.desk_talk import SHOWN, Said
from ivr.console.desk_words import DESK
from ivr.console.words import Say
from ivr.insight.emotion import AMBER_AT, RED_AT, Level
from ivr.model.people import Handoff

TIERS = {"vip": "accent", "gold": "accent"}


def clock(seconds: float) -> str:
    """1:05, 12:00, 1:02:03."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def why(reason: str, say: Say) -> str:
    """Why somebody comes to a person, as it is read; a flow may have reasons of its own."""
    key = f"why_{reason}"
    return say(key) if key in DESK else spoken(reason)


def chip(text: str, tone: str = "", icon: str = "") -> ui.element:
    with ui.element("span").classes(f"chip {tone}") as made:
        if icon:
            ui.icon(icon).props('aria-hidden="true"')
        if text:
            ui.label(text)
    return made


def title(text: str, level: int = 2) -> None:
    """A heading that screen readers find."""
    ui.label(text).classes(f"h{level}").props(f'role="heading" aria-level="{level}"')


def button(
    text: str, icon: str, on_click: Callable[[], object], kind: str = "", *, key: str = "", name: str = ""
) -> ui.button:
    """`key`: letter that presses it, together with Alt (`desk.js`)."""
    made = ui.button(text, icon=icon, color=None, on_click=on_click).props("no-caps unelevated" + shortcut(key))
    if key:
        with made:
            ui.label(f"Alt+{key}").classes("keys").props('aria-hidden="true"')
    return made.classes(f"act {kind}").props(f'data-act="{name}"' if name else "")


def shortcut(key: str) -> str:
    """Properties of a button that Alt and this letter press; none for an empty one."""
    return f' data-key="{key}" aria-keyshortcuts="Alt+{key}" title="Alt+{key}"' if key else ""


def bubble(line: Said, say: Say) -> None:
    with ui.element("div").classes(f"said {line.who}"):
        ui.label(say(line.who)).classes("who")
        ui.label(line.text).classes("words")


def level_of(mood: float | None) -> Level | None:
    if mood is None:
        return None
    return "red" if mood <= RED_AT else "amber" if mood <= AMBER_AT else "none"


def mood_chip(level: Level | None, say: Say) -> None:
    match level:
        case "red":
            chip(say("mood_red"), "red", "sentiment_very_dissatisfied")
        case "amber":
            chip(say("mood_amber"), "amber", "sentiment_dissatisfied")
        case "none":
            chip(say("mood_good"), "good", "sentiment_satisfied")
        case None:
            pass


def screen_pop(known: Handoff, say: Say, names: Names, summary: str, waited: float = 0.0) -> None:
    """Everything that is known of a caller, before they are answered and while they talk."""
    with ui.element("section").classes("pop"):
        ui.label(known.customer or known.caller or say("unknown")).classes("name")
        if known.customer and known.caller not in ("", known.customer):
            ui.label(known.caller).classes("soft figures")
        with ui.element("div").classes("chips"):
            if known.tier:
                chip(known.tier.upper(), TIERS.get(known.tier, ""), "star")
            level = min(max(known.authentication_level, 0), 3)
            tone, icon = ("good", "verified_user") if level >= 2 else ("amber", "gpp_maybe")
            chip(say(f"auth_{level}"), tone, icon)
            chip(say(f"lang_{'zh' if known.language.startswith('zh') else 'en'}"), "", "translate")
            mood_chip(level_of(known.mood), say)
        rows = [
            (say("queue"), names.queue(known.queue)),
            (say("came_from"), names.queue(known.came_from) if known.came_from else ""),
            (say("waited"), clock(waited) if waited else ""),
            (say("wait_told"), say("minutes", n=known.wait_announced) if known.wait_announced else ""),
            (say("reason"), why(known.reason, say)), (say("intent"), names.intent(known.intent)),
            (say("chosen"), chosen(known, names)),
        ]  # fmt: skip
        _rows(rows)
        if summary:
            title(say("summary"))
            ui.label(summary).classes("summary")
        facts = [
            (names.label(name), shown(name, value, say, names))
            for name, value in known.facts.items() if name not in SHOWN and value
        ]  # fmt: skip
        if facts:
            title(say("facts"))
            _rows(facts)


def chosen(known: Handoff, names: Names) -> str:
    """What the caller chose by a key, where the intent does not say so already."""
    choice = known.facts.get("chosen", "")
    return names.label(choice) if choice and not known.intent else ""


def shown(name: str, value: str, say: Say, names: Names) -> str:
    """The value of a fact as it is read."""
    return say(value) if value in ("true", "false") else names.value(name, value)


def last_words(known: Handoff, say: Say, names: Names) -> None:
    """What was said before, and what the bot went through."""
    title(say("last_turns"))
    with ui.element("div").classes("lines"):
        for who, words in known.last_turns:
            bubble(Said("caller" if who == "caller" else "agent" if who == "agent" else "bot", words), say)
        if not known.last_turns:
            ui.label(say("nothing_said")).classes("soft")
    if known.tried:
        title(say("tried"))
        ui.label(" › ".join(names.label(step.rpartition(".")[2]) for step in known.tried)).classes("soft tried")


def _rows(rows: Sequence[tuple[str, str]]) -> None:
    shown = [(name, value) for name, value in rows if value]
    if not shown:
        return
    with ui.element("dl").classes("rows"):
        for name, value in shown:
            with ui.element("dt"):
                ui.label(name)
            with ui.element("dd"):
                ui.label(value)
