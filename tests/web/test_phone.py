"""The browser phone as it is served: the page, its files, its words, and the numbers it offers."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI

from ivr.web.phone import FOLDER, Offered, phone_router
from ivr.web.problems import answer_with_problems

BANK = Offered("+15555550101", {"en": "Bank", "zh": "银行"}, {"en": ("find a branch",)})
SHOP = Offered("+15555550102", {"en": "Shop"})


def asked(act: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def run() -> None:
        app = FastAPI()
        answer_with_problems(app)
        app.include_router(phone_router(lambda: (BANK, SHOP), is_open=True))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ivr.test") as http:
            await act(http)

    asyncio.run(run())


def test_the_page_and_all_it_names_are_served_and_nothing_from_elsewhere_is_let_in() -> None:
    async def act(http: httpx.AsyncClient) -> None:
        page = await http.get("/phone")
        named = set(re.findall(r'(?:href|src)="(/[^"]+)"', page.text))
        scripts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")]
        named |= {name for script in scripts for name in re.findall(r'from "([^"]+)"', script)}
        assert {"/phone/phone.css", "/phone/phone.js", "/phone/call.js", "/phone/words.js"} <= named
        for path in ("/phone", *named):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'")
            assert "unsafe" not in policy
            assert "http" not in policy
            again = await http.get(path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")

    asked(act)


@pytest.mark.parametrize("path", ["/phone/../problems.py", "/phone/%2e%2e%2fproblems.py", "/phone/x.js", "/phone/"])
def test_nothing_else_on_the_disk_is_reached(path: str) -> None:
    async def act(http: httpx.AsyncClient) -> None:
        assert (await http.get(path)).status_code in (307, 404)

    asked(act)


def test_nothing_of_the_page_comes_from_elsewhere_or_needs_what_the_policy_forbids() -> None:
    for path in FOLDER.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//cdn|<style|\bstyle=|\bon\w+=\"", text), path.name
        assert not re.search(r"\binnerHTML\b|\beval\(|document\.write", text), path.name


def test_the_numbers_are_offered_with_names_and_topics() -> None:
    async def act(http: httpx.AsyncClient) -> None:
        assert (await http.get("/phone/numbers")).json() == {"is_open": True, "numbers": [
            {"number": "+15555550101", "name": {"en": "Bank", "zh": "银行"}, "topics": {"en": ["find a branch"]}},
            {"number": "+15555550102", "name": {"en": "Shop"}, "topics": {}},
        ]}  # fmt: skip

    asked(act)


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    text = (FOLDER / "words.js").read_text(encoding="utf-8")
    english, chinese = text.split("\n  en: {")[1].split("\n  zh: {")
    keys = [re.findall(r"^ +(\w+): ", half.split("\nexport")[0], re.MULTILINE) for half in (english, chinese)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 40
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-(?:say|label)="(\w+)"', page)) <= set(keys[0])
