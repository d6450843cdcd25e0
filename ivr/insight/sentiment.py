"""Pure: how a caller's sentence sounds, -1 (very angry) to 1 (very pleased), from words anybody can read and correct.

A lexicon with weights, negation before the word, and boosters: explainable, offline, a few microseconds. It hears
words, not tone; irony escapes it. How well it does on a small set made by hand is in its tests.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

ENGLISH: Mapping[str, float] = {
    "thank you": 0.5, "thanks": 0.5, "great": 0.8, "perfect": 0.9, "excellent": 1.0, "wonderful": 1.0, "lovely": 0.8,
    "good": 0.5, "nice": 0.6, "helpful": 0.7, "happy": 0.7, "pleased": 0.7, "satisfied": 0.7, "brilliant": 0.9,
    "appreciate": 0.7, "appreciated": 0.7, "love": 0.8, "amazing": 0.9, "awesome": 0.9, "glad": 0.6, "works now": 0.6,
    "easy": 0.4,
    "bad": -0.6, "terrible": -1.0, "awful": -1.0, "horrible": -1.0, "worst": -1.0, "useless": -0.9, "angry": -0.9,
    "annoyed": -0.7, "annoying": -0.7, "frustrated": -0.8, "frustrating": -0.8, "ridiculous": -0.9,
    "unacceptable": -1.0,
    "disappointed": -0.7, "disappointing": -0.7, "upset": -0.7, "rude": -0.8, "slow": -0.4, "broken": -0.4,
    "fed up": -0.9, "sick of": -0.9, "tired of": -0.8, "waste of time": -0.9, "hate": -0.9, "stupid": -0.8,
    "nonsense": -0.7, "joke": -0.5, "disgusting": -1.0, "disgrace": -1.0, "furious": -1.0, "scam": -0.9, "liar": -0.9,
    "liars": -0.9, "third time": -0.6, "fourth time": -0.7, "again and again": -0.6, "how many times": -0.7,
    "still not": -0.5, "nobody helps": -0.7, "no one helps": -0.7, "not what i": -0.5, "complain": -0.7,
    "complaint": -0.6, "pathetic": -0.9, "incompetent": -0.9, "for hours": -0.4, "ages": -0.3, "wrong": -0.4,
    "problem": -0.1, "fail": -0.4, "failed": -0.4, "worse": -0.6, "poor": -0.6, "shame": -0.6, "sue": -0.8,
    # What callers say in place of "angry": nobody came, nobody called, again and again, and what they will do now.
    "had enough": -0.9, "had it with": -0.9, "end of my tether": -0.9, "end of my rope": -0.9, "can't believe": -0.5,
    "unbelievable": -0.7, "never listen": -0.7, "even listening": -0.7, "another bank": -0.5, "another company": -0.5,
    "take my business": -0.7, "doesn't help": -0.6, "didn't help": -0.6, "no help": -0.6, "no use": -0.5,
    "cutting me off": -0.7, "cut me off": -0.7, "hung up on me": -0.8, "on hold for": -0.5, "been waiting": -0.4,
    "nobody came": -0.6, "nobody called": -0.6, "nobody did": -0.5, "nobody ever": -0.6, "no one called": -0.6,
    "never called": -0.6, "never came": -0.6, "turned up": 0.3, "show up": 0.3, "turn up": 0.3, "worried": -0.3,
    "nightmare": -0.8, "so long": -0.4, "already told": -0.5, "already explained": -0.5, "i've explained": -0.5,
    "told you already": -0.6, "said last time": -0.5, "charged me twice": -0.7, "charged twice": -0.6,
    "account twice": -0.5, "going on since": -0.5, "going on for": -0.5, "for weeks": -0.4, "for months": -0.5,
    "keeps": -0.3, "you keep": -0.4, "fat lot of good": -0.8, "money back": -0.4, "beyond a joke": -0.9,
    "nothing but trouble": -0.8, "unfriendly": -0.7, "complicated": -0.4, "ignored": -0.6, "lied": -0.8,
    "cheated": -0.9, "appalling": -1.0, "dreadful": -0.9, "rubbish": -0.8, "hopeless": -0.8, "pointless": -0.7,
    "outrageous": -1.0, "mess": -0.5, "not what you": -0.5,
    "that was quick": 0.5, "you're a star": 0.9, "sorted": 0.4, "cheers": 0.5, "impressed": 0.7, "just what i": 0.6,
    "exactly what i": 0.6, "fantastic": 0.9, "relief": 0.6, "relieved": 0.6, "super": 0.7, "very kind": 0.6,
    "so kind": 0.6, "marvellous": 0.9, "superb": 0.9, "delighted": 0.9, "grateful": 0.7, "well done": 0.7,
    "much better": 0.5,
}  # fmt: skip
CHINESE: Mapping[str, float] = {
    "谢谢": 0.5, "感谢": 0.6, "多谢": 0.5, "很好": 0.7, "太好了": 0.9, "非常好": 0.9, "不错": 0.6, "满意": 0.7,
    "挺好": 0.6,
    "方便": 0.3, "高兴": 0.7, "开心": 0.7, "辛苦": 0.4, "真棒": 0.9, "完美": 0.9, "喜欢": 0.6, "有帮助": 0.7,
    "解决了": 0.5,
    "太差": -0.9, "很差": -0.9, "差劲": -0.9, "糟糕": -0.8, "垃圾": -1.0, "生气": -0.8, "气死": -1.0, "愤怒": -1.0,
    "烦死": -0.9, "烦": -0.6, "失望": -0.7, "受够": -0.9, "受不了": -0.8, "没用": -0.7, "浪费时间": -0.9, "骗": -0.8,
    "投诉": -0.7, "太慢": -0.6, "太久": -0.5, "等了": -0.3, "不耐烦": -0.7, "态度": -0.3, "恶劣": -0.9, "离谱": -0.8,
    "什么破": -0.9, "第三次": -0.6, "第四次": -0.7, "好几次": -0.5, "多少次": -0.7, "怎么还": -0.5, "又坏": -0.6,
    "不像话": -0.9, "搞什么": -0.7, "恶心": -0.9, "讨厌": -0.7, "不行": -0.4, "坏了": -0.3, "答非所问": -0.7,
    "荒唐": -0.9,
    "太过分": -0.9, "过分": -0.7, "没人管": -0.8, "推来推去": -0.8, "黑心": -0.9, "坑人": -0.9, "忍无可忍": -1.0,
    # "麻烦帮我…" is polite; the longer entry keeps it from being read as "烦".
    "麻烦": 0.0, "烦请": 0.0, "太麻烦": -0.6, "没人接": -0.6, "没人理": -0.7, "打不通": -0.6, "人呢": -0.5,
    "到底": -0.5,
    "多少遍": -0.7, "能不能听": -0.6, "凭什么": -0.7, "老样子": -0.5, "说不清楚": -0.5, "无语": -0.7, "换别的": -0.5,
    "换一家": -0.5, "这么慢": -0.6, "急死": -0.8, "重复扣": -0.6, "乱扣": -0.8, "多扣": -0.6, "三遍": -0.4,
    "敷衍": -0.8, "糊弄": -0.8, "忽悠": -0.8, "推卸": -0.8, "耍我": -0.8, "不怎么样": -0.6, "这么冲": -0.6,
    "什么态度": -0.8, "又没来": -0.6, "没有一个人": -0.6, "一直没": -0.4, "白跑": -0.6, "折腾": -0.6, "崩溃": -0.7,
    "郁闷": -0.6, "火大": -0.8, "退给我": -0.4, "退钱": -0.4,
    "这么快": 0.5, "很清楚": 0.4, "帮大忙": 0.8, "帮了大忙": 0.8, "效率高": 0.7, "效率真高": 0.7, "效率很高": 0.7,
    "太谢谢": 0.7, "给力": 0.8, "贴心": 0.8, "周到": 0.7, "耐心": 0.5, "放心了": 0.4, "那就好": 0.4,
}  # fmt: skip
"""Weights by ear, one sitting; what stands in both a longer and a shorter entry counts as the longer."""

NEGATION_EN = re.compile(
    r"(?:\b(?:not|no|never|hardly|nothing|isn'?t|aren'?t|wasn'?t|don'?t|doesn'?t|didn'?t|can'?t|cannot|won'?t|without)\b"
    r"(?:\W+\w+){0,2}\W*)$"
)
NEGATION_ZH = re.compile(r"(?:不太|不怎么|并不|不是很|不是|没有|没|不|别|未)(?:[很太特别非常那么这]{0,2})$")
BOOST_EN = re.compile(r"\b(?:very|so|really|extremely|absolutely|totally|completely|too)\W*$")
BOOST_ZH = re.compile(r"(?:非常|特别|太|真|实在|十分|极其)$")

TURNED = -0.6
"""What negation leaves of a word: "not good" is bad, "not terrible" is faintly good."""

BOOSTED = 1.3
SOFTNESS = 0.8
"""score = tanh(sum / 0.8): one clear word is felt, three do not leave the scale."""

LOOK_BACK = 24
"""Characters before a word in which negation and boosters are looked for."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One word that counted."""

    word: str
    weight: float
    """With negation and booster."""


