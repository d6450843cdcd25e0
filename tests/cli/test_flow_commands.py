"""What a supervisor types between an edited file and a call, and what they are told."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from ivr.cli import app
from ivr.cli.flow_replay import moment_of
from ivr.config import Config
from ivr.model.calls import CallRecord, JournalEntry, Leg, SurveyRecord
from ivr.model.errors import BadQuery
from ivr.model.events import CallAnswered, CallerHungUp, CallEvent, DigitPressed
from ivr.store.calls import open_store
from tests.databases import new_database
from tests.wiring.kit import FLOW, config, edit, text


class Desk:
    """A folder with config.yaml, one flow, and a terminal."""

    def __init__(self, folder: Path) -> None:
        self.settings: Config = config(folder)
        self.file = folder / "config.yaml"
        self.file.write_text(
            f"flows: {{ folder: flows, trained: var/understanding }}\nnumbers: [{{ number: '*', flow: {FLOW} }}]\n"
            "survey: { enabled: false }\nstore: { path: var/ivr.db }\n"
        )

    def types(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["flow", *words, "--config", str(self.file)], catch_exceptions=False)

    def published(self, content: str) -> str:
        """Edit, publish; the version."""
        version = edit(self.settings, content).version
        assert self.types("publish", FLOW).exit_code == 0
        return version


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv("IVR_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    yield Desk(tmp_path)
    structlog.reset_defaults()


def test_publish_says_what_is_live_and_versions_says_who_did_it(desk: Desk) -> None:
    first = edit(desk.settings, text("nine")).version
    result = desk.types("publish", FLOW, "--note", "summer hours")
    assert (result.exit_code, result.stdout) == (0, f"live {FLOW} {first}\n")
    second = desk.published(text("ten"))
    told = desk.types("versions", FLOW).stdout
    assert "summer hours" in told
    assert "100% (live)" in next(line for line in told.splitlines() if second in line)
    assert told.index(f"publish_untested {second}") < told.index(f"publish_untested {first}")


def test_a_flow_without_conversations_is_published_with_a_warning_and_the_history_says_so(desk: Desk) -> None:
    version = edit(desk.settings, text("nine")).version
    result = desk.types("publish", FLOW)
    assert result.exit_code == 0
    assert "untested: no conversation was played" in result.stderr
    assert f"publish_untested {version}" in desk.types("versions", FLOW).stdout
    tried = desk.types("canary", FLOW, version, "0.2")
    assert "untested" not in tried.stderr


def test_a_flow_with_an_error_is_not_published_and_the_line_is_told(desk: Desk) -> None:
    live = desk.published(text("ten"))
    broken = text("ten").replace("then: what", "then: nowhere")
    (desk.settings.flows.folder / f"{FLOW}.yaml").write_text(broken)
    result = desk.types("publish", FLOW)
    assert result.exit_code == 1
    assert "hours.yaml:7: error: step 'greet'" in result.stderr
    assert "is not published: what is live stays live" in result.stderr
    assert live in desk.types("versions", FLOW).stdout
    assert desk.types("check").exit_code == 1


def test_a_flow_that_lacks_the_language_of_its_number_is_not_published(desk: Desk) -> None:
    edit(desk.settings, "languages: [zh]\n" + text())
    result = desk.types("publish", FLOW)
    assert (result.exit_code, "greets in 'en'" in result.stderr) == (2, True)


def test_rollback_goes_back_and_says_so_where_it_cannot(desk: Desk) -> None:
    result = desk.types("rollback", FLOW)
    assert (result.exit_code, "ivr flow publish shop/hours" in result.stderr) == (2, True)
    first, second = desk.published(text("nine")), desk.published(text("ten"))
    assert desk.types("rollback", FLOW).stdout == f"live {FLOW} {first} (before: {second})\n"


def test_a_canary_of_the_draft_gets_a_share_until_it_is_off(desk: Desk) -> None:
    live = desk.published(text("nine"))
    tried = edit(desk.settings, text("ten")).version
    result = desk.types("canary", FLOW, "draft", "0.1")
    assert result.stdout == f"live {FLOW} {live}, 10% of calls: {tried}\n"
    told = desk.types("versions", FLOW).stdout
    assert "90% (live)" in told
    assert "10% (canary)" in told
    assert desk.types("canary", FLOW, "off").stdout == f"live {FLOW} {live}\n"
    assert desk.types("canary", FLOW, tried[:6], "2").exit_code == 2


def test_diff_tells_what_the_draft_changes_in_words_and_lines(desk: Desk) -> None:
    desk.published(text("nine"))
    assert desk.types("diff").stdout == "no difference\n"
    edit(desk.settings, text("ten").replace("  person: {", "  sorry: { say: Sorry., then: bye }\n  person: {"))
    told = desk.types("diff", "live", "draft").stdout
    assert "+ hours: steps.sorry" in told
    assert "~ hours: steps.hours.say" in told
    assert "-    say: We open at nine." in told
    assert "+    say: We open at ten." in told
    assert desk.types("diff", "nonsense").exit_code == 2


def test_draw_gives_a_graph_and_schema_a_schema(desk: Desk) -> None:
    told = desk.types("draw", FLOW).stdout
    assert told.startswith("flowchart TD\n  begin((call)) --> s0\n")
    schema = CliRunner().invoke(app, ["flow", "schema"])
    assert json.loads(schema.stdout)["$schema"].startswith("https://json-schema.org/")
    assert desk.types("draw", "shop/none").exit_code == 2


CONVERSATIONS = """\
flow: hours.yaml
conversations:
  - name: hours
    talk:
      - bot: Welcome to the shop.
      - press: "1"
      - bot: We open at {opens}.
