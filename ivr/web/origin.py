"""Where a request comes from: our own pages or somebody else's, and which network."""

import ipaddress

from fastapi import Request

from ivr.web.problems import NotFromHere


def from_our_own_page(request: Request, public_host: str = "") -> None:
    """Browsers say where a request comes from; a page of somebody else must not act in a visitor's name.

    Args:
        public_host: the host under which browsers know this server, where a proxy in front tells us another.

    Raises:
        NotFromHere: another site sent it.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin", "")
    ours = {request.headers.get("host", ""), public_host} - {""}
    is_foreign = bool(origin) and origin.partition("://")[2] not in ours
    if site not in ("same-origin", "none") or is_foreign:
        raise NotFromHere("this is for pages of this server only")


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def network_of(request: Request) -> str:
    """Who counts as one: an IPv4 address, or the /64 that a home or an office has of IPv6."""
    host = address_of(request)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))
