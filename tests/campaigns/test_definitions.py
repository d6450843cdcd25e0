"""Campaigns and jurisdictions are files; a mistake in one is told with file and line."""

import re
from pathlib import Path

import pytest

from ivr.config_campaigns import load_campaigns
from ivr.model.errors import ConfigError
from tests.campaigns.kit import ROOT

SHIPPED = ROOT / "campaigns"


def copied(folder: Path, change: tuple[str, str]) -> Path:
    (folder / "profiles").mkdir()
    for path in SHIPPED.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        text = text.replace(*change) if path.name == "fraud_check.yaml" else text
        (folder / path.relative_to(SHIPPED)).write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_campaign_calls_at_any_hour_and_knows_four_jurisdictions() -> None:
    fraud = load_campaigns(SHIPPED)["fraud_check"]
    assert (fraud.lane, fraud.done_when, fraud.profile.windows["emergency"]) == ("urgent", "verdict", None)
    assert set(fraud.profiles) == {"us", "uk", "cn", "eu"}
    assert fraud.rules("cn").name == "cn"
    assert fraud.rules("unheard of").name == "us"


def test_every_shipped_profile_says_that_it_is_no_legal_advice() -> None:
    for path in (SHIPPED / "profiles").glob("*.yaml"):
        assert "not_legal_advice: true" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("lane: urgent", "lane: urgnet"),
            r"fraud_check\.yaml:\d+: lane: 'urgnet' is not known; did you",
        ),
        (("jurisdiction: us", "jurisdiction: atlantis"), r"there is no profile 'atlantis'; there are: cn, eu, uk, us"),
        (('webhook: ""', "webhook: http://bank.example"), r"fraud_check\.yaml:\d+: webhook: results are personal"),
        (("lines: 4", "lnes: 4"), r"there is no such setting; did you mean 'lines'"),
    ],
)
def test_a_mistake_is_told_where_it_is(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_campaigns(copied(tmp_path, change))
    assert re.search(told, str(error.value)), str(error.value)
