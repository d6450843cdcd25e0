"""Pure: who may do what, in one table (domain.md 2.11)."""

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["agent", "supervisor", "trainer", "analyst", "auditor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

Permission = Literal[
    "desk.use",
    "calls.list",
    "calls.read",
    "calls.play",
    "calls.dial",
    "calls.erase",
    "live.watch",
    "live.join",
    "flows.read",
    "flows.publish",
    "queues.read",
    "queues.change",
    "reports.read",
    "surveys.read",
    "cases.read",
    "cases.work",
    "customers.value",
    "campaigns.read",
    "campaigns.run",
    "users.change",
    "audit.read",
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

MAY: Mapping[Permission, tuple[Role, ...]] = {
    "desk.use": ("agent", "supervisor"),
    "calls.list": ("supervisor", "trainer", "auditor", "admin"),
    "calls.read": ("supervisor", "trainer", "admin"),
    "calls.play": ("supervisor", "trainer", "admin"),
    "calls.dial": ("supervisor", "admin"),
    "calls.erase": ("admin",),
    "live.watch": ("supervisor", "admin"),
    "live.join": ("supervisor",),
    "flows.read": ("supervisor", "trainer", "analyst", "auditor", "admin"),
    "flows.publish": ("supervisor", "trainer", "admin"),
    "queues.read": ("agent", "supervisor", "analyst", "admin"),
    "queues.change": ("supervisor", "admin"),
    "reports.read": ("supervisor", "trainer", "analyst", "auditor", "admin"),
    "surveys.read": ("supervisor", "trainer", "admin"),
    "cases.read": ("supervisor", "auditor", "admin"),
    "cases.work": ("supervisor", "admin"),
    "customers.value": ("supervisor", "admin"),
    "campaigns.read": ("supervisor", "analyst", "auditor", "admin"),
    "campaigns.run": ("supervisor", "admin"),
    "users.change": ("admin",),
    "audit.read": ("auditor", "admin"),
}
"""An analyst sees figures and never whom they are of; an auditor sees what was done, not what was said."""


def permissions_of(role: Role) -> tuple[Permission, ...]:
    return tuple(permission for permission, roles in MAY.items() if role in roles)
