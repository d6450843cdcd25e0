"""Pure: the English a step may hear, as a grammar: its phrases and how callers wrap them, digits, numbers, yes and no.

Other languages have no closed grammar here; their recognizers match phrases as they are.
"""

from collections.abc import Iterable
from functools import lru_cache

from asr.grammar import Grammar, Part, in_turn, maybe, one_of, repeated, word
from asr.tokens import plain
from ivr.model.meaning import Expect


def _list(written: str) -> tuple[str, ...]:
    """Phrases parted by slashes."""
    return tuple(" ".join(phrase.split()) for phrase in written.split("/"))


_DIGITS = {
    "zero": ("zero", "0", "oh", "o", "nought"),
    "one": ("one", "1", "won"),
    "two": ("two", "2", "to", "too"),
    "three": ("three", "3"),
    "four": ("four", "4", "for", "fore"),
    "five": ("five", "5"),
    "six": ("six", "6"),
    "seven": ("seven", "7"),
    "eight": ("eight", "8", "ate"),
    "nine": ("nine", "9"),
}
"""How recognizers spell a digit; where digits are asked for, "for" can only be four."""

_LETTER_O = ("oh", "o")
"""Zero among digits, but no number by itself: "oh" is more likely a four heard badly."""

_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SAME = {"ok": "okay", "yeah": "yea", "yep": "yup", "mister": "mr", "doctor": "dr", "street": "st", "saint": "st"}

_YES_WORDS = ("yes", "yeah", "yep", "yes yes")
"""Without "mm-hmm": hum and short words sound like it, and a hum must not sign a contract."""

_NO_WORDS = ("no", "nope", "nah", "no no")
_YES = _list(
    """
    sure / okay / correct / right / that's right / that's correct / that's it / that is right / that is correct /
    it is / i do / i did / i am / i have / i will / i would / of course / absolutely / exactly / definitely /
    certainly / all right / go ahead / perfect / sounds good / that's fine / i'm sure / i think so / please do
    """
)
_NO = _list(
    """
    not really / wrong / that's wrong / that is wrong / incorrect / that's incorrect / that's
    not right / that is not right / that's not correct / that is not correct / that's not it / it isn't / it's not
    / it is not / i don't / i do not / i didn't / i did not / i'm not / i am not / i haven't / i won't / i
    wouldn't / not yet / not now / never / of course not / absolutely not / definitely not / negative / i don't
    think so / not at all
    """
)

FILLERS = ("um", "uh", "er", "well", "so", "okay", "hi", "hello", "oh")
_LEADS = _list(
    """
    i'd like / i would like / i want / i need / i'll take / i'll have / give me / can i have / can i get / i'd
    like to have / i would like to have / it's / it is / that's / that is / that would be / it was / it's for / i
    think / i think it's / i'd say / i would say / i'll say / i'd give it / i would give it / i give it / make it
    / let's do / let's say / i'll go with / i choose / option / number / press / maybe / probably / about / yes /
    yeah / for / to / in / on / at / just
    """
)
_ARTICLES = ("the", "a", "an", "my", "some", "to", "option", "number")
_THANKS = ("please", "thanks", "thank you", "for me", "option", "one")
_DIGIT_LEADS = _list(
    """
    it's / it is / that's / that is / that would be / my number is / the number is / number / my pin is / the pin
    is / the code is / my code is / my account number is / the account number is / account number / my card number
    is / the last four digits are / the last four are / my zip code is / zip code / my phone number is / the order
    number is / my order number is / order number / and it's / and / that's number
    """
)


YES_TEXTS = (*_YES_WORDS, *_YES)
NO_TEXTS = (*_NO_WORDS, *_NO)


def answer_grammar(expect: Expect) -> Grammar | None:
    """What this step may hear, None where callers speak freely."""
    if expect.language.split("-")[0] != "en":
        return None
    phrases = closed_phrases(expect)
    if expect.kind == "choice" and not phrases:
        return None
    if expect.kind not in ("choice", "yes_no", "digits", "number"):
        return None
    return _grammar(expect.kind, phrases)


def expected_grammar(expect: Expect) -> Grammar | None:
    """Of `answer_grammar` only what the step asks for, without commands and requests; None if that is all."""
    whole = answer_grammar(expect)
    spelled = [way for slot in expect.slots for value, ways in slot.values.items() for way in (*ways, value)]
    asked = tuple(dict.fromkeys(spelled))
    if whole is None or (expect.kind == "choice" and not asked):
        return None
    core = _grammar(expect.kind, () if expect.kind == "yes_no" else asked)
    return None if core is whole else core


def answer_text(expect: Expect, text: str) -> str:
    """A plain text as the step's grammar writes it ("double four" as "four four"), itself where it does not fit."""
    grammar = answer_grammar(expect)
    return (grammar.read(plain(text)) if grammar else None) or text


def closed_phrases(expect: Expect) -> tuple[str, ...]:
    """The step's phrases; where a choice has none, the values of its lists."""
    if expect.phrases or expect.kind != "choice":
        return tuple(expect.phrases)
    return tuple(_list_phrases(expect))


def likely_phrases(expect: Expect) -> tuple[str, ...]:
    """Names and phrases an open answer may hold, plain: what a recognizer may lean towards."""
    found = dict.fromkeys(plain(phrase) for phrase in (*expect.phrases, *_list_phrases(expect)))
    return tuple(phrase for phrase in found if len(phrase) > 2)


