"""Pure: whether what comes next is denied: "not very satisfied", "isn't great", 不太满意, 没有解决."""

from ivr.nlu.cleanup import is_chinese

_NOT_EN = {
    "not", "never", "hardly", "barely", "isnt", "wasnt", "arent", "werent", "dont", "didnt", "doesnt", "cant", "wont",
    "isn't", "wasn't", "aren't", "weren't", "don't", "didn't", "doesn't", "can't", "won't", "aint", "ain't", "without",
    "nothing", "wouldnt", "wouldn't",
}  # fmt: skip
_DEGREE_EN = {
    "very", "really", "that", "so", "at", "all", "too", "particularly", "exactly", "entirely", "completely", "quite",
    "even", "a", "an", "the", "much", "feeling", "been", "especially", "terribly", "fully", "totally", "say", "call",
    "it", "was", "is", "want", "need", "i", "im", "i'm", "am", "we", "were", "be", "being", "feel", "think", "to",
    "you", "you'd", "youd", "altogether", "overly",
}  # fmt: skip
_BUT_EN = frozenset({("anything", "but"), ("far", "from"), ("nowhere", "near"), ("less", "than"), ("rather", "than")})
_NOT_ZH = set("不没别未非甭")
_DEGREE_ZH = set("是太很怎么那算大特别见得能够觉认为有要想说非常十分")


def is_negated(parts: list[str], at: int, language: str) -> bool:
    """Whether a negation stands before part `at`, with nothing but words of degree between."""
    denied, between = (_NOT_ZH, _DEGREE_ZH) if is_chinese(language) else (_NOT_EN, _DEGREE_EN)
    here = at - 1
    while here >= 0 and parts[here] in between:
        here -= 1
    if here >= 1 and (parts[here - 1], parts[here]) in _BUT_EN:
        return True
    if here < 0 or parts[here] not in denied:
        return False
    return not (is_chinese(language) and parts[here + 1 : here + 2] == ["错"])


def denies(parts: list[str], language: str) -> bool:
    """Whether a negation is among the parts."""
    return any(part in (_NOT_ZH if is_chinese(language) else _NOT_EN) for part in parts)


def without_degree(parts: list[str], language: str) -> list[str]:
    """The words without those of degree that follow a negation: 不是很满意 is 不满意, "not that good" is "not good"."""
    denied, between = (_NOT_ZH, _DEGREE_ZH) if is_chinese(language) else (_NOT_EN, _DEGREE_EN)
    kept: list[str] = []
    after_not = False
    for part in parts:
        if after_not and part in between:
            continue
        after_not = part in denied
        kept.append(part)
    return kept
