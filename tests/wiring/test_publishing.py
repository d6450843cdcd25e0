"""New calls get what is published, running calls keep what they began with, and nothing broken reaches either."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from ivr.call.dialogue import FlowDialogue
from ivr.flow.problems import FlowProblems
from ivr.model.errors import ConfigError, StoreError
from ivr.store.flow_versions import By, FlowVersion, FlowVersions, LiveFlow, open_engine
from ivr.wiring.flows import FlowShelf
from ivr.wiring.publishing import PublishedFlows, taking_up
from tests.databases import new_database
from tests.wiring.kit import FLOW, call, config, edit, hours_said, text

ANN = By("ann")


@pytest.fixture(autouse=True)
def _fresh_logs() -> None:
    structlog.reset_defaults()


def serving(folder: Path, run: Callable[[PublishedFlows, FlowVersions], Awaitable[None]]) -> None:
    """A server's flows over a real database."""
    settings = config(folder)

    async def opened() -> None:
        async with open_engine(new_database(settings.store.path)) as engine:
            versions = FlowVersions(engine)
            flows = PublishedFlows(FlowShelf(settings), versions)
            await flows.load()
            await run(flows, versions)

    asyncio.run(opened())


def new_call_says(flows: PublishedFlows) -> str:
    held = call(flows.shelf.plan("+1555", {}))
    held.begin()
    return hours_said(held)


