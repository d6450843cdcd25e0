"""Pure: what the words of whoever picked up say about them: the sentences of answering machines, and those of people.

Nothing here may make a machine of a person: sentences that people say too weigh little, and whatever asks something
back is a person's.
"""

import re
from typing import Final

ENOUGH: Final = 2
"""Weight from which the words are a machine's."""

_NOT_OF_OTHERS = r"(?<!\bhe )(?<!\bshe )(?<!\bthey )"
_CANNOT = rf"{_NOT_OF_OTHERS}\b(can't|cannot|can not|unable to|not able to|couldn't|could not)"
_THING = r"(message|name|number|phone number|callback number)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


EN_MACHINE: Final = (
    (2, _any(rf"\bplease,? (just )?leave (me |us )?((a|your|the) )?((brief|short|detailed) )?{_THING}",
             rf"\bleave (me |us )?(your|a brief|a short|a detailed) {_THING}")),
    (1, _any(r"\bleave (me |us )?a message")),
    (2, _any(r"\b(after|at|following|hear) the (tone|beep|signal)\b", r"\brecord your (message|name)\b")),
    (2, _any(r"\bvoice ?mail\b", r"\bmail ?box\b", r"\banswering (machine|service)\b")),
    (2, _any(r"\b(person|party|customer|subscriber|caller|user|number|extension) you( are|'re| have|'ve|'d)? "
             r"(just )?(call|try|tried|dial|reach)")),
    (2, _any(r"\byour call (has been|is being|was|will be) (forward|transfer|divert|record)")),
    (2, _any(r"\bscreening service\b", r"\bsay your name and\b", r"\bname and (the )?reason for calling\b")),
    (1, _any(r"\b(you have|you've|you) reached\b")),
    (2, _any(rf"{_CANNOT} (take|answer|pick up) (your|the) (phone )?call")),
    (1, _any(rf"{_CANNOT} (come|get|answer|make it) (to )?(the|my) phone")),
    (1, _any(r"\bavailable (right now )?(to (take|answer) (your|the)|at the (tone|moment to))")),
    (1, _any(r"\b(get back|return your|call you back|back to you) .{0,20}(as soon as|soon as|call)")),
    (1, _any(r"\bpress (zero|one|two|three|pound|hash|star|the (pound|hash|star)|\d)\b")),
)  # fmt: skip
"""English sentences of machines and their weights: personal greetings, carriers', call screening, Asterisk's own."""

EN_PERSON: Final = _any(
    r"\bwho('s| is| are) (this|that|calling|speaking|you)\b", r"\bhow (can|may) i\b", r"\b(would|do) you (like|want)",
    r"\b(can|may|could|shall|should) i (take|help|ask|tell|have)\b", r"\b(want|like) to leave\b",
    r"\b(he|she)( is|'s|’s)( \w+)? (not|out|away|busy|asleep)\b", r"\b(he|she) isn't\b",
    r"\bis (that|this) (you|the)\b", r"\bspeaking\b", r"\bhello\?\s*$", r"\bare you there\b", r"\bi'm here\b",
)  # fmt: skip
"""What asks something back, or answers to a name."""

ZH_MACHINE: Final = (
    (2, _any("拨打的", "撥打的", "请(您)?(在|于).{0,8}(后|声).{0,4}留言", "请留言",
             "(滴|嘀|哔|提示音|信号音).{0,3}(声|后).{0,4}(留言|录音)")),
    (2, _any("语音信箱", "留言信箱", "来电提醒", "短信(的形式)?通知", "请稍后再拨", "已关机", "不在服务区",
             "转(入|接到?)(语音|留言|来电)")),
    (1, _any("无法接(听|通)", "无人接听", "暂时不在", "正在通话中", "留言")),
)  # fmt: skip
ZH_PERSON: Final = _any(
    "你是谁",
    "您是谁",
    "哪位",
    "哪里",
    "什么事",
    "要不要",
    "需要(我|帮)",
    "要(我|帮)",
    "帮您",
    "替您",
    "转告",
    "吗[?？]?$",
    "有事",
)

_BACK_AGAIN_EN: Final = re.compile(r"^(hello|hi|hey|yes|yeah|wait|sorry|i'm here|this is|speaking|who)\b")
_BACK_AGAIN_ZH: Final = re.compile(r"^(喂|你好|您好|在|我在|哎|稍等|等一下|是我|请讲|哪位)")
MOST_WORDS_OF_A_PERSON: Final = 6
"""Of somebody who picks up while their machine speaks: "hello, I'm here"."""


def is_person(text: str, language: str) -> bool:
    """Whether something is said that only people say, whatever else is."""
    return bool((ZH_PERSON if language.startswith("zh") else EN_PERSON).search(text.lower()))


def weight(text: str, language: str) -> int:
    """What the words weigh for a machine; 0 where a person's are among them."""
    text = text.lower()
    if is_person(text, language):
        return 0
    rules = ZH_MACHINE if language.startswith("zh") else EN_MACHINE
    return sum(each for each, pattern in rules if pattern.search(text))


def is_person_back(text: str, language: str) -> bool:
    """Whether these few words, heard while a machine was thought to speak, are somebody who has picked up."""
    text = text.lower().strip()
    if weight(text, language) or not text:
        return False
    if language.startswith("zh"):
        return len(text) <= 2 * MOST_WORDS_OF_A_PERSON and bool(_BACK_AGAIN_ZH.search(text) or ZH_PERSON.search(text))
    few = len(text.split()) <= MOST_WORDS_OF_A_PERSON
    return few and bool(_BACK_AGAIN_EN.search(text) or EN_PERSON.search(text))
