"""Pure: recognized text made ready for matching: one case, no punctuation, no fillers, figures as words."""

import re
import unicodedata

LONGEST = 600
"""Characters read of one utterance: 60 s of fast speech. More is noise."""

_ARTEFACT = re.compile(r"\[[^\]]{0,40}\]|<[^>]{0,40}>|\((?:music|noise|laughs?|inaudible|silence|applause)\)|♪+", re.I)
_FILLER_EN = re.compile(r"\b(?:u+m+|u+h+|e+rm*|a+h+|hm+|mm+|uhm+|huh|you know|i guess like)\b")
_FILLER_ZH = re.compile(r"[嗯呃额唔]+|(?:^|(?<=[,。，]))(?:那个|这个|就是说|怎么说呢)(?=.)")
_PARTICLE_ZH = re.compile(r"(?<=.)[啊呀呢哈哦噢嘛啦哎]+(?=$|\s)")
_NOT_WORD = re.compile(r"[^\w\s'$£€%]|_")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SPACE_BY_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])")
_BARE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_SAID_TWICE = frozenset({"no", "yes", "yeah", "oh", "o", "so", "ha", *_ONES})
_FIGURE = re.compile(r"\d")
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def is_chinese(language: str) -> bool:
    return language.lower().startswith(("zh", "cmn", "yue"))


def tidy(text: str) -> str:
    """Lower case, one form of every character, no recognizer artefacts; punctuation is kept for the grammars."""
    flat = unicodedata.normalize("NFKC", text[: LONGEST * 4]).lower().replace("’", "'").replace("`", "'")
    return " ".join(_ARTEFACT.sub(" ", flat)[:LONGEST].split())


def clean(text: str, language: str, *, repeats: bool = False) -> str:
    """`tidy`, without punctuation and fillers. Empty if nothing but those was said.

    A word said twice in a row counts once, unless `repeats`: "a medium, medium roast coffee".

    Chinese loses its spaces between characters, since recognizers put them where they like.
    """
    flat = tidy(text)
    if is_chinese(language):
        flat = _FILLER_ZH.sub("", _SPACE_BY_HAN.sub("", flat))
        flat = _PARTICLE_ZH.sub("", _NOT_WORD.sub(" ", flat).strip())
        return " ".join(_SPACE_BY_HAN.sub("", flat).split())
    flat = _BARE_APOSTROPHE.sub(" ", _NOT_WORD.sub(" ", _FILLER_EN.sub(" ", flat)))
    words = flat.split()
    return " ".join(words if repeats else _unstuttered(words))


_COURTESY_EN = re.compile(
    r"^(?:(?:yes|yeah|no|hi|hello|hey|ok|okay|well|so|please|"
    r"good morning|good afternoon|good evening|oh)\s+)+(?=\S+ \S)|"
    r"(?:\s+(?:please|thanks|thank you|thank you very much))+$"
)
_COURTESY_ZH = re.compile(
    "^(?:你好|您好|喂|是的|好的|那个|麻烦你|麻烦您|请问一下|请问)+(?=..)|(?<=..)(?:谢谢|谢谢你|麻烦了|好吗)+$"
)


def without_courtesy(said: str, language: str) -> str:
    """Cleaned text without greetings before and thanks after what is meant."""
    return (_COURTESY_ZH if is_chinese(language) else _COURTESY_EN).sub("", said).strip()


def bare(text: str, language: str) -> str:
    """`tidy` without punctuation, fillers kept: what a listener's "mm-hmm" is looked up by."""
    flat = _NOT_WORD.sub(" ", tidy(text))
    return _SPACE_BY_HAN.sub("", flat).strip() if is_chinese(language) else " ".join(flat.split())


def _unstuttered(words: list[str]) -> list[str]:
    """ "the the nest" is "the nest"; repeated digits and "no no" stay."""
    return [
        word
        for at, word in enumerate(words)
        if not at or word != words[at - 1] or word in _SAID_TWICE or word.isdigit()
    ]


def spelled(text: str, language: str) -> str:
    """Cleaned text with figures as words, as a recognizer would write them, so that "4" and "four" are one feature."""
    if not _FIGURE.search(text):
        return text
    if is_chinese(language):
        return re.sub(r"\d", lambda digit: "零一二三四五六七八九"[int(digit[0])], text)
    return " ".join(re.sub(r"\d+", lambda figure: f" {_figure(figure[0])} ", text).split())


def _figure(figure: str) -> str:
    number = int(figure)
    if len(figure) <= 2 and not figure.startswith("0") and number < 20:
        return _ONES[number]
    if len(figure) == 2 and not figure.startswith("0"):
        return _TENS[number // 10] + ("" if number % 10 == 0 else " " + _ONES[number % 10])
    return " ".join(_ONES[int(digit)] for digit in figure)


def pieces(text: str, language: str) -> list[str]:
    """Words of cleaned text; Chinese characters count one by one, Latin words and figures inside stay whole."""
    if not _HAN.search(text):
        return text.split()
    return re.findall(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+", text)


def joined(parts: list[str], language: str) -> str:
    return _SPACE_BY_HAN.sub("", " ".join(parts)) if is_chinese(language) else " ".join(parts)
