"""Where a trunk is, by its name."""

import asyncio

from ivr.model.errors import CallFailed
from telephony.sip_settings import SipTrunkSettings


async def resolve(trunk: SipTrunkSettings) -> tuple[str, int]:
    """The trunk's address as IPv4.

    Raises:
        CallFailed: unreachable: its name is unknown.
    """
    host, port = trunk.target
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=2, type=2)
    except (OSError, UnicodeError) as error:  # a name may be one that cannot even be asked for
        raise CallFailed("unreachable", f"the name of trunk {trunk.name} cannot be resolved") from error
    address = found[0][4]
    return str(address[0]), int(address[1])