def is_enough(expect: Expect, text: str) -> bool:
    """True if a text of the grammar is a whole answer: for digits, as many as the step takes."""
    if expect.kind != "digits":
        return True
    count = sum(1 for spoken in text.split() if spoken in _DIGITS)
    least, most = digit_count(expect)
    return least <= count <= most


def digit_count(expect: Expect) -> tuple[int, int]:
    """Fewest and most digits this step takes: from its digits slot, else from its keys."""
    for slot in expect.slots:
        if slot.kind in ("digits", "phone") and slot.length:
            return slot.length
    if expect.keys.most > 1:
        return expect.keys.least, expect.keys.most
    return 1, 32


def _list_phrases(expect: Expect) -> Iterable[str]:
    for slot in expect.slots:
        for value, ways in slot.values.items():
            yield value
            yield from ways


@lru_cache(maxsize=512)
def _grammar(kind: str, phrases: tuple[str, ...]) -> Grammar:
    """Built once per set of phrases and shared by all calls."""
    extra = tuple(phrase for phrase in map(phrase_part, phrases) if phrase)
    if kind == "digits":
        return Grammar(one_of((digits_part(), *extra)))
    if kind == "number":
        return Grammar(one_of((_wrapped(one_of((number_part(), *extra))), *extra)))
    if kind == "yes_no":
        return Grammar(_wrapped(one_of((_yes_or_no(), *extra)), leads=False))
    return Grammar(_wrapped(one_of(extra)))


def _wrapped(core: Part, *, leads: bool = True) -> Part:
    before = [maybe(word(FILLERS, ""))]
    if leads:
        before += [maybe(one_of(phrase_parts(_LEADS))), maybe(one_of(phrase_parts(_ARTICLES)))]
    return in_turn(*before, core, maybe(one_of(phrase_parts(_THANKS))))


def _yes_or_no() -> Part:
    """A yes or a no, a sentence that means one, or both: "yes", "that's right", "yes that's right"."""
    yes, no = one_of(phrase_parts(_YES_WORDS)), one_of(phrase_parts(_NO_WORDS))
    longer = (in_turn(yes, one_of(phrase_parts(_YES))), in_turn(no, one_of(phrase_parts(_NO))))
    return one_of((yes, no, *longer, *phrase_parts(_YES), *phrase_parts(_NO)))


def phrase_parts(texts: Iterable[str]) -> list[Part]:
    return [part for part in map(phrase_part, texts) if part]


def phrase_part(text: str) -> Part | None:
    words = plain(text).split()
    return in_turn(*(word(_spellings(spoken), spoken) for spoken in words)) if words else None


def _spellings(spoken: str) -> tuple[str, ...]:
    """Other ways a recognizer writes a word: figures for small numbers and back, short forms."""
    found = [spoken]
    for name, ways in _DIGITS.items():
        if spoken == name or (spoken.isdigit() and spoken in ways):
            found += [name, ways[1]]
    if spoken in _TENS:
        found.append(str(20 + 10 * _TENS.index(spoken)))
    if spoken in _TEENS:
        found.append(str(10 + _TEENS.index(spoken)))
    if spoken.isdigit() and 10 <= int(spoken) <= 19:
        found.append(_TEENS[int(spoken) - 10])
    found += [short for long, short in _SAME.items() if long == spoken]
    found += [long for long, short in _SAME.items() if short == spoken]
    return tuple(dict.fromkeys(found))


def _digit(times: int = 1) -> Part:
    return one_of(word(ways, " ".join([name] * times)) for name, ways in _DIGITS.items())


def digits_part() -> Part:
    """Digits one by one with oh, double and triple; "double four" is written "four four"."""
    several = one_of((in_turn(word(("double",), ""), _digit(2)), in_turn(word(("triple",), ""), _digit(3))))
    spoken = repeated(one_of((_digit(), several)))
    before = (maybe(word(FILLERS, "")), maybe(one_of(phrase_parts(_DIGIT_LEADS))))
    return in_turn(*before, spoken, maybe(one_of(phrase_parts(("please", "thanks", "thank you")))))


def number_part() -> Part:
    """Whole numbers from 0 to 999, and "eight out of ten"."""
    unit = one_of(word(tuple(way for way in ways if way not in _LETTER_O), name) for name, ways in _DIGITS.items())
    teen = one_of(word((name, str(10 + at)), name) for at, name in enumerate(_TEENS))
    ten = one_of(word((name,), name) for name in _TENS)
    tens = one_of((in_turn(ten, maybe(_units_after_ten())), _figures()))
    small = one_of((unit, teen, tens))
    hundred = in_turn(one_of((unit, phrase_parts(("a",))[0])), word(("hundred",), "hundred"))
    rest = in_turn(maybe(word(("and",), "and")), small)
    any_number = one_of((small, in_turn(hundred, maybe(rest))))
    return in_turn(
        any_number, maybe(one_of(phrase_parts(("out of ten", "out of five", "points", "stars", "point", "star"))))
    )


def _units_after_ten() -> Part:
    return one_of(word((name,), name) for name in list(_DIGITS)[1:])


def _figures() -> Part:
    """Numbers from 20 to 999 written in figures are kept as figures."""
    return one_of(word((str(value),), str(value)) for value in range(20, 1000))
