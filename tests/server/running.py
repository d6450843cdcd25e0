"""`ivr serve` as a program of its own, as an operator starts it, and what the tests ask of it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator

from tests.understood import LEARNED

ROOT = Path(__file__).parents[2]
ACCOUNT, SECRET, KEY = "AC" + "0" * 32, "secret-of-the-account", "key-of-the-api"
EVENTS_SECRET = "secret-of-the-events"
PUBLIC = "https://ivr.example.test"
CALLED = "+15555550100"
STOP_SECONDS = 60.0
"""Calls and what is being written may still have to end, on a machine that is busy."""

READY_SECONDS = 150.0
"""Learning what callers say takes some seconds, more where other tests run beside."""

CONFIG = """
server: {{port: 0, examples: true, max_calls: 12, drain_seconds: 0.5}}
flows: {{folder: {root}/flows, trained: {learned}}}
numbers: [{{number: "{called}", flow: bank/hotline}}]
unknown_number: {{say: Nobody lives here., language: en}}
directory: {{card_specialist: "+15555550121", reception: "+15555550120"}}
rescue: reception
dial_plan: {{allow: ["+1555555"]}}
hearing: {{recognizers: {{en: [moonshine]}}, no_input_seconds: 1.0}}
speaking: {{voices: {{en: [hibari]}}, warm: false}}
"""
"""Everything else has its default; relative paths lie beside the file."""


def write_config(folder: Path, text: str = CONFIG) -> Path:
    path = folder / "config.yaml"
    path.write_text(text.format(root=ROOT, called=CALLED, learned=LEARNED), encoding="utf-8")
    return path


def variables(config: Path, **more: str) -> dict[str, str]:
    """The environment of a server of ours; nothing of the tester's own settings gets in."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    return {
        **ours,
        "IVR_CONFIG": str(config),
        "IVR_PUBLIC_URL": PUBLIC,
        "IVR_API_KEY": KEY,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": SECRET,
        "IVR_EVENTS_SECRET": EVENTS_SECRET,
        "OMP_NUM_THREADS": "1",
        **more,
    }


def ivr(*arguments: str, config: Path, typed: str = "", seconds: float = 140.0) -> subprocess.CompletedProcess[str]:
    """Run a command of `ivr` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ivr", *arguments],
        cwd=ROOT, env=variables(config), input=typed, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip


@dataclass(slots=True)
class Running:
    """A server that takes calls."""

    program: subprocess.Popen[str]
    folder: Path
    url: str
    printed: list[str]
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=30.0)

    @property
    def media_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}/twilio/media"

    def post(self, path: str, *, signed_for: str = "", **form: str) -> httpx.Response:
        """A webhook, signed by Twilio's own SDK over the public address."""
        fields = {"AccountSid": ACCOUNT, "From": "+15555550001", "To": CALLED, "Direction": "inbound",
                  "CallStatus": "ringing", **form}  # fmt: skip
        signature = RequestValidator(SECRET).compute_signature(signed_for or PUBLIC + path, fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.http.post(path, content=urlencode(fields), headers=headers)

    def ring(self, call_sid: str = "", **form: str) -> tuple[str, dict[str, str]]:
        """A call comes in, from a number of its own: its CallSid, and the parameters its stream will bring."""
        call_sid = call_sid or f"CA{uuid4().hex}"
        form = {"CallSid": call_sid, "From": number_of(call_sid), **form}
        twiml = ElementTree.fromstring(self.post("/twilio/voice", **form).text)
        return call_sid, {each.attrib["name"]: each.attrib["value"] for each in twiml.iter("Parameter")}

    def meter(self, name: str) -> float:
        """A figure of /metrics; one with labels as `name{label="value"}`, 0 where it never was counted."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.http.get("/metrics").text, re.MULTILINE)
        return float(found.group(1)) if found else 0.0

    def records_of(self, call_sid: str, caller: str = "") -> list[dict[str, Any]]:
        """Asked by the caller's number: every look at a record is written down, and costs its time."""
        wanted = {"caller": caller or number_of(call_sid)}
        calls = self.http.get("/api/calls", params=wanted).raise_for_status().json()["calls"]
        every = [self.http.get(f"/api/calls/{call['call_id']}").raise_for_status().json() for call in calls]
        return [whole for whole in every if whole["provider_ids"].get("call_sid") == call_sid]

    def record_of(self, call_sid: str, caller: str = "") -> dict[str, Any]:
        """The one record of a call, once it has ended."""
        found: list[dict[str, Any]] = eventually(lambda: self._finished(call_sid, caller), "a finished record")
        (record,) = found
        return record

    def _finished(self, call_sid: str, caller: str) -> list[dict[str, Any]]:
        found = self.records_of(call_sid, caller)
        return found if found and all(each["ended_at"] for each in found) else []

    def journal_of(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.http.get(f"/api/calls/{record['call_id']}/journal").json()["events"]
        return events


def number_of(call_sid: str) -> str:
    """A telephone number for each call, so that its record is found among all others."""
    return f"+1555555{zlib.crc32(call_sid.encode()) % 10_000:04}"


def eventually(look: Callable[[], Any], what: str, seconds: float = 60.0) -> Any:
    """Poll until `look` gives something true."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < until:
        if found := look():
            return found
        pause.wait(0.1)
    raise AssertionError(f"{what} did not come within {seconds:g} s")


@contextmanager
def serving(folder: Path, config: str = CONFIG, **more: str) -> Iterator[Running]:
    """The server from its start to SIGTERM. `more` are variables of its environment."""
    environment = variables(write_config(folder, config), PYTHONUNBUFFERED="1", **more)
    program = subprocess.Popen(
        [sys.executable, "-m", "ivr", "serve", "--port", "0"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    printed: list[str] = []
    reading = threading.Thread(target=_read, args=(program, printed), daemon=True)
    reading.start()
    try:
        running = Running(program, folder, _address(program, printed), printed)
        with running.http:
            yield running
    finally:
        if program.poll() is None:
            program.send_signal(signal.SIGTERM)
        try:
            program.wait(40)
        finally:
            program.kill()
            reading.join(5)


def _read(program: subprocess.Popen[str], printed: list[str]) -> None:
    assert program.stdout
    with program.stdout:
        for line in program.stdout:
            printed.append(line)


def _address(program: subprocess.Popen[str], printed: list[str]) -> str:
    def found() -> str:
        assert program.poll() is None, "the server did not start:\n" + "".join(printed)
        urls = [re.search(r"answering calls on (http://\S+)", line) for line in printed]
        return next((url.group(1) for url in urls if url), "")

    url: str = eventually(found, "the server's address", READY_SECONDS)
    eventually(lambda: httpx.get(f"{url}/readyz").status_code == 200, "readiness")
    return url
