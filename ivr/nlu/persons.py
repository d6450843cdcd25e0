"""Pure: people's names out of the phrases that carry them: "my name is …", "this is … speaking", 我叫…, 我姓…."""

import re

from ivr.model.unfinished import part_that_is_said
from ivr.nlu.reading import Reading

_CARRIER_EN = re.compile(
    r"(?:my name is|my name's|the name is|name is|the name's|this is|i am|i'm|it's|it is|call me|"
    r"you're speaking to|under)\s+"
    r"(?:mr\.?|mrs\.?|ms\.?|miss|dr\.?|doctor|mister)?\s*([a-z][a-z'-]*(?:\s+[a-z][a-z'-]*){0,2})"
)
_TITLE_EN = re.compile(r"\b(?:mr|mrs|ms|miss|dr|mister)\.?\s+([a-z][a-z'-]+)")
_TAIL_EN = re.compile(r"\s+(?:speaking|here|please|calling|and|from|thanks|thank|at|on)\b.*$")
_NOT_A_NAME = {
    "not", "calling", "sure", "sorry", "fine", "good", "here", "looking", "trying", "a", "an", "the", "just", "yes",
    "no", "going", "having", "very", "so", "about", "happy", "okay", "from", "in", "at", "my", "it", "to", "for",
}  # fmt: skip
_CARRIER_ZH = re.compile(
    "(?:我的?名字(?:叫|是)|名字(?:叫|是)|姓名是?|我叫做?|叫我|我姓|免贵姓|我是)([\u4e00-\u9fff·]{1,5})"
)
_TITLE_ZH = re.compile("([\u4e00-\u9fff]{1,2})(?:先生|女士|小姐|太太)")
_TAIL_ZH = re.compile("(?:先生|女士|小姐|太太|啊|呀|的|吧|哦|谢谢|你好|您好).*$")
_NOT_A_NAME_ZH = {"本人", "我", "这里", "要", "想", "来", "说", "不", "客户", "谁", "的"}


def read_person(text: str, language: str, asked: bool) -> Reading | None:
    """The name in the words, or None.

    Args:
        text: the caller's words, cleaned.
        language: `en` or `zh`.
        asked: the step asks for a name, so that bare words may be one.
    """
    if language.startswith("zh"):
        return _chinese(text, asked)
    return _english(text.lower().strip(" .,!?"), asked)


def _english(text: str, asked: bool) -> Reading | None:
    match = _CARRIER_EN.search(text) or _TITLE_EN.search(text)
    said = _TAIL_EN.sub("", match[1]).strip() if match else ""
    if not said and asked and match is None:
        said = _TAIL_EN.sub("", text)
    names = part_that_is_said(said, "en").split()
    if not names or len(names) > 3 or set(names) & _NOT_A_NAME or any(character.isdigit() for character in said):
        return None
    weak = match is None or match[0].startswith(("i am", "i'm", "it's", "it is", "this is", "under")) and not asked
    return Reading(" ".join(name.capitalize() for name in names), said, 0.6 if weak else 0.9)


def _chinese(text: str, asked: bool) -> Reading | None:
    match = _CARRIER_ZH.search(text) or _TITLE_ZH.search(text)
    said = _TAIL_ZH.sub("", match[1]) if match else ""
    if not said and asked and match is None:
        said = _TAIL_ZH.sub("", text)
    if (
        not 1 <= len(part_that_is_said(said, "zh")) <= 4
        or any(part in said for part in _NOT_A_NAME_ZH)
        or not re.fullmatch("[\u4e00-\u9fff·]+", said)
    ):
        return None
    weak = match is None or match[0].startswith("我是") and not asked
    return Reading(said, said, 0.6 if weak else 0.9)
