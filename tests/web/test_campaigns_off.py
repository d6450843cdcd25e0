"""Where campaigns are off, their addresses say so and what to do."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ivr.web.campaigns_off import campaigns_off_router


@pytest.mark.parametrize(("is_enabled", "remedy"), [(False, "campaigns.enabled"), (True, "campaigns.folder")])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/campaigns"), ("POST", "/api/campaigns/fraud_check/events"), ("GET", "/api/do-not-call"),
        ("DELETE", "/api/consents"),
    ],
)  # fmt: skip
def test_who_asks_for_campaigns_that_are_off_is_told_how_to_have_them(
    method: str, path: str, is_enabled: bool, remedy: str
) -> None:
    app = FastAPI()
    app.include_router(campaigns_off_router(is_enabled=is_enabled))
    answer = TestClient(app).request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "campaigns_off"
    assert remedy in answer.json()["detail"]