def test_a_flow_that_was_never_published_is_served_as_it_is_in_the_folder(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        assert new_call_says(flows) == "We open at nine."
        edit(flows.shelf.config, text("ten"))
        await flows.look()
        assert new_call_says(flows) == "We open at nine."

    serving(tmp_path, run)


def test_a_new_call_takes_what_is_published_while_a_running_one_keeps_what_it_began_with(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        running = call(flows.shelf.plan("+1555", {}))
        running.begin()
        await versions.publish(edit(flows.shelf.config, text("ten")), ANN)
        await flows.look()
        assert new_call_says(flows) == "We open at ten."
        assert hours_said(running) == "We open at nine."

    serving(tmp_path, run)


def test_edits_reach_nobody_until_they_are_published_and_a_restart_changes_nothing(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(edit(flows.shelf.config, text("ten")), ANN)
        edit(flows.shelf.config, text("eleven"))
        restarted = PublishedFlows(FlowShelf(flows.shelf.config), versions)
        await restarted.load()
        assert new_call_says(restarted) == "We open at ten."

    serving(tmp_path, run)


def test_a_rollback_brings_the_version_before_to_new_calls(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        for opens in ("ten", "eleven"):
            await versions.publish(edit(flows.shelf.config, text(opens)), ANN)
        await flows.look()
        assert new_call_says(flows) == "We open at eleven."
        await versions.roll_back(FLOW, ANN)
        await flows.look()
        assert new_call_says(flows) == "We open at ten."

    serving(tmp_path, run)


def test_a_canary_gets_its_share_of_the_calls_and_no_more(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(edit(flows.shelf.config, text("ten")), ANN)
        other = edit(flows.shelf.config, text("eleven"))
        await versions.keep(other, ANN)
        await versions.canary(FLOW, other.version, 0.2, ANN)
        await flows.look()
        chances = iter([number / 1000 for number in range(1000)])
        flows.shelf.chance = lambda: next(chances)
        taken = Counter(flows.shelf.plan("+1555", {}).dialogue.version for _ in range(1000))
        live = flows.shelf.flows[FLOW].version
        assert taken == {other.version: 200, live: 800}
        await versions.canary(FLOW, "", 0.0, ANN)
        await flows.look()
        flows.shelf.chance = lambda: 0.0
        assert {flows.shelf.plan("+1555", {}).dialogue.version for _ in range(50)} == {live}

    serving(tmp_path, run)


def test_a_broken_version_is_refused_with_file_and_line_and_the_last_good_one_stays(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(edit(flows.shelf.config, text("ten")), ANN)
        await flows.look()
        broken = FlowVersion(FLOW, "deadbeef", {f"{FLOW}.yaml": text().replace("then: what", "then: nowhere")})
        await versions.publish(broken, ANN)
        with capture_logs() as logs:
            await flows.look()
            await flows.look()
        assert new_call_says(flows) == "We open at ten."
        assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
            "a published flow is refused, the last good version stays live"
        ]
        assert f"{FLOW}.yaml:7: error: step 'greet'" in flows.broken[FLOW]
        await versions.roll_back(FLOW, ANN)
        await flows.look()
        assert flows.broken == {}

    serving(tmp_path, run)


def test_a_version_that_does_not_speak_the_language_of_its_number_is_refused(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(edit(flows.shelf.config, "languages: [zh]\n" + text("ten")), ANN)
        await flows.look()
        assert new_call_says(flows) == "We open at nine."
        assert "greets in 'en'" in flows.broken[FLOW]

    serving(tmp_path, run)


def test_a_server_starts_with_the_version_before_where_the_live_one_is_refused(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(edit(flows.shelf.config, text("ten")), ANN)
        await versions.publish(FlowVersion(FLOW, "deadbeef", {f"{FLOW}.yaml": "flow: hours"}), ANN)
        restarted = PublishedFlows(FlowShelf(flows.shelf.config), versions)
        await restarted.load()
        assert new_call_says(restarted) == "We open at ten."
        assert FLOW in restarted.broken

    serving(tmp_path, run)


def test_a_server_does_not_start_where_no_version_can_answer(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(FlowVersion(FLOW, "deadbeef", {f"{FLOW}.yaml": "flow: hours"}), ANN)
        with pytest.raises(FlowProblems, match="hours.yaml"):
            await PublishedFlows(FlowShelf(flows.shelf.config), versions).load()

    serving(tmp_path, run)


def test_a_number_that_greets_in_a_language_the_folder_lacks_keeps_the_server_from_starting(tmp_path: Path) -> None:
    settings = config(tmp_path, "languages: [zh]\n" + text())
    with pytest.raises(ConfigError, match="greets in 'en'"):
        FlowShelf(settings).load()


def test_old_versions_are_let_go_once_no_new_call_can_get_them(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        for opens in ("ten", "eleven", "twelve"):
            await versions.publish(edit(flows.shelf.config, text(opens)), ANN)
            await flows.look()
        assert list(flows.shelf._understandings) == [(FLOW, flows.shelf.flows[FLOW].version)]

    serving(tmp_path, run)


class Ahead:
    """Makes no prompts, but notes what new calls get while it is asked to."""

    def __init__(self, flows: PublishedFlows) -> None:
        self.flows = flows
        self.said: list[tuple[str, str]] = []
        self.is_live = asyncio.Event()

    async def before_live(self, dialogue: FlowDialogue) -> None:
        self.said.append((dialogue.version, new_call_says(self.flows)))

    async def beside_calls(self, dialogue: FlowDialogue) -> None:
        self.said.append((dialogue.version, new_call_says(self.flows)))
        self.is_live.set()


def test_the_prompts_of_a_version_are_made_before_the_first_call_gets_it_and_the_rest_beside_calls(
    tmp_path: Path,
) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        flows.ahead = ahead = Ahead(flows)
        ten = edit(flows.shelf.config, text("ten"))
        await versions.publish(ten, ANN)
        async with taking_up(flows):
            await ahead.is_live.wait()
        assert ahead.said == [(ten.version, "We open at nine."), (ten.version, "We open at ten.")]

    serving(tmp_path, run)


class Away:
    """A database that is away at first."""

    def __init__(self, versions: FlowVersions) -> None:
        self.versions = versions
        self.asked = asyncio.Event()
        self.is_away = True

    async def changes(self) -> int:
        self.asked.set()
        if self.is_away:
            raise StoreError("published flows cannot be read just now")
        return await self.versions.changes()

    async def live(self) -> dict[str, LiveFlow]:
        return dict(await self.versions.live())

    async def version(self, flow: str, version: str) -> FlowVersion:
        return await self.versions.version(flow, version)


def test_a_database_that_is_away_is_looked_at_again(tmp_path: Path) -> None:
    async def run(flows: PublishedFlows, versions: FlowVersions) -> None:
        await versions.publish(edit(flows.shelf.config, text("ten")), ANN)
        away = Away(versions)
        flows.versions = away
        with capture_logs() as logs:
            async with taking_up(flows):
                await away.asked.wait()
        assert "published flows cannot be looked at" in [entry["event"] for entry in logs]
        assert new_call_says(flows) == "We open at nine."
        away.is_away = False
        flows.ahead = ahead = Ahead(flows)
        async with taking_up(flows):
            await ahead.is_live.wait()
        assert new_call_says(flows) == "We open at ten."

    serving(tmp_path, run)
