"""A trainer's afternoon: heaps of what was asked in vain; a patch checked, rehearsed, replayed; nothing published."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ivr.config import Config
from ivr.insight.mining import Proposal
from ivr.model.insight import TrainerItem
from ivr.store.flow_versions import By
from ivr.web.security import guard_with
from ivr.web.trainer import trainer_router
from ivr.wiring.training import Training
from ivr.wiring.versions import sound_draft, version_of
from tests.insight.kept_calls import Script
from tests.web.served import KEY, Served, served
from tests.wiring import kit

FLOW = """\
flow: hours
start: greet
agent: person
intents:
  opening:  # the most frequent
    phrases: [when are you open, your opening hours, until when are you open, what time do you close]
  parking:
    phrases: [where can I park, is there a car park, parking, can I park near you, do you have parking]
steps:
  greet:
    ask: How can I help?
    intents: { opening: hours, parking: park }
    knowledge: faq
  hours: { say: We open at nine., then: bye }
  park: { say: Behind the house., then: bye }
  faq: { answer: faq.yaml, then: bye, not_found: person }
  person: { queue: people, otherwise: bye }
  bye: { hangup: self_service_completed }
"""
UNTRAINED = """\
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
  person: { queue: people, otherwise: bye }
  bye: { hangup: self_service_completed }
"""
"""Without intents there is nothing to learn, which takes a minute on a busy machine."""

KNOWLEDGE = """\
knowledge: faq
entries:
  gift:
    questions: [do you sell gift cards, can I buy a gift card, gift vouchers]
    answer: Yes, at the desk.
"""
TEST = """\
flow: hours.yaml
conversations:
  - name: the hours
    talk:
      - press: "1"
      - bot: nine
