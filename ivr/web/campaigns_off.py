"""What the addresses of campaigns answer where there are none: why, and what to do about it."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ivr.web.problems import problem

ADDRESSES = ("/api/campaigns", "/api/campaigns/{rest:path}", "/api/do-not-call", "/api/consents")
METHODS = ["GET", "POST", "PUT", "DELETE"]


def campaigns_off_router(*, is_enabled: bool) -> APIRouter:
    """
    Args:
        is_enabled: `campaigns.enabled`; then it is a campaign or a line that is missing.
    """
    router = APIRouter()
    detail = (
        "campaigns are enabled, but there is nothing to call for or to call with: put a campaign into campaigns.folder,"
        " set up Twilio or a SIP trunk with an address, and start the server again; see docs/campaigns.md"
        if is_enabled
        else "campaigns are off: set campaigns.enabled to true in config.yaml and IVR_EVENTS_SECRET in the environment,"
        " and start the server again; see docs/campaigns.md"
    )

    async def tell(rest: str = "") -> JSONResponse:
        return problem(503, "campaigns_off", detail)

    for address in ADDRESSES:
        router.add_api_route(address, tell, methods=METHODS, include_in_schema=False)
    return router
