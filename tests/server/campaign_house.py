"""A server whose campaigns call simulated customers, whom its results are told, and what the tests ask of both."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ivr.campaigns.results import refusal
from ivr.demo.customers import load_customers
from ivr.model.signing import signature
from tests.server.running import ROOT, Running, eventually, serving

SECRET = "secret-of-the-events-of-the-bank"  # noqa: S105
SPECIALISTS = {"sam": "+15555550290", "li": "+15555550291"}
CONFIG = """
server: {{port: 0, examples: true, max_calls: 32, drain_seconds: 0.5}}
flows: {{folder: {root}/flows, trained: {learned}}}
numbers: [{{number: "{called}", flow: fraud_check/fraud_check}}]
dial_plan: {{allow: ["+1555555"], most_calls_at_once: 24, caller_id: "{called}"}}
hearing: {{recognizers: {{en: [moonshine]}}}}
speaking: {{voices: {{en: [hibari], zh: [espeak]}}, warm: false}}
survey: {{rotation: [ces], follow_up: true, follow_up_after_minutes: 1440}}
campaigns: {{enabled: true, folder: campaigns, trunk: loopback, customers: customers.yaml}}
queues: [{{name: fraud, strategy: best_skill, skills: [fraud_specialist]}}]
agents:
  - {{id: sam, name: Sam, skills: {{"lang:en": 5, fraud_specialist: 5}}, queues: [fraud], phone: "+15555550290"}}
  - {{id: li, name: Li, skills: {{"lang:zh": 5, fraud_specialist: 5}}, queues: [fraud], phone: "+15555550291"}}
