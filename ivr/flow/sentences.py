"""Pure: what the engine says of itself, in each language. A flow may put its own under `sentences:`.

From domain.md 2.9.3-2.9.5 and 4.0. `{places}` are filled by the engine, not by the flow.
"""

from collections.abc import Mapping

from ivr.flow.waiting_sentences import WAITING

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        **WAITING["en"],
        "sorry": "Sorry?",
        "go_on": "Go on, please.",
        "trouble": "I'm sorry, something went wrong on my side.",
        "need": "Of course. In a word, what is it about? I'll get the right person.",
        "hold_on": "Sure, take your time.",
        "still_there": "Are you still there?",
        "silent_line": "I can't hear you, so I'll hang up now. Please call again. Goodbye.",
        "goodbye": "Thank you for calling. Goodbye.",
        "no_way_on": "I'm sorry, I can't help you any further on this line. Please call again later. Goodbye.",
        "help": "You can answer in your own words. Say 'repeat', 'go back', or 'agent' at any time.",
        "at_start": "We are at the beginning.",
        "upset_sorry": "I'm sorry about the trouble.",
        "upset_invite": "If you would rather talk to a person, just say 'agent'.",
        "upset_offer": "Shall I get you a person?",
        "upset_route": "I'm sorry. I'll get you a person right away.",
        "explicit": "Did you mean: {what}? Yes or no?",
        "explicit_keys": "Did you mean: {what}? Say yes or press one, say no or press two.",
        "explicit_value": "I heard {what}. Is that right?",
        "implicit": "{what}.",
        "choose": "Did you mean {what}?",
        "or": " or ",
        "comma": ", ",
    },
    "zh": {
        **WAITING["zh"],
        "sorry": "不好意思?",
        "go_on": "您接着说。",
        "trouble": "抱歉,我这边出了点问题。",
        "need": "好的。请简单说一下是什么事,我帮您找对的人。",
        "hold_on": "好的,您慢慢来。",
        "still_there": "您还在吗?",
        "silent_line": "我听不到您的声音,先挂断了,欢迎您再次来电。再见。",
        "goodbye": "感谢您的来电,再见。",
        "no_way_on": "很抱歉,这条线路暂时无法继续为您服务,请稍后再拨。再见。",
        "help": "您可以直接说您的需要。随时可以说“再说一遍”、“返回”或“人工”。",
        "at_start": "我们就在最开始。",
        "upset_sorry": "很抱歉给您添麻烦了。",
        "upset_invite": "如果您想找人工,请说“人工”。",
        "upset_offer": "要为您转人工吗?",
        "upset_route": "非常抱歉,马上为您转人工。",
        "explicit": "您是说:{what},对吗?",
        "explicit_keys": "您是说:{what},对吗?对请说“是”或按1,不对请说“不是”或按2。",
        "explicit_value": "我听到的是{what},对吗?",
        "implicit": "{what}。",
        "choose": "您是说{what}?",
        "or": "还是",
        "comma": "、",
    },
}

CONTROLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "yes": (
            "yes", "yeah", "yep", "yup", "yes please", "correct", "that's right", "right", "sure", "go ahead",
            "please do", "exactly", "of course", "ok", "okay", "yes that's right",
        ),
        "no": (
            "no", "nope", "not that", "that's wrong", "wrong", "incorrect", "don't", "no thanks", "no thank you",
            "never mind that", "wrong one", "I said no", "negative", "neither",
        ),
        "agent": (
            "agent", "representative", "operator", "human", "a person", "talk to a person", "real person please",
            "customer service", "transfer me", "I want to speak to someone", "get me a manager", "not a robot",
        ),
        "repeat": (
            "repeat", "repeat that", "say that again", "pardon", "what was that", "come again", "I missed that",
            "once more", "again please", "sorry", "didn't catch that",
        ),
        "help": ("help", "help me", "what can I say", "what can you do", "what are my options"),
        "back": ("go back", "back", "previous", "one step back"),
        "start_over": ("start over", "main menu", "start again", "from the beginning"),
        "goodbye": (
            "bye", "goodbye", "that's all", "nothing else", "I'm done", "thanks bye", "no that's it", "all set",
            "that'll be all", "have a good day", "hang up",
        ),
        "hold_on": (
            "hold on", "one second", "wait", "give me a minute", "just a moment", "let me check", "hang on",
            "let me find it", "bear with me", "one moment please",
        ),
        "dont_know": (
            "I don't know", "not sure", "no idea", "can't remember", "I forgot", "I'm not certain", "hard to say",
            "I can't recall",
        ),
        "louder": ("louder", "louder please", "speak up"),
        "slower": ("slower", "slower please", "speak slowly"),
    },
    "zh": {
        "yes": (
            "是", "是的", "对", "对的", "没错", "好的", "好", "可以", "行", "嗯对", "就是这样", "办吧", "确认",
            "发一下吧",
        ),
        "no": (
            "不是", "不对", "不", "没有", "错了", "不用", "不要", "不行", "先别", "不是这个", "搞错了", "否", "不用了",
        ),
        "agent": (
            "人工", "转人工", "人工客服", "我要找人工", "接客服", "找个真人", "不要机器人", "转坐席", "我要跟人说话",
            "叫你们经理", "客服代表",
        ),
        "repeat": (
            "再说一遍", "重复一下", "没听清", "什么", "您说什么", "再来一遍", "刚才说啥", "没听明白", "重说", "请重复",
        ),
        "help": ("帮助", "帮帮我", "我能说什么", "你能做什么"),
        "back": ("返回", "上一步", "回到上一步", "退回去"),
        "start_over": ("重新开始", "从头开始", "主菜单", "回到主菜单"),
        "goodbye": (
            "再见", "没有了", "没别的了", "就这样", "谢谢再见", "不用了谢谢", "没事了", "拜拜", "先这样吧", "挂了吧",
        ),
        "hold_on": (
            "等一下", "稍等", "等会儿", "我找一下", "我看看", "等我拿一下", "先别挂", "别急", "我查一查",
        ),
        "dont_know": ("不知道", "不清楚", "不记得了", "忘了", "不确定", "说不好", "想不起来", "没印象", "不太清楚"),
        "louder": ("大声点", "大点声", "声音大一点"),
        "slower": ("慢一点", "说慢点", "慢点说"),
    },
}  # fmt: skip
"""The commonest ways to say the universal commands (domain.md 4.0): recognition grammars and the plain
understanding are built from them; the real understanding knows many more."""


def sentence(name: str, language: str, own: Mapping[str, Mapping[str, tuple[str, ...]]]) -> str:
    """One of `SENTENCES`, or what the flow says instead; English where a language has none of its own."""
    texts = own.get(name, {})
    text = texts.get(language) or texts.get("")
    if text:
        return text[0]
    return SENTENCES.get(language, SENTENCES["en"])[name]


def control_phrases(language: str) -> Mapping[str, tuple[str, ...]]:
    """The ways to say the universal commands, by their name."""
    return CONTROLS.get(language, CONTROLS["en"])
