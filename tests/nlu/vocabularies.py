"""The bank of domain.md 4.1 as a flow would describe it, in both languages."""

from ivr.model.meaning import IntentExamples, SlotRule, Vocabulary

BRANCH_EN = (
    "where is the nearest branch", "find a branch near {place}", "I need a branch close to {place}",
    "any ATM around here", "which branch is open now", "bank branch near {place}", "closest branch to 100101",
    "what time does the {place} branch open", "phone number of your {place} branch",
    "is there a branch with a safe deposit box near me", "where can I exchange euros nearby",
    "address of the branch by {place}",
)  # fmt: skip
LOST_EN = (
    "I lost my card", "my card was stolen", "my wallet is gone", "block my card right now", "freeze my debit card",
    "someone took my credit card", "I can't find my bank card", "report a lost card", "stop my card please",
    "the ATM swallowed my card", "I left my card in a taxi", "someone is using my card",
)  # fmt: skip
FOUND_EN = (
    "I found my card", "unfreeze my card", "I got my wallet back", "card turned up", "cancel the freeze",
    "it was at home", "reactivate the card", "it's in my bag after all", "I have it again", "please unblock it",
)  # fmt: skip
BRANCH_ZH = (
    "我需要查询{place}附近的银行网点", "附近有没有网点",
    "离我最近的支行在哪", "{place}旁边有银行吗", "哪里有自助取款机",
    "现在还开门的网点有哪些", "{place}支行的电话是多少",
    "{place}附近哪个网点能换外币", "周末营业的网点", "{place}有几个网点",
    "你们银行在{place}的地址", "找一下离{place}最近的营业厅",
)  # fmt: skip
LOST_ZH = (
    "我的卡丢了", "我要挂失", "银行卡被偷了", "钱包不见了",
    "马上冻结我的卡", "帮我停卡", "信用卡找不到了", "卡被取款机吞了",
    "卡落在出租车上了", "有人在盗刷我的卡", "银行卡挂失怎么弄", "紧急挂失",
)  # fmt: skip
FOUND_ZH = (
    "卡找到了", "取消冻结", "解冻我的卡", "钱包找回来了", "原来在家里",
    "解除挂失", "卡又找着了", "恢复使用", "帮我解开",
    "不用挂失了",
)  # fmt: skip

PLACE = SlotRule("place", "text")
LAST4 = SlotRule("last4", "digits", (4, 4))
WHEN = SlotRule("when", "date")
CARD = SlotRule("card_type", "cards", values={"debit": ("debit card",), "credit": ("credit card",)})
CARD_ZH = SlotRule("card_type", "cards", values={"debit": ("借记卡", "储蓄卡"), "credit": ("信用卡",)})

BANK_EN = Vocabulary(
    "bank", "en",
    (
        IntentExamples("branch_lookup", BRANCH_EN), IntentExamples("report_lost_card", LOST_EN),
        IntentExamples("found_card", FOUND_EN),
    ),
    (PLACE, LAST4, WHEN, CARD),
)  # fmt: skip
BANK_ZH = Vocabulary(
    "bank", "zh",
    (
        IntentExamples("branch_lookup", BRANCH_ZH), IntentExamples("report_lost_card", LOST_ZH),
        IntentExamples("found_card", FOUND_ZH),
    ),
    (PLACE, LAST4, WHEN, CARD_ZH),
)  # fmt: skip

SCORES_EN = {
    "5": ("five", "five stars", "very satisfied", "excellent", "perfect", "great", "top marks", "very good"),
    "4": ("four", "good", "satisfied", "pretty good", "not bad"),
    "3": ("three", "okay", "so-so", "average", "neutral", "fine"),
    "2": ("two", "poor", "dissatisfied", "not satisfied", "not great"),
    "1": ("one", "terrible", "very dissatisfied", "awful", "worst"),
}
SCORES_ZH = {
    "5": ("五", "五分", "满分", "非常满意", "特别好", "很满意", "挺好非常好"),
    "4": ("四", "四分", "满意", "不错", "挺好", "还不错"),
    "3": ("三", "三分", "一般", "还行", "凑合"),
    "2": ("二", "两分", "不太满意", "不满意", "不太好"),
    "1": ("一", "一分", "很差", "非常不满意", "太差了"),
}
