"""`ivr demo --once`, whole: a server, three callers who really speak, and each call as its script says."""

import re
from pathlib import Path

import pytest

from tests.server.running import ivr, write_config

CONFIG = """
flows: {{folder: {root}/flows, trained: {learned}}}
numbers: [{{number: "*", flow: bank/hotline}}]
directory: {{card_specialist: "+15555550121"}}
dial_plan: {{allow: ["+1555555"]}}
hearing: {{recognizers: {{en: [moonshine]}}}}
speaking: {{voices: {{en: [hibari]}}, warm: false}}
"""


@pytest.mark.voice
@pytest.mark.timeout(300)
def test_every_caller_of_the_demonstration_is_served_as_their_script_says(tmp_path: Path) -> None:
    done = ivr("demo", "--once", "--folder", str(tmp_path / "demo"), config=write_config(tmp_path, CONFIG), seconds=290)
    printed = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every call went as its script says" in printed
    for caller in ("Mia", "Tom", "Ann"):
        assert f"{caller} " in printed
    assert len(list((tmp_path / "demo").rglob("recordings/*/*.wav"))) == 3
