"""Pure: whether an answer to a yes/no question is a yes or a no, when more is said than that."""

import re

from ivr.model.meaning import Control
from ivr.nlu.cleanup import is_chinese

_YES_START_EN = re.compile(
    r"^(?:(?:oh|well|ah|ok|so|and)\s+)*(?:yes|yeah|yep|yup|sure|correct|right|exactly|of course|absolutely|definitely|"
    r"certainly|please do|go ahead|that's right|that's correct|i did|i do|i am|it is|it was|that is|ok|alright|"
    r"sounds good|that was me|no problem|that would be|i would|i'd love|i'd like|i authori[sz]ed|uh huh|mm hmm)\b"
)
_NO_START_EN = re.compile(
    r"^(?:(?:oh|well|ah|ok|um|and|actually)\s+)*(?:no|nope|nah|not|never|don't|wrong|incorrect|negative|"
    r"i don't|i didn't|i did not|i do not|it isn't|it's not|it is not|it wasn't|it was not|that's not|that isn't|"
    r"that wasn't|i'm not|i am not|absolutely not|definitely not|of course not|please don't|i haven't|i never|"
    r"i wouldn't|i'd rather not|none)\b"
)
_UNSURE_EN = re.compile(
    r"\b(?:not sure|don't know|no idea|can't remember|don't remember|not certain|can't recall|i forgot|don't recall)\b"
)
_TURNED_EN = re.compile(r"\b(?:but no|actually no|no wait|wait no|i mean no)\b")
_TURNED_YES_EN = re.compile(
    r"\b(?:actually yes|but yes|wait yes|i mean yes|no yes)\b|^no (?:no )?(?:that's|it's) (?:right|correct|fine)\b"
)
_HALF_EN = re.compile(r"\b(?:half of it|half solved|partly|partially)\b")
_HALF_ZH = re.compile("一半|部分")
"""Neither yes nor no: who asked asks again."""

_NO_IN_EN = re.compile(r"\b(?:wasn't|isn't|not|didn't|don't|never|haven't|doesn't|hasn't|unsolved|unresolved)\b")
_YES_IN_EN = re.compile(
    r"\b(?:that's right|that is right|correct|yes|yeah|i think so|i guess so|i suppose so|it did|it has|solved|"
    r"resolved|it was)\b"
)

_YES_START_ZH = re.compile(
    "^(?:哦|噢|那|那就|啊)*(?:是(?!不是|否|谁|什么|哪|吗|不)|对(?!不起|了|面|方)|好(?!像|难|多|久|不好|烦|差|吗)|可以(?!吗|不)|行(?!不行|吗)|没错|没问题|"
    "当然|嗯|恩|确认|就是|要(?!不|是)|需要|同意|愿意|正确|没关系|有(?!没有|人|点)|肯定|解决了|搞定了|刚才是我|我是|我授权|我买的|我刷的|是我)"
)
_NO_START_ZH = re.compile(
    "^(?:哦|噢|啊|那|我|这|还|也|都|嗯|绝对|肯定|真的|根本|暂时|先|其实)*(?:不(?!错|知道|清楚|确定|记得|太清楚|太确定|晓得|好说|好意思)|"
    "没(?!错|问题|关系|印象|事)|别|否|错了|搞错|算了|未|取消)"
)
_UNSURE_ZH = re.compile("不知道|不清楚|不确定|不记得|忘了|不太清楚|不太确定|说不好|想不起|没印象|不晓得|不好说|好像")


def leading_answer(said: str, language: str) -> Control:
    """yes, no, dont_know, or "" where the words answer neither way.

    Args:
        said: cleaned text in which "okay" is written "ok".
    """
    chinese = is_chinese(language)
    answer = _chinese(said) if chinese else _english(said)
    return "" if answer == "yes" and (_HALF_ZH if chinese else _HALF_EN).search(said) else answer


def _english(said: str) -> Control:
    if _UNSURE_EN.search(said):
        return "dont_know"
    if _TURNED_EN.search(said):
        return "no"
    if _TURNED_YES_EN.search(said):
        return "yes"
    if _YES_START_EN.search(said):
        return "no" if _contradicts(said) else "yes"
    if _NO_START_EN.search(said):
        return "yes" if said.startswith(("not bad", "no doubt", "no problem", "never better")) else "no"
    if _NO_IN_EN.search(said):
        return "no"
    return "yes" if _YES_IN_EN.search(said) else ""


def _contradicts(said: str) -> bool:
    """ "it was not me", "i did nothing", "i do not": a yes-like start that is a no."""
    words = said.split()
    starts_plain = words[0] in ("it", "i", "that", "right", "ok", "alright")
    return starts_plain and bool(re.search(r"^(?:\w+\s+){1,3}(?:not|never|nothing|no|n't)\b", said))


def _chinese(said: str) -> Control:
    if _UNSURE_ZH.search(said):
        return "dont_know"
    if _NO_START_ZH.search(said):
        return "no"
    if _YES_START_ZH.search(said):
        return "no" if re.match("^(?:是|对|我是|我|就是)(?:没|不(?!错))", said) else "yes"
    return "no" if re.search("还是[不没]|不是我|没有?解决|没刷过|没买过|没操作|不对|不要", said) else ""


_OPENING_EN = re.compile(r"^(?:yes|yeah|yep|yup|no|nope|nah)\b(?! (?:idea|one|longer|money))")
_OPENING_ZH = re.compile("^(?:是的|对的?(?!不起|方|面|账)|好的|嗯是|不是|不对|不用|不要|没有)")


def opens_with_answer(said: str, language: str) -> Control:
    """yes or no where the words plainly begin with one, though nobody asked; else ""."""
    pattern = _OPENING_ZH if is_chinese(language) else _OPENING_EN
    if not pattern.search(said):
        return ""
    answer = leading_answer(said, language)
    return answer if answer in ("yes", "no") else ""


_AFTER_NO_EN = re.compile(r"^(?:no|nope|nah)(?: no)* (?:i said |i meant |i mean |it's |make it |in |near )?(.+)$")
_AFTER_NO_ZH = re.compile("^(?:不是|不对|不|错了)[,，]?(?:我说的?是|我说|是|改成|要)?(.+)$")
_STATEMENT_EN = re.compile(
    r"\b(?:i|i'm|i've|you|he|she|we|they|it|that|that's|thanks|thank|is|was|do|don't|did|not|need|want|way)\b"
)
_STATEMENT_ZH = re.compile("[我你您他她它们了吗吧呢没不用想要谢]")
_FEW = {"en": 4, "zh": 8}


def after_no(said: str, language: str) -> str:
    """The few words after a no that may be what is meant instead; "" where they are a statement.

    Args:
        said: cleaned text.
    """
    chinese = is_chinese(language)
    match = (_AFTER_NO_ZH if chinese else _AFTER_NO_EN).search(said)
    if not match or (_STATEMENT_ZH if chinese else _STATEMENT_EN).search(match[1]):
        return ""
    size = len(match[1]) if chinese else len(match[1].split())
    return match[1] if size <= _FEW["zh" if chinese else "en"] else ""
