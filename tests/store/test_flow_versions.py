"""Versions never change, one of them is live, and everything that was done about it can be read."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from ivr.model.errors import BadQuery, NotThere, StoreError
from ivr.store.flow_versions import By, FlowVersion, FlowVersions, LiveFlow, open_engine
from ivr.store.migrate import schema_differences
from tests.store.samples import NOON

ANN = By("ann", "10.0.0.1", "first try")
BOB = By("bob")
FLOW = "bank/hotline"


def version(number: str, text: str = "flow: hotline") -> FlowVersion:
    return FlowVersion(FLOW, number, {"bank/hotline.yaml": text, "bank/card.yaml": "flow: card  # 卡"})


def with_versions(url: str, run: Callable[[FlowVersions], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with open_engine(url) as engine:
            await run(FlowVersions(engine, lambda: NOON))

    asyncio.run(opened())


def test_the_tables_are_those_of_the_migrations(url: str) -> None:
    async def run() -> None:
        async with open_engine(url) as engine:
            assert await schema_differences(engine) == []

    asyncio.run(run())


def test_a_published_version_is_live_and_comes_back_with_all_its_files(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        assert await flows.live() == {}
        live = await flows.publish(version("aaaa1111"), ANN)
        assert live == LiveFlow(FLOW, "aaaa1111", NOON)
        assert await flows.live() == {FLOW: live}
        kept = await flows.version(FLOW, "aaaa")
        assert kept == FlowVersion(FLOW, "aaaa1111", version("").texts, "ann", NOON, "first try")

    with_versions(url, run)


def test_a_version_never_changes_whatever_is_published_under_its_name(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        await flows.publish(version("aaaa1111"), ANN)
        await flows.publish(version("aaaa1111", "flow: other"), BOB)
        (only,) = await flows.versions(FLOW)
        assert (only.who, only.texts["bank/hotline.yaml"]) == ("ann", "flow: hotline")
        assert len(await flows.history(FLOW)) == 1

    with_versions(url, run)


def test_a_rollback_brings_back_what_was_live_and_a_second_one_undoes_it(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        for number in ("aaaa1111", "bbbb2222", "cccc3333"):
            await flows.publish(version(number), ANN)
        assert await flows.roll_back(FLOW, BOB) == LiveFlow(FLOW, "bbbb2222", NOON, "cccc3333")
        assert await flows.roll_back(FLOW, BOB) == LiveFlow(FLOW, "cccc3333", NOON, "bbbb2222")

    with_versions(url, run)


def test_there_is_nothing_to_roll_back_to_before_the_second_version(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        with pytest.raises(NotThere, match="ivr flow publish bank/hotline"):
            await flows.roll_back(FLOW, BOB)
        await flows.publish(version("aaaa1111"), ANN)
        await flows.publish(version("aaaa1111"), ANN)
        with pytest.raises(NotThere, match="nothing to go back to"):
            await flows.roll_back(FLOW, BOB)

    with_versions(url, run)


def test_a_canary_takes_a_share_until_it_ends_or_is_published(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        await flows.publish(version("aaaa1111"), ANN)
        await flows.keep(version("bbbb2222"), BOB)
        assert await flows.live() == {FLOW: LiveFlow(FLOW, "aaaa1111", NOON)}
        wanted = LiveFlow(FLOW, "aaaa1111", NOON, "", "bbbb2222", 0.1)
        assert await flows.canary(FLOW, "bbbb2222", 0.1, BOB) == wanted
        assert await flows.live() == {FLOW: wanted}
        assert await flows.canary(FLOW, "", 0.0, BOB) == LiveFlow(FLOW, "aaaa1111", NOON)
        await flows.canary(FLOW, "bbbb2222", 0.5, BOB)
        assert await flows.publish(version("bbbb2222"), ANN) == LiveFlow(FLOW, "bbbb2222", NOON, "aaaa1111")
        assert await flows.publish(version("aaaa1111"), ANN) == LiveFlow(FLOW, "aaaa1111", NOON, "bbbb2222")

    with_versions(url, run)


@pytest.mark.parametrize(
    ("name", "share", "error"),
    [("bbbb2222", 0.0, BadQuery), ("bbbb2222", 1.0, BadQuery), ("aaaa1111", 0.5, BadQuery), ("dddd", 0.5, NotThere)],
)
def test_a_canary_that_makes_no_sense_changes_nothing(
    url: str, name: str, share: float, error: type[Exception]
) -> None:
    async def run(flows: FlowVersions) -> None:
        with pytest.raises(NotThere):
            await flows.canary(FLOW, "bbbb2222", 0.5, BOB)
        await flows.publish(version("aaaa1111"), ANN)
        await flows.keep(version("bbbb2222"), ANN)
        before = await flows.changes()
        with pytest.raises(error):
            await flows.canary(FLOW, name, share, BOB)
        assert await flows.changes() == before
        assert await flows.live() == {FLOW: LiveFlow(FLOW, "aaaa1111", NOON)}

    with_versions(url, run)


def test_everything_done_can_be_read_and_moves_the_number_servers_watch(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        assert await flows.changes() == 0
        await flows.publish(version("aaaa1111"), ANN)
        await flows.publish(version("bbbb2222"), BOB)
        await flows.roll_back(FLOW, BOB)
        await flows.canary(FLOW, "bbbb2222", 0.25, ANN)
        await flows.canary(FLOW, "", 0.0, ANN)
        history = await flows.history(FLOW)
        assert [(one.action, one.version, one.share, one.who) for one in reversed(history)] == [
            ("publish", "aaaa1111", 1.0, "ann"),
            ("publish", "bbbb2222", 1.0, "bob"),
            ("rollback", "aaaa1111", 1.0, "bob"),
            ("canary", "bbbb2222", 0.25, "ann"),
            ("canary_off", "bbbb2222", 0.0, "ann"),
        ]
        assert (history[-1].address, history[-1].note, history[-1].at) == ("10.0.0.1", "first try", NOON)
        assert await flows.changes() == history[0].number

    with_versions(url, run)


def test_the_beginning_of_a_version_must_mean_one(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        await flows.keep(version("aaaa1111"), ANN)
        await flows.keep(version("aaaa2222"), ANN)
        for name in ("aaaa", "", "%", "cccc"):
            with pytest.raises(NotThere, match="ivr flow versions bank/hotline"):
                await flows.version(FLOW, name)
        assert (await flows.version(FLOW, "aaaa2")).version == "aaaa2222"

    with_versions(url, run)


def test_two_who_publish_at_once_both_end_up_in_the_history(url: str) -> None:
    async def run(flows: FlowVersions) -> None:
        numbers = [f"{number:08}" for number in range(6)]
        await asyncio.gather(*(flows.publish(version(number), ANN) for number in numbers))
        history = await flows.history(FLOW)
        assert sorted(one.version for one in history) == numbers
        live = (await flows.live())[FLOW]
        assert (live.version, live.previous) == (history[0].version, history[1].version)

    with_versions(url, run)


def test_a_database_without_its_tables_says_so_in_plain_words(url: str) -> None:
    async def run() -> None:
        async with open_engine(url) as engine:
            async with engine.begin() as connection:
                await connection.execute(text("DROP TABLE flow_live"))
            flows = FlowVersions(engine)
            with pytest.raises(StoreError, match="cannot be read"):
                await flows.live()
            with pytest.raises(StoreError, match="cannot be changed"):
                await flows.publish(version("aaaa1111"), ANN)

    asyncio.run(run())
