"""Pure: sentences that stop in the middle: what of them may be a value, and whether somebody surely goes on.

"I need a branch near the" names no place, 我住在 neither; "the bird's nest and" names one.
"""

import re
from typing import Final


def _words(written: str) -> frozenset[str]:
    return frozenset(re.findall(r"\S+", written))


_ARTICLES: Final = _words("a an the my your our their his her its some any this that these those")
_PREPOSITIONS: Final = _words(
    "of at in on by near to from with for around beside behind opposite between towards into about next close "
    "onto across inside outside"
)
_JOINING: Final = _words("and or but so because then also plus if like um uh uhm er erm hmm mm well oh")
_DANGLING: Final = _ARTICLES | _PREPOSITIONS | _JOINING
_BEFORE_VALUES: Final = _DANGLING | _words(
    "i i'm im i've i'd i'll am is are was it it's that's there there's here over we we're you he she they who "
    "live lives living work works working stay staying be been okay ok yes no yeah please just right where "
    "which what nearest closest called named name maybe think something somewhere looking want need would one "
    "me us not"
)
"""Words that name nothing, alone or together."""

_LETTERS: Final = frozenset("ai")
"""Words that may be letters after a name: "terminal A"."""

_OWN_PLACE: Final = _words("i'm im am are is was live lives living work works working stay staying i we you")
"""Words after which a preposition may end what is meant: "the street I live in"."""

_MOST_WORDS: Final = 6
_MOST_SIGNS: Final = 12
"""Longer ones are sentences of their own: a comment is kept as it was said."""

_NOTHING_ZH: Final = re.compile(
    "(?:那个|这个|就是说|就是|一个|一下|我们|你们|咱们|住在?|靠近|附近|旁边|对面|最近|请问|嗯|呃|额|啊|哦|就|在|离|的|和|跟|"
    "与|我|你|您|那|这|是|叫|姓|有|哪里?|里|到|从|去|往|把|给|想|要|找|查|帮|或者|还有|然后|但是|因为|所以|应该|好像|比如|说|它|他|她)+"
)
_ASKED_ZH: Final = re.compile("在哪[里儿]?$")
_TAIL_ZH: Final = re.compile("(?:[,，、]|和|跟|与|以及|或者|还有|然后|但是|因为|所以|那个|嗯|呃|额)+$")
_CUT_EN: Final = _words(
    "the an my our their of near and or because between beside opposite um uh uhm er erm towards than"
)
_CUT_BEFORE_EN: Final = _words("to from at with by for in your his her a about")
_QUESTION_EN: Final = re.compile(r"\b(?:who|whom|what|what's|which|where|where's|how)\b")
_CUT_ZH: Final = re.compile(
    "(?:(?<![还现实存正不内])在|离|和|跟|与|或者|还有|然后|因为|所以|但是|如果|靠近|我想要?|我要|帮我|请问|嗯|呃|额|"
    "(?:号码|卡号|尾号|地址|名字|时间|日期)是|我叫|我姓|(?<!是)(?:我|你|您|他|她)们?的|比如)$"
)
_GOES_ON: Final = ("...", "…")
_MARKS: Final = re.compile(r"[\s.,!?;:，。！？、；：…-]+")


def part_that_is_said(value: str, language: str) -> str:
    """A value of free words without what dangles at its end; "" where nothing is left that could be one.

    Args:
        value: the caller's words, in any spelling; more than six words (twelve Chinese characters) stay as they are.
    """
    return _chinese(value) if language.startswith("zh") else _english(value)


def is_cut_off(text: str, language: str) -> bool:
    """Whether the words end where hardly anybody stops: after an article, a preposition, "and"."""
    words = _MARKS.sub(" ", text.lower()).split()
    if not words or text.rstrip().endswith(_GOES_ON):
        return bool(words)
    if language.startswith("zh"):
        return bool(_CUT_ZH.search("".join(words)))
    return words[-1] in _CUT_EN or (words[-1] in _CUT_BEFORE_EN and not _is_whole_question(words))


def _is_whole_question(words: list[str]) -> bool:
    """ "Who am I talking to" ends with its preposition; a single letter after a name is one: "gate A"."""
    if words[-1] == "a":
        return len(words) > 1 and words[-2] not in _BEFORE_VALUES
    return bool(_QUESTION_EN.search(" ".join(words)))


def _english(value: str) -> str:
    words = value.split()
    if len(words) > _MOST_WORDS:
        return value
    plain = [_MARKS.sub("", word).lower() for word in words]
    if not any(word and word not in _BEFORE_VALUES for word in plain):
        return ""
    size = len(words)
    while _dangles(plain[:size]):
        size -= 1
    if size == len(words):
        return value
    return "" if plain[size] == "of" else " ".join(words[:size]).rstrip(",;-")


def _dangles(plain: list[str]) -> bool:
    last, before = plain[-1], plain[-2] if len(plain) > 1 else ""
    if last in _LETTERS:
        return before in _DANGLING
    if last in _PREPOSITIONS:
        return before not in _OWN_PLACE
    return last in _DANGLING or not last


def _chinese(value: str) -> str:
    said = _MARKS.sub("", value)
    if len(said) > _MOST_SIGNS:
        return value
    if not said or _NOTHING_ZH.fullmatch(said) or _ASKED_ZH.search(said):
        return ""
    rest = _TAIL_ZH.sub("", value.rstrip("。.!?！？… "))
    return rest if _TAIL_ZH.search(value.rstrip("。.!?！？… ")) else value
