"""A call centre for the browser tests of the console: flows of its own, agents, people who log in, and real calls."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.peers.console_cases import write_cases
from tests.peers.console_history import write_history
from tests.server.running import CONFIG, ROOT, Running, eventually, serving
from tests.server.streams import say, streamed

FLOW = "bank/hotline"
PASSWORD = "correct horse battery"
PEOPLE = {"sue": "supervisor", "ann": "agent", "ada": "admin", "tim": "trainer"}
SETTINGS = """
queues:
  - {{name: general, join_empty: true, leave_when_empty: false}}
  - {{name: card_emergency, skills: [card_services>=3]}}
agents:
  - {{id: ann, name: Ann, skills: {{"lang:en": 5, card_services: 4}}, queues: [card_emergency]}}
  - {{id: bo, name: Bo, skills: {{"lang:zh": 5, complaint: 3}}, queues: [general]}}
campaigns: {{enabled: true, folder: {root}/campaigns}}
"""
"""Bo works and speaks no English: who asks for a person waits, and it can be told why."""

SHOP = {
    "hours.yaml": """\
flow: hours
start: greet
agent: person
steps:
  greet:
    menu: Press 1 for our hours, or ask me something.
    knowledge: faq
    choices:
      - { key: "1", name: hours, hear: hours, then: hours }
  hours: { say: We open at nine., then: bye }
  faq: { answer: faq.yaml, then: bye, not_found: person }
  person: { queue: general, otherwise: bye }
  bye: { hangup: self_service_completed }
""",
    "faq.yaml": """\
knowledge: faq
entries:
  repairs:
    questions: [do you repair watches, can you mend my watch, watch repairs]
    answer: Yes, within a week.
""",
    "tests/hours.yaml": """\
flow: hours.yaml
conversations:
  - name: hours
    talk:
      - bot: Press 1
      - press: "1"
      - bot: We open at nine
""",
}

MARK = {"wait_for": {"event": "mark", "timeout": 30}}


@dataclass(slots=True)
class House:
    server: Running
    flows: Path
    spoken: dict[str, Any]
    """Record of the call that was held and has ended."""


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """The server, with one call that is over and one whose caller waits for a person as long as the block lasts."""
    flows = Path(shutil.copytree(ROOT / "flows", folder / "flows"))
    config = CONFIG.replace("{root}/flows", str(flows)) + SETTINGS
    # The editor writes into the folder: never into the one of the repository.
    assert str(flows) in config
    _shop(flows)
    asyncio.run(write_history(folder / "var" / "ivr.db"))
    asyncio.run(write_cases(folder / "var" / "ivr.db"))
    with serving(folder, config) as server:
        for name, role in PEOPLE.items():
            _hire(server, name, role)
        server.http.post("/api/agents/bo/state", json={"state": "available"}).raise_for_status()
        spoken = _spoken(server, folder)
        waiting = threading.Thread(target=_waits, args=(server, folder), daemon=True)
        waiting.start()
        eventually(lambda: _waiting(server), "somebody who waits", 20.0)
        yield House(server, flows, spoken)
    waiting.join(15)


def _shop(flows: Path) -> None:
    """A small flow beside the bank's, whose answers a trainer can prove within seconds: it has no intents to learn."""
    (flows / "shop" / "tests").mkdir(parents=True)
    for name, text in SHOP.items():
        (flows / "shop" / name).write_text(text, encoding="utf-8")


def _hire(server: Running, name: str, role: str) -> None:
    """Somebody who has chosen their password."""
    wish = {"name": name, "role": role, "password": PASSWORD + " 1"}
    server.http.post("/api/users", json=wish).raise_for_status()
    with httpx.Client(base_url=server.url) as person:
        opened = person.post("/api/session", json={"name": name, "password": PASSWORD + " 1"}).raise_for_status()
        # The server is known by an https address, so a client of plain http would keep the cookie to itself.
        cookie = opened.headers["set-cookie"].partition(";")[0]
        new = {"old": PASSWORD + " 1", "new": PASSWORD}
        shown = {"X-CSRF-Token": opened.json()["csrf"], "Cookie": cookie}
        person.post("/api/session/password", json=new, headers=shown).raise_for_status()


def _spoken(server: Running, folder: Path) -> dict[str, Any]:
    """A caller finds a branch by voice, ends by keys, and is not happy. Keys need no time to be understood."""
    branch = say(folder, "Find a branch near the Bird's Nest.")
    no_thanks, unhappy = [{"dtmf": "2"}, {"wait": 2.0}, {"dtmf": "2"}, {"wait": 3.0}], [{"dtmf": "2"}, {"wait": 2.0}]
    steps = [{"wait_for": "audio"}, {"wait": 0.5}, {"say": branch}, MARK, {"wait": 0.5}, *no_thanks, *unhappy, *unhappy]
    call_sid, _ = asyncio.run(streamed(server, folder, steps, max_drain_s=0.01))
    return server.record_of(call_sid)


def _waits(server: Running, folder: Path) -> None:
    """A caller presses 0 and listens to the music until the server ends."""
    steps = [{"wait_for": "audio"}, {"wait": 0.5}, {"dtmf": "0"}, {"wait": 90}]
    config = {"max_call_s": 80.0, "max_drain_s": 0.01}
    try:
        asyncio.run(streamed(server, folder, steps, **config))
    except (OSError, TimeoutError, httpx.HTTPError):
        return


def _waiting(server: Running) -> list[Any]:
    queues = server.http.get("/api/queues/general/entries").raise_for_status().json()
    return list(queues["entries"])
