"""`ivr simulate`, as a planner types it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ivr.cli import app
from ivr.cli.simulate import show
from ivr.simulation.outcome import outcome
from ivr.simulation.plan import Plan
from ivr.simulation.running import run

CENTRE = """
name: Two queues
begins: "08:00"
ends: "10:00"
queues: { steady: { max_wait: 0, wrap_up: { kind: none } }, busy: }
agents:
  team: { count: 4, queues: [steady] }
  one: { queues: [busy] }
callers:
  calm: { queue: steady, per_hour: 40, talk: { exponential: 200 } }
  angry: { queue: busy, per_hour: 60, talk: { exponential: 120 }, patience: { exponential: 60 } }
  nobody: { queue: busy, per_hour: 0, talk: 30 }
"""


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    path = tmp_path / "centre.yaml"
    path.write_text(CENTRE)
    return path


def types(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *words], catch_exceptions=False, env={"COLUMNS": "200"})


def test_a_table_tells_who_waits_and_who_works(centre: Path) -> None:
    told = types(str(centre)).stdout
    for word in ("Two queues", "service level", "calm", "angry", "nobody", "team (4)", "Erlang C for steady"):
        assert word in told
    assert "promises broken: 0" in told
    assert "waits told to" in told


def test_json_has_every_figure_and_another_seed_another_day(centre: Path) -> None:
    first = json.loads(types(str(centre), "--json").stdout)
    again = json.loads(types(str(centre), "--json", "--check-every", "0").stdout)
    other = json.loads(types(str(centre), "--json", "--seed", "2").stdout)
    assert first["everybody"] == again["everybody"] != other["everybody"]
    assert again["checks"] == 0
    assert first["callers"]["nobody"]["figures"]["service_level"]["value"] is None
    assert first["queues"]["busy"]["figures"]["abandonment_rate"]["value"] > 0.1


def test_what_is_wrong_in_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "centre.yaml"
    path.write_text(CENTRE.replace("per_hour: 40", "per_hours: 40"))
    found = types(str(path))
    assert found.exit_code == 2
    assert "did you mean 'per_hour'?" in found.stderr


def test_a_broken_promise_is_told_and_fails_the_command() -> None:
    """The routing keeps them; so the outcome of an empty day is given a broken one by hand."""
    found = outcome(run(Plan("Nobody", (), (), ())))
    show(found, as_json=False)
    with pytest.raises(typer.Exit):
        show(replace(found, broken=("I2: ann could take e1",)), as_json=True)
    assert found.broken == ()
