"""Pure: the centre that a generated history tells of: what callers want and say, who answers, how busy hours are.

Shares and times are of no real company; they are such that every report has something to show.
"""

from dataclasses import dataclass, field

from ivr.model.insight import FlowFacts

BY_HOUR = (3, 2, 1, 1, 1, 2, 6, 18, 52, 88, 100, 92, 70, 68, 80, 84, 78, 66, 48, 36, 28, 20, 12, 6)
"""Relative arrivals by hour of the day: a peak before noon, a smaller one in the afternoon."""

BY_WEEKDAY = (1.18, 1.06, 1.0, 0.98, 1.02, 0.52, 0.38)
"""Monday first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller may call about."""

    name: str
    """Intent; for knowledge the name of the answer."""

    share: float
    steps: tuple[str, ...]
    """Steps below the flow that it leads through."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]
    queue: str = "general"
    to_person: float = 0.15
    """Share that goes on to a person."""

    reason: str = ""
    """What the flow writes when it hands over."""

    outcome: str = ""
    is_knowledge: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One number and its flow."""

    flow: str
    called: str
    share: float
    wishes: tuple[Wish, ...]
    versions: tuple[tuple[float, str, float], ...]
    """(from this share of the time on, version, share of turns that are not understood)."""

    greeting: str = "greet"
    facts: FlowFacts = field(default_factory=FlowFacts)


def _facts(wishes: tuple[Wish, ...], questions: tuple[str, ...]) -> FlowFacts:
    kinds = {wish.name: "question" if wish.name in questions else "task" for wish in wishes if not wish.is_knowledge}
    return FlowFacts(kinds, frozenset({"hotline.greet", "hotline.more"}), frozenset({"hotline.faq"}))


_BANK = (
    Wish("balance", 30, ("m_card", "m_say", "more"), ("what is my balance", "how much money do I have"),
         ("查余额", "卡里还有多少钱"), to_person=0.08, outcome="balance_told"),
    Wish("branch_lookup", 18, ("b_place", "b_answer", "more"), ("find a branch", "any ATM around here"),
         ("查网点", "附近有没有网点"), to_person=0.07, outcome="branch_found"),
    Wish("report_lost_card", 12, ("l_calm", "l_confirm", "l_done", "more"), ("I lost my card", "my wallet was stolen"),
         ("卡丢了", "我要挂失"), "card_emergency", 0.42, "policy_human_only", "card_frozen"),
    Wish("found_card", 4, ("unfreeze",), ("I found my card", "unfreeze my card"), ("卡找到了", "解冻我的卡"),
         "general", 0.9, "policy_human_only", "card_unfrozen"),
    Wish("opening_hours", 14, ("faq", "more"), ("what are your opening hours", "are you open on Saturday"),
         ("你们几点开门", "周末营业吗"), to_person=0.05, outcome="answered", is_knowledge=True),
    Wish("fees", 10, ("faq", "more"), ("what does a transfer cost", "is there a fee for the card"),
         ("转账要多少钱", "有年费吗"), to_person=0.14, outcome="answered", is_knowledge=True),
    Wish("new_product", 5, ("faq", "more"), ("do you have a savings plan", "tell me about loans"),
         ("有什么理财产品", "我想了解贷款"), "sales", 0.55, "", "answered", is_knowledge=True),
)  # fmt: skip
_SHOP = (
    Wish("book_installation", 26, ("i_start", "v_day", "v_window", "more"), ("I want an installation", "book a visit"),
         ("预约安装", "我要装空调"), to_person=0.12, outcome="visit_booked"),
    Wish("reschedule", 16, ("order_find", "v_day", "v_window", "more"), ("move my appointment", "another day please"),
         ("改约时间", "我要改期"), to_person=0.15, outcome="visit_moved"),
    Wish("report_fault", 22, ("f_start", "f_symptom", "v_day", "more"), ("it does not cool", "it shows an error"),
         ("空调不制冷", "显示故障代码"), "engineer_emergency", 0.25, "", "visit_booked"),
    Wish("complaint", 9, ("c_sorry", "c_about"), ("I want to complain", "the technician never came"),
         ("我要投诉", "师傅没来"), "complaints", 0.85, "policy_human_only", "complaint_taken"),
    Wish("order_status", 15, ("order_find", "more"), ("when does the technician come", "where is my order"),
         ("师傅什么时候来", "我的订单到哪了"), to_person=0.1, outcome="status_told"),
    Wish("how_to_clean", 12, ("faq", "more"), ("how do I clean the filter", "how do I descale it"),
         ("滤网怎么清洗", "怎么除垢"), to_person=0.1, outcome="answered", is_knowledge=True),
)  # fmt: skip
LINES = (
    Line("bank/hotline", "+15555550101", 0.68, _BANK,
         ((0.0, "4be19c02d7aa", 0.13), (0.38, "9f30c1be5512", 0.105), (0.71, "c07d22e9b4f1", 0.075)),
         facts=_facts(_BANK, ("balance",))),
    Line("appliance/hotline", "+15555550102", 0.32, _SHOP,
         ((0.0, "77aa10cd93fe", 0.14), (0.55, "e2b8340fa6c9", 0.095)), facts=_facts(_SHOP, ("order_status",))),
)  # fmt: skip
SURVEY_FLOW = "post_call"
MISSED = {
    "en": ("could you send me the paper for my landlord", "I need the thing for the tax office", "can I pay in euros",
           "my neighbour has the same problem"),
    "zh": ("我要开一个证明", "你们那个活动怎么参加", "可以用外币付吗"),
}  # fmt: skip
"""What no intent fits."""

QUEUES = {"general": 0.45, "card_emergency": 0.18, "complaints": 0.12, "sales": 0.1, "engineer_emergency": 0.15}
"""Where agents mainly work; everybody helps in `general`."""

NAMES = (
    "Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gia", "Hugo", "Ines", "Jun", "Kai", "Lea", "Max", "Nia", "Otto", "Pia",
    "Qi", "Rosa", "Sam", "Tao", "Uma", "Vera", "Wen", "Xia", "Yan", "Zoe",
)  # fmt: skip
