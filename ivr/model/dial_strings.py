"""Pure: a number with an extension, as people write it: `+15555550120,,204#` is the number, and after it is picked up
four seconds of waiting and the keys 2 0 4 #. A comma is a pause of two seconds (3GPP TS 22.101 A.21, V.250 §6.3.1).
"""

import re

PAUSE_SECONDS = 2.0
KEYS = re.compile(r",[0-9*#,]*")
_PARTS = re.compile(r"(,+)|([0-9*#]+)")


def split(target: str) -> tuple[str, str]:
    """The address to call, and what to press there afterwards (empty: nothing). A SIP address has no such part."""
    if not target.startswith("+"):
        return target, ""
    address, comma, keys = target.partition(",")
    return address, comma + keys


def presses(keys: str) -> list[tuple[float, str]]:
    """`,,204#` as `[(4.0, "204#")]`: so many seconds of waiting, then these keys."""
    done: list[tuple[float, str]] = []
    wait = 0.0
    for pauses, digits in _PARTS.findall(keys):
        wait += PAUSE_SECONDS * len(pauses)
        if digits:
            done.append((wait, digits))
            wait = 0.0
    return done
