"""One heap on the bench: what callers said, and the form that makes a proposal out of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from nicegui import ui

from ivr.console.house import Visit
from ivr.console.links import call_link
from ivr.console.parts import Act, card, tried
from ivr.console.rooms import TrainerRoom
from ivr.console.trainer_dismiss import ask_dismissal
from ivr.console.trainer_patch import Open, patch_card
from ivr.insight.mining import Heap, Proposal, ProposalKind
from ivr.model.errors import BadQuery
from ivr.model.insight import Label

KINDS: Mapping[ProposalKind, str] = {
    "phrases": "More ways to say an intent", "questions": "More ways to ask what is known",
    "new_intent": "A new intent", "new_entry": "A new answer",
}  # fmt: skip
LABELS: Mapping[ProposalKind, Label] = {
    "phrases": "intent", "questions": "intent", "new_intent": "new_intent", "new_entry": "kb_gap",
}  # fmt: skip
MOST_EXAMPLES = 20


@dataclass(slots=True)
class Work:
    """For one page. `again` reads the heaps anew."""

    visit: Visit
    room: TrainerRoom
    flow: str
    heap: Heap
    again: Act
    place: ui.column = field(init=False)

    @property
    def ids(self) -> list[str]:
        return [item.item_id for item in self.heap.items]


@dataclass(frozen=True, slots=True)
class Form:
    """What a trainer makes of a heap."""

    kind: ui.select
    name: ui.input
    phrases: ui.textarea
    answer: ui.textarea
    language: str

    def proposal(self) -> Proposal:
        """Raises BadQuery: nothing was named."""
        name = str(self.name.value or "").strip()
        if not name:
            raise BadQuery("name: say which intent or entry it is")
        phrases = tuple(line.strip() for line in str(self.phrases.value or "").splitlines() if line.strip())
        return Proposal(self.kind.value, name, self.language, phrases, answer=str(self.answer.value or "").strip())


def bench(work: Work) -> None:
    visit, heap, t = work.visit, work.heap, work.visit.t
    with card(heap.name):
        with ui.column().classes("gap-1 w-full max-h-40 overflow-auto flex-nowrap").props("tabindex=0"):
            often = Counter(item.text for item in heap.items)
            latest = {item.text: item for item in sorted(heap.items, key=lambda one: one.at)}
            for text, count in often.most_common(MOST_EXAMPLES):
                item = latest[text]
                with ui.row().classes("w-full items-center gap-2 no-wrap shrink-0").props("data-test=wording"):
                    ui.label(f"\u201c{text}\u201d").classes("text-sm grow")
                    ui.label(t("{n} times", n=count)).classes("text-xs soft figures whitespace-nowrap")
                    ui.label(t(item.source)).classes("text-xs soft whitespace-nowrap")
                    ui.link(t("Call"), call_link(item.call_id)).classes("text-sm")
        form = _form(visit, heap.proposal)
        with ui.row().classes("w-full items-center gap-2"):
            write = ui.button(t("Write it into the flow"), icon="edit_note", on_click=lambda: tried(visit, written()))
            write.props("no-caps data-test=write")
            away = ui.button(
                t("Dismiss …"),
                icon="block",
                on_click=lambda: ask_dismissal(visit, work.room, work.flow, work.ids, work.again),
            )
            away.props("outline no-caps data-test=dismiss")
    work.place = ui.column().classes("w-full gap-3")

    async def written() -> None:
        proposal = form.proposal()
        await visit.look("trainer.patch", work.flow)
        made = await work.room.bench.proposed(work.flow, proposal)
        opened = Open(visit, work.room, work.flow, made, work.ids, LABELS[proposal.kind], proposal.name, work.again)
        work.place.clear()
        with work.place:
            patch_card(opened)


def _form(visit: Visit, proposal: Proposal) -> Form:
    t = visit.t
    with ui.element("div").classes("w-full grid grid-cols-1 md:grid-cols-2 gap-3 pt-2"):
        kind = ui.select({key: t(words) for key, words in KINDS.items()}, value=proposal.kind, label=t("What to do"))
        kind.props("dense outlined data-test=kind")
        name = ui.input(t("Name of the intent or entry"), value=proposal.name)
        name.props("dense outlined data-test=name maxlength=120")
    phrases = ui.textarea(t("What callers say, one wording a line"), value="\n".join(proposal.phrases))
    phrases.classes("w-full").props("outlined autogrow data-test=phrases")
    answer = ui.textarea(t("What the bot answers")).classes("w-full")
    answer.props("outlined autogrow maxlength=1000 data-test=answer")
    answer.bind_visibility_from(kind, "value", value="new_entry")
    if proposal.kind in ("phrases", "questions"):
        near = t("like {name}, {share}", name=proposal.name, share=f"{proposal.likeness:.0%}")
        ui.label(near).classes("text-xs soft")
    return Form(kind, name, phrases, answer, proposal.language)
