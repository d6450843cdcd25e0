"""Pure: what words so far are worth to a step: do they answer it, do they end as if more would come?"""

import re
from typing import Final

from asr.turns import Verdict
from ivr.model.meaning import Expect, Meaning, Recognition
from ivr.model.unfinished import is_cut_off

OPEN_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        "a an the my your our their his her to of for from with at in on by into about and or but so because if that "
        "which is are was were am be will would can could i we they it's i'm i've i'd i'll um uh uhm er erm well like "
        "mr mrs number between until than near about around does do did have has had want need next last double triple "
        "treble plus very what's where's who's how's there's",
    )
)
"""English words a sentence hardly ends with: articles, prepositions, conjunctions, auxiliaries, fillers. Those that a
whole request may end with ("the one that I need") cost it half a second only where its meaning is not clear anyway."""

LIKELY: Final = 0.6
"""From this confidence on a flow acts on a guess, if only by asking back; below it more words are needed."""

WHOLE_ANSWERS: Final = ("that is", "it is", "i am", "i will", "i can", "i could", "i would", "we are", "they are")
"""Answers by themselves, although they end like an open sentence."""

OPEN_ENDINGS_ZH: Final = tuple(
    re.findall(
        r"\S+",
        "的话 然后 因为 但是 所以 还有 或者 而且 以及 比如 如果 就是 那个 这个 我想 我要 想要 请问 帮我 号码 尾号 的 "
        "和 跟 在 离 到 从 是 把 给 嗯 呃",
    )
)
"""Chinese endings of the same kind."""

WHOLE_ANSWERS_ZH: Final = ("是的", "好的", "对的", "可以的", "行的", "没有的", "不是的", "不是", "都是")

DIGIT_WORDS: Final = frozenset(re.findall(r"\S+", "zero oh o one two three four five six seven eight nine"))
DIGIT_SIGNS: Final = frozenset("0123456789零〇幺一二两三四五六七八九洞")
REPEATS: Final = {"double": 1, "triple": 2}
"""Digits that "double five" has more than "five"."""


def judge(number: int, recognition: Recognition, meaning: Meaning, expect: Expect, seconds: float = 0.0) -> Verdict:
    """What a reading that took so many seconds is worth to turn taking."""
    text = (meaning.text or recognition.text).lower().strip(" .,!?。，！？")
    cut_off = is_cut_off(text, expect.language)
    likely = any(guess.confidence >= LIKELY for guess in meaning.guesses)
    return Verdict(
        number,
        answers=bool(text) and (meaning.complete or (recognition.fits and fits_whole(text, expect))),
        ends_open=(cut_off or ends_open(text, expect.language)) and not meaning.complete,
        is_cut_off=cut_off and not meaning.complete,
        seconds=seconds,
        is_unclear=bool(text) and not (likely or meaning.slots or meaning.control or recognition.fits),
    )


def ends_open(text: str, language: str) -> bool:
    """The lower-case text ends as if more would come."""
    if language.startswith("zh"):
        return text != "是" and text.endswith(OPEN_ENDINGS_ZH) and not text.endswith(WHOLE_ANSWERS_ZH)
    words = text.replace(",", " ").split()
    return bool(words) and words[-1] in OPEN_WORDS and not text.endswith(WHOLE_ANSWERS)


def fits_whole(text: str, expect: Expect) -> bool:
    """Words out of the step's grammar are all of an answer: not the first words of a longer phrase, enough digits."""
    if expect.kind in ("yes_no", "choice"):
        return not any(phrase.lower().startswith(text + " ") for phrase in expect.phrases)
    wanted = digits_wanted(expect)
    return expect.kind == "digits" and 0 < wanted <= count_digits(text)


def digits_wanted(expect: Expect) -> int:
    """Most digits the step takes: from its digits slot, else from its keys; 0 if neither says."""
    for slot in expect.slots:
        if slot.kind in ("digits", "phone") and slot.length:
            return slot.length[1]
    return expect.keys.most if expect.keys.most > 1 else 0


def count_digits(text: str) -> int:
    """Digits spoken in `text`, in figures or in words."""
    more, count = 0, 0
    for word in text.replace("-", " ").split():
        if word in REPEATS:
            more = REPEATS[word]
            continue
        found = 1 if word in DIGIT_WORDS else sum(sign in DIGIT_SIGNS for sign in word)
        count += found + (more if found else 0)
        more = 0
    return count
