"""Pure: what one agent wrote of a customer, without what would tell another agent who it was (domain.md 2.11).

Numbers and addresses are found whatever they look like, names where they stand with a title or behind words such as
"customer", and everything that the call itself knew of that customer. A bare name in the middle of a sentence is not
recognized: the server may be told to show no notes at all (`assist.show_notes`).
"""

import re
from collections.abc import Iterable

from ivr.model.redaction import redact

HIDDEN = "…"
SHORTEST = 2
"""Characters: a shorter value of a fact is no name."""

_NUMBER = re.compile(r"(?<![\w<])[+#]?\d[\d\s-]{3,}\d(?![\w>])")
"""Five digits or more: order numbers, postcodes, policies. Amounts and times are shorter."""

_NAME = r"[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2}"
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam)\b\.?\s+{_NAME}")
_CALLED = re.compile(
    rf"\b((?:[Cc]ustomer|[Cc]aller|[Cc]lient|[Hh]usband|[Ww]ife|[Ss]on|[Dd]aughter|[Nn]amed?|called|name is)[\s:,]+)"
    rf"{_NAME}"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_CHINESE = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?(先生|女士|小姐|太太|阿姨|大爷)")
_CHINESE_CALLED = re.compile(rf"((?:客户|来电人|姓名|名叫|叫做?)[::是为]?\s*)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}")


def without_names(note: str, private: Iterable[str], shared: Iterable[str] = ()) -> str:
    """A note as another agent may read it.

    Args:
        private: what that call knew of its customer; each place of it is hidden.
        shared: what the call on the line has as well; it says nothing of who it was.
    """
    told = {value.casefold() for value in shared}
    text = note
    for value in sorted({value.strip() for value in private}, key=len, reverse=True):
        if len(value) >= SHORTEST and value.casefold() not in told:
            edge = r"\b" if value.isascii() else ""
            text = re.sub(rf"{edge}{re.escape(value)}{edge}", HIDDEN, text, flags=re.IGNORECASE)
    text = redact(text)
    text = _CHINESE.sub(rf"{HIDDEN}\1", _TITLED.sub(HIDDEN, text))
    text = _CHINESE_CALLED.sub(rf"\1{HIDDEN}", _CALLED.sub(rf"\1{HIDDEN}", text))
    return _NUMBER.sub(HIDDEN, text).strip()
