"""The pages of the supervisors, trainers, auditors and administrators, put into the frame."""

from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import ui

from ivr.console.audit import audit
from ivr.console.call import call
from ivr.console.calls import calls
from ivr.console.campaign import campaign
from ivr.console.campaign_case import campaign_case
from ivr.console.campaigns import campaigns
from ivr.console.do_not_call import do_not_call
from ivr.console.flow_editor import flow_editor
from ivr.console.flows import flows
from ivr.console.frame import Frame, Place, Visitor
from ivr.console.house import House, Visit
from ivr.console.insight import insight
from ivr.console.links import ROOT
from ivr.console.messages import messages
from ivr.console.queues import queues
from ivr.console.recovery import recovery
from ivr.console.satisfaction import satisfaction
from ivr.console.today import Today
from ivr.console.trainer import trainer
from ivr.console.users import users
from ivr.console.wallboard import wallboard
from ivr.console.words_console import CHINESE
from ivr.model.roles import Permission

STYLE = ".ruled { border-color: var(--line) !important; } .page .q-table__card { background: transparent; }"

Page = Callable[[Visit], Coroutine[Any, Any, None]]


def console_pages(house: House) -> Callable[[Frame], None]:
    """Registers every page of the console in a frame."""
    today = Today(house.archive, house.utc)

    def register(frame: Frame) -> None:
        def add(path: str, title: tuple[str, str], icon: str, permission: Permission, page: Page, under: str = "",
                ) -> None:  # fmt: skip
            """`under`: the page of the navigation that it belongs to, where it is not in the navigation itself."""

            @frame.page(Place(f"{ROOT}{path}", title, icon, permission, in_navigation=not under, under=under))
            async def show(visitor: Visitor) -> None:
                ui.add_css(STYLE)
                with ui.column().classes("w-full gap-4"):
                    await page(visit_of(house, visitor))

        add("", ("Wallboard", "监控大屏"), "dashboard", "live.watch", lambda visit: wallboard(visit, today))
        add("/calls", ("Calls", "通话"), "call", "calls.list", calls)
        add("/call", ("Call", "通话详情"), "call", "calls.read", lambda visit: call(visit, _asked(visit, "id")),
            f"{ROOT}/calls")  # fmt: skip
        add("/queues", ("Queues", "队列"), "groups", "queues.change", queues)
        add("/flows", ("Flows", "流程"), "account_tree", "flows.read", flows)
        add("/flow", ("Flow editor", "流程编辑"), "edit", "flows.read",
            lambda visit: flow_editor(visit, _asked(visit, "name")), f"{ROOT}/flows")  # fmt: skip
        add("/satisfaction", ("Satisfaction", "满意度"), "sentiment_satisfied", "reports.read", satisfaction)
        add("/recovery", ("Recovery", "挽回工单"), "support_agent", "cases.read", recovery)
        add("/insight", ("Insight", "洞察"), "insights", "reports.read", insight)
        add("/trainer", ("Trainer desk", "训练师工作台"), "school", "flows.publish", trainer)
        add("/campaigns", ("Campaigns", "外呼任务"), "campaign", "campaigns.read", campaigns)
        add("/campaign", ("Campaign", "外呼任务"), "campaign", "campaigns.read",
            lambda visit: campaign(visit, _asked(visit, "name")), f"{ROOT}/campaigns")  # fmt: skip
        add("/case", ("Case", "个案"), "campaign", "campaigns.read",
            lambda visit: campaign_case(visit, _asked(visit, "campaign"), _asked(visit, "id")),
            f"{ROOT}/campaigns")  # fmt: skip
        add("/do-not-call", ("Do not call", "禁呼名单"), "phone_disabled", "campaigns.read", do_not_call,
            f"{ROOT}/campaigns")  # fmt: skip
        add("/messages", ("Messages", "留言"), "voicemail", "calls.play", messages)
        add("/users", ("Users", "用户"), "manage_accounts", "users.change", users)
        add("/audit", ("Audit", "审计"), "policy", "audit.read", audit)

    return register


def visit_of(house: House, visitor: Visitor) -> Visit:
    def chinese(words: str) -> str:
        return CHINESE.get(words, words)

    translate = chinese if visitor.language == "zh" else str
    return Visit(house, visitor.request, visitor.user, visitor.language, translate)


def _asked(visit: Visit, name: str) -> str:
    return visit.request.query_params.get(name, "")
