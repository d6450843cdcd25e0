"""Pure: what a caller may want while they wait for a person, and how they say it or key it."""

from collections.abc import Mapping

from ivr.flow.progress import Answer
from ivr.model.meaning import Expect, KeyRule, SlotRule

WISH = "wish"
SURE = 0.8
"""Confidence of a wish that is carried out (domain.md 2.9.3 accept): somebody who waits also talks to others in the
room, and a place in line is not lost for what only sounds like "go back"."""

SHARE = 0.4
"""Of what was said, so much must be the wish itself, for the same reason: "I'll call you back later, I'm on hold" was
not said to us."""

SPOKEN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "back": (
            "go back", "back to the bot", "back to the menu", "back to the assistant", "take me back",
            "never mind", "forget it", "cancel", "i don't want to wait", "stop waiting", "leave the queue",
            "leave the line", "main menu", "start over", "go back please",
        ),
        "callback": (
            "call me back", "callback", "call back", "please call me back", "can you call me back",
            "give me a call back", "i want a callback", "call me later", "ring me back", "call me when it's my turn",
            "phone me back",
        ),
        "quiet": (
            "silence", "no music", "stop the music", "turn off the music", "music off", "quiet please",
            "silence please", "turn the music off",
        ),
        "music": ("music please", "music on", "turn on the music", "play music", "turn the music on"),
        "how_long": (
            "how long", "how much longer", "how many people are in front of me",
            "how long do i have to wait", "how long is the wait", "what's my position",
            "where am i in line", "how many people are ahead of me", "what number am i", "how many are before me",
            "is anybody there", "are you still there",
        ),
    },
    "zh": {
        "back": (
            "不等了", "我不等了", "不想等了", "算了", "算了不等了", "取消", "返回菜单",
            "回到菜单", "回到机器人", "主菜单", "重新开始", "不排队了",
        ),
        "callback": (
            "回电", "给我回电", "回电话", "给我回电话", "打给我", "给我打回来", "你们打给我", "回拨",
            "给我回拨", "请给我回电", "稍后打给我", "轮到我再打给我", "打回来",
        ),
        "quiet": ("安静", "静音", "不要音乐", "关掉音乐", "别放音乐", "不听音乐", "关音乐", "把音乐关了", "把音乐关掉"),
        "music": ("放音乐", "打开音乐", "听音乐", "把音乐打开"),
        "how_long": (
            "还要多久", "还要等多久", "要等多久", "多长时间", "还有多久", "排到第几了", "我排第几",
            "前面还有几个人", "还有几位", "前面还有多少人", "前面有多少人", "还有人吗",
        ),
    },
}  # fmt: skip
"""A list like any other of a step: the flow's own understanding finds a value in it though it is not heard exactly."""

KEYS: Mapping[str, str] = {"9": "back", "*": "music_switch", "0": "how_long"}
OFFERED = {"1": "callback"}
"""Only once it was offered."""

_BY_CONTROL: Mapping[str, str] = {
    "back": "back", "start_over": "back", "repeat": "how_long", "agent": "how_long", "help": "options",
}  # fmt: skip

NUMBER = SlotRule("number", "phone", (7, 15))
"""ITU-T E.164: at most 15 digits; local numbers have seven or more in most plans."""

YES_NO_KEYS = {"1": "yes", "2": "no", "*": "stay"}
ASKED_SECONDS = 6.0


def while_waiting(flow: str, language: str, *, offered: bool) -> Expect:
    """Nothing is asked, so no silence is too long; but these things are understood."""
    ways = SPOKEN.get(language, SPOKEN["en"])
    phrases = tuple(phrase for said in ways.values() for phrase in said)
    keys = KeyRule(choices={**KEYS, **(OFFERED if offered else {})})
    rule = SlotRule(WISH, "choice", values=ways)
    return Expect("waiting", flow, "choice", language, phrases=phrases, slots=(rule,), keys=keys)


def confirming(flow: str, language: str) -> Expect:
    keys = KeyRule(choices=YES_NO_KEYS)
    return Expect(
        "waiting.confirm", flow, "yes_no", language, slots=(NUMBER,), keys=keys, no_input_seconds=ASKED_SECONDS
    )


def numbering(flow: str, language: str) -> Expect:
    keys = KeyRule(7, 15, choices={"*": "stay"})
    return Expect(
        "waiting.number", flow, "digits", language, slots=(NUMBER,), keys=keys, no_input_seconds=ASKED_SECONDS
    )


def with_agent(flow: str, language: str) -> Expect:
    """The caller talks with a person: their words are only written down."""
    return Expect("with_agent", flow, "free", language)


def wish_of(answer: Answer, *, offered: bool) -> str:
    """back, callback, quiet, music, music_switch, how_long, options; empty: it was not meant for us."""
    if answer.digits:
        return {**KEYS, **(OFFERED if offered else {})}.get(answer.digits, "")
    said = answer.meaning.slot(WISH)
    if said is not None:
        ours = said.confidence >= SURE and _length(said.said) >= SHARE * _length(answer.meaning.text)
        return said.value if ours else ""
    sure = answer.meaning.control_confidence >= SURE
    return _BY_CONTROL.get(answer.meaning.control, "") if sure else ""


def _length(text: str) -> int:
    return sum(character.isalnum() for character in text)