"""
BUSY_SECONDS = 0.06
"""Whoever is woken so late hears and speaks in pieces: nothing is to be learned from such calls."""

PATIENT_SECONDS = 60.0
"""For an answer: a dozen calls begin at once, on a machine that others use too."""

RATES, RATES_NUMBER = "rates", "+15555550216"
"""Who is called for the survey of an earlier call."""

CUSTOMERS = Path(__file__).parent / "customers.yaml"


class Told(BaseHTTPRequestHandler):
    """The bank's address for results."""

    def do_POST(self) -> None:  # noqa: N802 - http.server asks for it
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = dict(part.partition("=")[::2] for part in self.headers["X-Ivr-Signature"].split(","))
        stamp, proof = signed["t"], signed["v1"]
        self.server.told.append((refusal(SECRET, stamp, proof, body, time.time()), json.loads(body)))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Not on the terminal."""


class Punctuality:
    """How late this machine wakes whoever sleeps for 20 ms: calls are held in real time, or they are no calls."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            self._over.wait(0.02)
            self.late.append(time.monotonic() - began - 0.02)

    def stop(self) -> float:
        """Seconds that one wait in twenty was late, or more."""
        self._over.set()
        self._thread.join(5)
        return sorted(self.late)[len(self.late) * 19 // 20]


@dataclass(slots=True)
class House:
    """A server, and what it told the bank: why each message is not to be believed (empty: it is), and the message."""

    server: Running
    told: list[tuple[str, dict[str, Any]]]
    cases: dict[str, str] = field(default_factory=dict)
    """Ids by the name of the customer."""

    def call_everybody(self) -> None:
        """An event for each customer, all at once."""
        for agent in SPECIALISTS:
            self.server.http.timeout = PATIENT_SECONDS
            self.server.http.post(f"/api/agents/{agent}/state", json={"state": "available"}).raise_for_status()
        for customer in load_customers(CUSTOMERS).values():
            if customer.caller.number not in SPECIALISTS.values() and customer.caller.name != RATES:
                self.cases[customer.caller.name] = self.send(customer.caller.name, customer.caller.number,
                                                             customer.event)  # fmt: skip

    def follow_up(self, name: str) -> None:
        """Call for the survey of a call that somebody hung up on, as its delay would bring about."""
        facts = {"call": self.record(name)["call_id"], "survey_about": "earlier"}
        self.cases[RATES] = self.send(RATES, RATES_NUMBER, {"facts": facts}, "survey_callback")

    def send(self, name: str, number: str, event: Any, campaign: str = "fraud_check") -> str:
        whole = {
            "event_id": f"event-{name}", "source": "bank", "customer_id": name,
            "occurred_at": datetime.now(UTC).isoformat(), "phone_candidates": [{"e164": number}], **event,
        }  # fmt: skip
        body, stamp = json.dumps(whole).encode(), str(int(time.time()))
        signed = {"X-Ivr-Timestamp": stamp, "X-Ivr-Signature": f"sha256={signature(SECRET, stamp, body)}"}
        answer = self.server.http.post(f"/api/campaigns/{campaign}/events", content=body, headers=signed)
        return str(answer.raise_for_status().json()["case_id"])

    def case(self, name: str) -> dict[str, Any]:
        """A case once its first attempt has ended."""

        def over() -> dict[str, Any]:
            campaign = "survey_callback" if name == RATES else "fraud_check"
            answer = self.server.http.get(f"/api/campaigns/{campaign}/cases/{self.cases[name]}")
            found: dict[str, Any] = answer.json() if answer.is_success else {}
            return found if any("ended" in one["times"] for one in found.get("attempts", ())) else {}

        whole: dict[str, Any] = eventually(over, f"the end of the first call to {name}", 150.0)
        return whole

    def record(self, name: str) -> dict[str, Any]:
        """Of the first call to a customer; a database that is busy with a dozen calls is asked again."""
        call = self.case(name)["attempts"][0]["call_id"]

        def read() -> dict[str, Any]:
            answer = self.server.http.get(f"/api/calls/{call}")
            found: dict[str, Any] = {} if answer.status_code == 503 else answer.raise_for_status().json()
            return found

        whole: dict[str, Any] = eventually(read, f"the record of {name}", 20.0)
        return whole

    def said(self, name: str) -> str:
        return " ".join(words for turn in self.record(name)["turns"] for words in turn["said"])

    def steps(self, name: str) -> list[str]:
        """Of the call's way, each once, without the names of the flows."""
        return list(dict.fromkeys(step.partition(".")[2] for step in self.record(name)["path"]))

    def results(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """What the bank was told of a case, once it was told so often."""

        def those() -> list[dict[str, Any]]:
            found = [message for why, message in self.told if not why and message["case_id"] == self.cases[name]]
            return found if len(found) >= count else []

        found: list[dict[str, Any]] = eventually(those, f"the result of {name}", 20.0)
        return found


@contextmanager
def campaign_house(folder: Path) -> Iterator[House]:
    bank = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    bank.told = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=bank.serve_forever, daemon=True)
    thread.start()
    shipped = (ROOT / "campaigns" / "fraud_check.yaml").read_text(encoding="utf-8")
    changed = shipped.replace("lines: 4", "lines: 24").replace("per_second: 5", "per_second: 20")
    written = changed.replace('webhook: ""', f"webhook: http://127.0.0.1:{bank.server_address[1]}/results")
    assert written.count("http://127.0.0.1") == 1
    (folder / "campaigns" / "profiles").mkdir(parents=True)
    (folder / "campaigns" / "fraud_check.yaml").write_text(written, encoding="utf-8")
    survey = (ROOT / "campaigns" / "survey_callback.yaml").read_text(encoding="utf-8")
    at_any_hour = survey.replace("window: transactional", "window: emergency")
    assert at_any_hour != survey
    (folder / "campaigns" / "survey_callback.yaml").write_text(at_any_hour, encoding="utf-8")
    for profile in (ROOT / "campaigns" / "profiles").glob("*.yaml"):
        (folder / "campaigns" / "profiles" / profile.name).write_text(profile.read_text(encoding="utf-8"), "utf-8")
    (folder / "customers.yaml").write_text(CUSTOMERS.read_text(encoding="utf-8"), encoding="utf-8")
    try:
        with serving(folder, CONFIG, IVR_EVENTS_SECRET=SECRET) as server:
            yield House(server, bank.told)  # type: ignore[attr-defined]
    finally:
        bank.shutdown()
        bank.server_close()
        thread.join(5)
