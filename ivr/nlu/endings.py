"""Pure: whether words stop in the middle: "I want to", "my", "and um", 我想, 然后."""

import re

from ivr.nlu.cleanup import bare, is_chinese

_OPEN_EN = (
    " to the a an my your our their his her its and or but um uh uhm er erm of for at in on with from about near by is "
    "are was i i'm im i've we he she they because so if when that which who like very it's into than then "
    "between around until plus next this double triple treble want need would could can will have has had "
    "number "
)
_OPEN_ZH = re.compile(
    "(?:和|跟|然后|还有|因为|所以|但是|如果|而且|或者|在|从|到|把|给|离|是在|我想|我要|我的|那个|就是|嗯|呃|额|想要|比如|还|帮我|请|以及|号码是|就是说)$"
)


def ends_open(text: str, language: str) -> bool:
    """Whether more is likely to come, from the last words as recognized, fillers included."""
    said = bare(text, language)
    if not said:
        return False
    if is_chinese(language):
        return bool(_OPEN_ZH.search(said))
    return f" {said.split()[-1]} " in _OPEN_EN or text.rstrip().endswith(("...", "…", ",", "-"))
