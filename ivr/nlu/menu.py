"""Pure: choosing from a menu by number or by order: "press two", "option three", "the last one", 第二个, 按一."""

import re
from dataclasses import dataclass

from ivr.nlu.cleanup import is_chinese
from ivr.nlu.numbers_zh import whole
from ivr.nlu.words_en import ORDINALS, UNITS

_KEY_EN = re.compile(
    r"^(?:i'll\s+)?(?:press|option|number|key|choice|choose|take|button)?\s*(?:the\s+)?(?:number\s+)?(\w+)$"
)
_ORDER_EN = re.compile(r"\b(?:the\s+)?(\w+)(?:\s+(?:one|option|choice|thing|item))?$")
_ENDS_EN = {"last": -1, "former": 1, "latter": -1, "first": 1}
_KEY_ZH = re.compile("^(?:按|选|选项|数字|我选|我要|要)?([零一二三四五六七八九])(?:号|键|吧)?$")
_ORDER_ZH = re.compile(
    "第([一二三四五六七八九])(?:个|项|种|条)?|(最后)一?(?:个|项)|(前)面?(?:一个|那个)|(后)面?(?:一个|那个)"
)


@dataclass(frozen=True, slots=True)
class MenuPlace:
    number: int
    """A key, or a place in the list from 1; negative counts from the end."""

    by_order: bool


def menu_place(said: str, language: str) -> MenuPlace | None:
    """The key or place named, or None.

    Args:
        said: cleaned text with figures as words.
    """
    if is_chinese(language):
        return _chinese(said)
    key = _KEY_EN.search(said)
    if key and key[1] in UNITS:
        return MenuPlace(UNITS[key[1]], by_order=False)
    order = _ORDER_EN.search(said)
    if not order:
        return None
    place = _ENDS_EN.get(order[1]) or ORDINALS.get(order[1])
    return MenuPlace(place, by_order=True) if place else None


def _chinese(said: str) -> MenuPlace | None:
    key = _KEY_ZH.search(said)
    if key:
        return MenuPlace(whole(key[1]), by_order=False)
    order = _ORDER_ZH.search(said)
    if not order:
        return None
    return MenuPlace(whole(order[1]) if order[1] else 1 if order[3] else -1, by_order=True)