"""


def test_conversations_are_played_and_what_differs_is_told_with_its_line(desk: Desk) -> None:
    result = desk.types("test")
    assert (result.exit_code, "no conversation of any flow" in result.stderr) == (2, True)
    tests = desk.settings.flows.folder / "shop" / "tests" / "hours.yaml"
    tests.parent.mkdir()
    tests.write_text(CONVERSATIONS.format(opens="nine"))
    result = desk.types("test", FLOW)
    assert (result.exit_code, result.stdout.startswith("all right: 1 conversations")) == (0, True)
    tests.write_text(CONVERSATIONS.format(opens="ten"))
    result = desk.types("test", "shop")
    assert result.exit_code == 1
    assert "tests/hours.yaml:7: hours: expected to hear 'We open at ten.'" in result.stderr
    assert "1 of 1 conversations went differently" in result.stderr


def write_conversations(desk: Desk, opens: str) -> None:
    tests = desk.settings.flows.folder / "shop" / "tests" / "hours.yaml"
    tests.parent.mkdir(exist_ok=True)
    tests.write_text(CONVERSATIONS.format(opens=opens))


def test_a_flow_whose_conversations_go_differently_is_not_published_and_they_are_named(desk: Desk) -> None:
    live = desk.published(text("nine"))
    write_conversations(desk, "nine")
    edit(desk.settings, text("ten"))
    for command in (("publish", FLOW), ("canary", FLOW, "draft", "0.5")):
        result = desk.types(*command)
        assert result.exit_code == 1
        assert "tests/hours.yaml:7: hours: expected to hear 'We open at nine.'" in result.stderr
        assert f"{FLOW} is not published: 1 of 1 conversations went differently; what is live" in result.stderr
    assert "100% (live)" in next(line for line in desk.types("versions", FLOW).stdout.splitlines() if live in line)
    write_conversations(desk, "ten")
    assert desk.types("publish", FLOW).exit_code == 0


def test_in_an_emergency_it_is_published_untested_and_the_history_says_so(desk: Desk) -> None:
    desk.published(text("nine"))
    write_conversations(desk, "nine")
    version = edit(desk.settings, text("ten")).version
    result = desk.types("publish", FLOW, "--untested", "--note", "flood")
    assert (result.exit_code, result.stdout.startswith(f"live {FLOW} {version}")) == (0, True)
    assert f"publish_untested {version}" in desk.types("versions", FLOW).stdout
    other = edit(desk.settings, text("eleven")).version
    assert desk.types("canary", FLOW, "draft", "0.5", "--untested").exit_code == 0
    assert f"canary_untested {other} 50%" in desk.types("versions", FLOW).stdout


def test_a_kept_version_comes_back_though_its_conversations_have_moved_on(desk: Desk) -> None:
    first = desk.published(text("nine"))
    desk.published(text("ten"))
    write_conversations(desk, "ten")
    assert desk.types("canary", FLOW, first, "0.5").exit_code == 0
    assert desk.types("rollback", FLOW).exit_code == 0


def remember(desk: Desk, version: str, *calls: tuple[str, str]) -> None:
    """Calls in the store: their id, and the key that was pressed."""

    async def run() -> None:
        async with open_store(new_database(desk.settings.store.path)) as store:
            now = datetime.now(UTC) - timedelta(minutes=5)
            for call_id, key in calls:
                leg = Leg("text")
                live = CallRecord(call_id, leg, "+1", "+2", "inbound", FLOW, version, "en", now, now)
                await store.begin(live)
                events: tuple[CallEvent, ...] = (CallAnswered("+1", "+2"), DigitPressed(key), CallerHungUp("system"))
                for number, event in enumerate(events):
                    store.append(call_id, JournalEntry(number, float(number), event))
                await store.finish(replace(live, ended_at=now, survey=SurveyRecord("not_offered")))

    asyncio.run(run())


def test_replay_finds_the_call_that_goes_elsewhere_and_only_that(desk: Desk) -> None:
    assert desk.types("replay").exit_code == 2
    version = desk.published(text("nine"))
    remember(desk, version, ("asked-hours", "1"), ("wanted-person", "2"))
    edit(desk.settings, text("nine", person="hours"))
    told = desk.types("replay", "draft", "--since", "1h").stdout
    assert "1 of 2 calls would go elsewhere" in told
    assert "without a person: 1 before, 2 now (+1)" in told
    assert "asked-hours" not in told
    row = next(line for line in told.splitlines() if "wanted-person" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [
        "wanted-person", "hours.what", "hours.person", "hours.hours", "to people; agent_completed",
        "self_service_completed",
    ]  # fmt: skip
    found = json.loads(desk.types("replay", "--json").stdout)
    assert [one["call_id"] for one in found["elsewhere"]] == ["wanted-person"]
    assert desk.types("replay", "live").stdout.startswith("0 of 2 calls")


def test_a_moment_is_a_duration_ago_or_a_date() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert moment_of("24h", now) == now - timedelta(days=1)
    assert moment_of("2026-11-01T09:00+00:00", now) == datetime(2026, 11, 1, 9, tzinfo=UTC)
    with pytest.raises(BadQuery, match="write 30m"):
        moment_of("yesterday", now)
