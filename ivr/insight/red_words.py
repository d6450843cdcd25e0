"""Pure: words that make an alert red at once: complaints, law, regulators, publicity, abuse (domain.md 2.10.1)."""

import re
from collections.abc import Sequence

HARD_EN: tuple[str, ...] = (
    r"complain(?:s|t|ts|ed|ing)?",
    r"(?:to|i'll|i will|gonna|i) sue|sue (?:you|them|your)|suing",
    r"lawyers?|attorneys?|solicitors?",
    r"regulators?",
    r"ombuds(?:man|woman|person)",
    r"cancel(?:l?ing)? (?:everything|it all|all of it)",
    r"social media|twitter|facebook|tiktok|youtube",
    r"reporters?|journalists?|newspapers?",
)
HARD_ZH: tuple[str, ...] = (
    "投诉", "举报", "12315", "12378", "银保监", "金监局", "金融监管", "律师", "起诉", "法院", "曝光", "微博", "抖音",
    "记者", "315", "骗子", "气死",
)  # fmt: skip
"""12315 is the consumer line, 12378 the line for complaints about banks and insurers, 315 the consumers' day."""

PROFANE_EN: tuple[str, ...] = (r"fuck\w*", r"(?:bull)?shit\w*", r"bastards?", r"assholes?", r"bitch\w*", r"damn you")
PROFANE_ZH: tuple[str, ...] = ("他妈", "妈的", "傻逼", "傻比", "王八蛋", "混蛋", "滚蛋", "去死", "操你", "草泥马")

NOT_INSIDE_WORD = r"(?<![a-z0-9]){}(?![a-z0-9])"


def _pattern(english: Sequence[str], chinese: Sequence[str]) -> re.Pattern[str]:
    words = [NOT_INSIDE_WORD.format(f"(?:{word})") for word in english]
    spoken = [NOT_INSIDE_WORD.format(word) if word.isascii() else word for word in chinese]
    return re.compile("|".join([*words, *spoken]))


HARD = _pattern(HARD_EN, HARD_ZH)
PROFANE = _pattern(PROFANE_EN, PROFANE_ZH)


def hard_word(text: str) -> str:
    """The first hard keyword in what a caller said; empty: none."""
    found = HARD.search(text.lower())
    return found.group() if found else ""


def is_profane(text: str) -> bool:
    return PROFANE.search(text.lower()) is not None