def cues(text: str) -> tuple[Cue, ...]:
    """What was found, in order: the explanation of the score."""
    said = text.casefold().replace("’", "'")
    found: list[Cue] = []
    for match in _WORDS.finditer(said):
        word = match.group()
        before = said[max(0, match.start() - LOOK_BACK) : match.start()]
        before = re.split(r"[,.;!?\uff0c。\uff1b\uff01\uff1f]|\bbut\b|但", before)[-1]
        is_english = word.isascii()
        weight = ENGLISH[word] if is_english else CHINESE[word]
        if (BOOST_EN if is_english else BOOST_ZH).search(before):
            weight *= BOOSTED
            before = (BOOST_EN if is_english else BOOST_ZH).sub("", before)
        if (NEGATION_EN if is_english else NEGATION_ZH).search(before):
            weight *= TURNED
        found.append(Cue(word, round(weight, 3)))
    return tuple(found)


def sentiment(text: str) -> float:
    """-1 to 1; 0: nothing in it that the lexicon knows. Loud letters count: "I SAID NO" is not calm."""
    total = sum(cue.weight for cue in cues(text))
    letters = [letter for letter in text if letter.isascii() and letter.isalpha()]
    if len(letters) >= 8 and sum(letter.isupper() for letter in letters) / len(letters) > 0.8 and total <= 0:
        total -= 0.3
    return round(math.tanh(total / SOFTNESS), 4)


def _words() -> re.Pattern[str]:
    english = sorted(ENGLISH, key=len, reverse=True)
    chinese = sorted(CHINESE, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, english))})\b|(?:{'|'.join(map(re.escape, chinese))})")


_WORDS = _words()