"""
NOW = datetime.now(UTC)


def item(number: int, text: str, **more: Any) -> TrainerItem:
    made = TrainerItem(
        f"c{number}:1:no_match", f"c{number}", NOW, kit.FLOW, "en", text, "no_match", "hours.greet", "parking", 0.3
    )
    return replace(made, **more)


def config(folder: Path, flow: str) -> Config:
    made = kit.config(folder, flow)
    (made.flows.folder / "shop" / "faq.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    (made.flows.folder / "shop" / "tests").mkdir()
    (made.flows.folder / "shop" / "tests" / "hours.yaml").write_text(TEST, encoding="utf-8")
    return made


def afternoon(folder: Path, run: Callable[[Served, Training, Config], Awaitable[None]], flow: str = FLOW) -> None:
    async def whole() -> None:
        settings = config(folder, flow)
        async with asyncio.timeout(60), served(folder) as plain:
            store = plain.store
            training = Training(settings, store.trainer, store.flows, store.archive)
            routers = [trainer_router(store.trainer, training, store, guard_with(KEY))]
            async with served(folder / "web", routers=routers) as web:
                web.store = store
                for number in range(6):
                    call = Script(f"c{number}", at=NOW - timedelta(hours=1)).says("hm", "hours.greet", no_match=True)
                    await store.begin(replace(call.call().record, flow=kit.FLOW))
                    for entry in call.journal:
                        store.append(f"c{number}", entry)
                    await store.finish(replace(call.call().record, flow=kit.FLOW))
                await run(web, training, settings)

    asyncio.run(whole())


async def post(web: Served, path: str, **wish: Any) -> httpx.Response:
    return await web.http.post(f"/api/trainer/{path}", json=wish, headers={"Authorization": f"Bearer {KEY}"})


def test_items_are_kept_once_listed_in_heaps_labelled_assigned_and_ignored(tmp_path: Path) -> None:
    async def run(web: Served, training: Training, settings: Config) -> None:
        trainer = web.store.trainer
        found = [item(0, "where can I park my bike"), item(1, "can I park my bike"), item(2, "do you repair watches"),
                 item(3, "could you repair my watch", transferred=True)]  # fmt: skip
        await trainer.keep(found)
        assert (await post(web, "assign", item_ids=["c0:1:no_match"], owner="tina")).json() == {"changed": 1}
        await trainer.keep(found)
        assert (await trainer.item("c0:1:no_match")).owner == "tina"
        heaps = (await web.get("/api/trainer/items", params={"flow": kit.FLOW, "heaps": True})).json()["heaps"]
        assert [(heap["count"], heap["transferred"], heap["proposal"]["kind"]) for heap in heaps] == [
            (2, 1, "new_entry"), (1, 0, "phrases"),
        ]  # fmt: skip
        assert heaps[1]["proposal"]["name"] == "parking"
        ids = [each["item_id"] for each in heaps[0]["items"]]
        assert (await post(web, "label", item_ids=ids, label="kb_gap")).status_code == 400
        assert (await post(web, "label", item_ids=ids, label="kb_gap", name="repairs")).json() == {"changed": 2}
        assert (await post(web, "ignore", item_ids=["c1:1:no_match"])).json() == {"changed": 1}
        assert (await post(web, "status", item_ids=ids, status="answer_drafted")).json() == {"changed": 2}
        listed = (await web.get("/api/trainer/items", params={"flow": kit.FLOW})).json()["items"]
        assert {(each["item_id"][:2], each["status"], each["label"]) for each in listed} == {
            ("c0", "triaged", ""), ("c1", "ignored", "ignore"), ("c2", "answer_drafted", "kb_gap"),
            ("c3", "answer_drafted", "kb_gap"),
        }  # fmt: skip
        assert (await web.get("/api/trainer/items", params={"heaps": True})).status_code == 400
        assert (await web.http.get("/api/trainer/items")).status_code == 401

    afternoon(tmp_path, run)


def test_a_patch_is_checked_rehearsed_and_replayed_and_the_draft_on_disk_is_as_it_was(tmp_path: Path) -> None:
    async def run(web: Served, training: Training, settings: Config) -> None:
        entry = {"kind": "new_entry", "name": "repairs", "language": "en", "phrases": ["do you repair watches"],
                 "answer": "We do."}  # fmt: skip
        tried = (await post(web, "patch", flow=kit.FLOW, proposal=entry)).json()
        assert (tried["is_sound"], tried["failures"], tried["replay"]) == (True, [], None)
        assert "never published" in tried["not_replayed"]
        assert (tried["file"], "do you repair watches" in tried["text"]) == ("shop/faq.yaml", True)
        version = version_of(kit.FLOW, sound_draft(settings, kit.FLOW), settings.flows.folder)
        await web.store.flows.publish(version, By("tina", "", ""))
        talk = settings.flows.folder / "shop" / "tests" / "hours.yaml"
        talk.write_text(TEST.replace("nine", "ten"), encoding="utf-8")
        more = Proposal("questions", "hours/faq.yaml#gift", "en", ("gift tokens",))
        again = await training.patched(kit.FLOW, more)
        assert again.is_sound
        assert again.replay is not None
        assert (again.replay["calls"], again.failures is not None and len(again.failures) > 0) == (6, True)
        assert (settings.flows.folder / "shop" / "faq.yaml").read_text(encoding="utf-8") == KNOWLEDGE
        assert len(await web.store.flows.versions(kit.FLOW)) == 1

    afternoon(tmp_path, run, UNTRAINED)


def test_a_proposal_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    async def run(web: Served, training: Training, settings: Config) -> None:
        for kind, name, language in (
            ("phrases", "nothing", "en"), ("phrases", "parking", "de"), ("questions", "x/y.yaml#z", "en"),
        ):  # fmt: skip
            wish = {"kind": kind, "name": name, "language": language, "phrases": ["x y"]}
            assert (await post(web, "patch", flow=kit.FLOW, proposal=wish)).status_code == 400, name

    afternoon(tmp_path, run)
