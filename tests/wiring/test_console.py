"""The workshop of the flow editor: drafts of the folder, checked, tried, tested, saved and published."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.config import Config
from ivr.console.house import Draft
from ivr.flow.problems import ConversationsFailed
from ivr.model.errors import NotNow, NotThere, StoreError
from ivr.store.calls import open_store
from ivr.store.flow_versions import By
from ivr.wiring.console import FlowWorkshop
from ivr.wiring.flows import FlowShelf
from ivr.wiring.publishing import PublishedFlows
from tests.databases import new_database
from tests.wiring.kit import FLOW, config, text

SUE = By("sue", "127.0.0.1", "friendlier")
MAIN = f"{FLOW}.yaml"
CONVERSATION = """
flow: hours.yaml
conversations:
  - name: hours
    talk:
      - bot: Welcome to the shop
      - press: "1"
      - bot: We open at nine
"""


def at_work(settings: Config, act: Callable[[FlowWorkshop], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with open_store(new_database(settings.store.path)) as store:
            published = PublishedFlows(FlowShelf(settings), store.flows)
            await published.load()
            await act(FlowWorkshop(settings, store.flows, published, {}))

    asyncio.run(scenario())


def changed(draft: Draft, content: str) -> Draft:
    return replace(draft, texts={**draft.texts, MAIN: content})


def test_a_draft_is_checked_as_it_is_typed_and_not_as_it_is_on_disk(tmp_path: Path) -> None:
    async def act(workshop: FlowWorkshop) -> None:
        assert workshop.names() == [FLOW]
        draft = await workshop.draft(FLOW)
        assert dict(draft.texts) == {MAIN: text()}
        flow, problems = await workshop.check(draft)
        assert flow is not None
        assert problems == []
        _, (problem,) = await workshop.check(changed(draft, text(person="persn")))
        assert (problem.file, problem.code) == (MAIN, "unknown_step")
        assert "person" in problem.remedy
        flow, problems = await workshop.check(changed(draft, "flow: [\n"))
        assert flow is None
        assert problems[0].file == MAIN

    at_work(config(tmp_path), act)


def test_a_draft_is_called_with_what_was_typed(tmp_path: Path) -> None:
    async def act(workshop: FlowWorkshop) -> None:
        draft = changed(await workshop.draft(FLOW), text("ten"))
        call = await workshop.call(draft, "en")
        call.begin()
        assert "We open at ten." in call.press("1")
        again = await workshop.call(draft, "en")
        assert again.begin()[0] == "Welcome to the shop."

    at_work(config(tmp_path), act)


def test_conversations_are_played_on_what_was_typed(tmp_path: Path) -> None:
    settings = config(tmp_path)
    tests = settings.flows.folder / "shop" / "tests" / "hours.yaml"
    tests.parent.mkdir()
    tests.write_text(CONVERSATION, encoding="utf-8")

    async def act(workshop: FlowWorkshop) -> None:
        draft = await workshop.draft(FLOW)
        good, bad = await workshop.rehearse(draft), await workshop.rehearse(changed(draft, text("ten")))
        assert (good.played, good.is_good) == (1, True)
        assert (bad.played, bad.is_good) == (1, False)
        await workshop.save(draft, changed(draft, text("ten")), SUE)
        with pytest.raises(ConversationsFailed):
            await workshop.publish(FLOW, SUE, "draft", untested=False)
        assert await workshop.live(FLOW) == {}
        live = await workshop.publish(FLOW, SUE, "draft", untested=True)
        assert dict(await workshop.live(FLOW)) == {MAIN: text("ten")}
        await workshop.save(await workshop.draft(FLOW), draft, SUE)
        tried = await workshop.canary(FLOW, "draft", 0.1, SUE, untested=False)
        assert (tried.version, tried.share) == (live.version, 0.1)
        assert tried.canary not in ("", live.version)

    at_work(settings, act)


def test_what_somebody_else_has_saved_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    settings = config(tmp_path)

    async def act(workshop: FlowWorkshop) -> None:
        draft = await workshop.draft(FLOW)
        file = settings.flows.folder / MAIN
        file.write_text(text("eight"), encoding="utf-8")
        with pytest.raises(NotNow, match="somebody else"):
            await workshop.save(draft, changed(draft, text("ten")), SUE)
        assert file.read_text(encoding="utf-8") == text("eight")

    at_work(settings, act)


def test_a_draft_leads_nowhere_but_into_the_folder_of_flows(tmp_path: Path) -> None:
    async def act(workshop: FlowWorkshop) -> None:
        draft = await workshop.draft(FLOW)
        with pytest.raises(NotThere):
            await workshop.save(draft, replace(draft, texts={**draft.texts, "../elsewhere.yaml": "x"}), SUE)
        for name in ("../secrets", "shop/none", ""):
            with pytest.raises(NotThere):
                await workshop.draft(name)

    at_work(config(tmp_path), act)
    assert not (tmp_path / "elsewhere.yaml").exists()


def test_a_flow_that_is_only_published_can_be_opened_too(tmp_path: Path) -> None:
    settings = config(tmp_path)

    async def act(workshop: FlowWorkshop) -> None:
        await workshop.publish(FLOW, SUE, "draft", untested=False)
        (settings.flows.folder / MAIN).unlink()
        assert dict((await workshop.draft(FLOW)).texts) == {MAIN: text()}
        assert workshop.names() == [FLOW]

    at_work(settings, act)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    settings = config(tmp_path)

    async def act(workshop: FlowWorkshop) -> None:
        draft = await workshop.draft(FLOW)
        (settings.flows.folder / "shop" / ".more.yaml.new").mkdir()
        with pytest.raises(StoreError, match=r"flows\.folder"):
            await workshop.save(draft, replace(draft, texts={**draft.texts, "shop/more.yaml": "x"}), SUE)

    at_work(settings, act)
