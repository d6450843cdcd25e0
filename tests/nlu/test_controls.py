"""The universal commands: every phrase of domain.md 4.0, patterns, near misses, and what must never be one."""

import pytest

from ivr.nlu.controls import ControlMatcher
from ivr.nlu.yes_no import after_no, leading_answer, opens_with_answer

SHARED_EN = {
    "agent": "agent · representative · talk to a person · real person please · operator · human · customer service · "
    "transfer me · I want to speak to someone · get me a manager · not a robot · zero",
    "yes": "yes · yeah · yep · correct · that's right · sure · go ahead · please do · exactly · of course · "
    "mm-hmm yes · one",
    "no": "no · nope · not that · that's wrong · incorrect · don't · no thanks · never mind that · wrong one · "
    "I said no · negative · two",
    "repeat": "repeat · say that again · pardon · what was that · come again · I missed that · once more · "
    "again please · sorry? · didn't catch that",
    "slower": "slower please",
    "hold_on": "hold on · one second · wait · give me a minute · just a moment · let me check · hang on · "
    "let me find it · bear with me · one moment please",
    "goodbye": "bye · that's all · nothing else · I'm done · thanks bye · goodbye · no that's it · all set · "
    "that'll be all · have a good day",
    "dont_know": "I don't know · not sure · no idea · can't remember · I forgot · maybe · I'm not certain · "
    "hard to say · who knows · I can't recall",
}
SHARED_ZH = {
    "agent": "人工 · 转人工 · 人工客服 · 我要找人工 · 接客服 · 找个真人 · 不要机器人 · 转坐席 · 我要跟人说话 · "
    "叫你们经理 · 客服代表 · 按零转人工",
    "yes": "是 · 是的 · 对 · 对的 · 没错 · 好的 · 可以 · 行 · 嗯对 · 就是这样 · 办吧 · 确认",
    "no": "不是 · 不对 · 不 · 没有 · 错了 · 不用 · 不要 · 不行 · 先别 · 不是这个 · 搞错了 · 否",
    "repeat": "再说一遍 · 重复一下 · 没听清 · 什么 · 您说什么 · 再来一遍 · 刚才说啥 · 没听明白 · 重说 · 请重复",
    "slower": "慢一点",
    "hold_on": "等一下 · 稍等 · 等会儿 · 我找一下 · 我看看 · 等我拿一下 · 先别挂 · 一会儿 · 别急 · 我查一查",
    "goodbye": "再见 · 没有了 · 没别的了 · 就这样 · 谢谢再见 · 好了 · 不用了谢谢 · 没事了 · 拜拜 · 先这样吧",
    "dont_know": "不知道 · 不清楚 · 不记得了 · 忘了 · 不确定 · 说不好 · 好像吧 · 想不起来 · 没印象 · 不太清楚",
}
ROWS = [
    (language, control, phrase)
    for language, table in (("en", SHARED_EN), ("zh", SHARED_ZH))
    for control, phrases in table.items()
    for phrase in phrases.split(" · ")
]
ENGLISH, CHINESE = ControlMatcher("en", {}), ControlMatcher("zh", {})


def matcher(language: str) -> ControlMatcher:
    return CHINESE if language == "zh" else ENGLISH


@pytest.mark.parametrize(("language", "control", "phrase"), ROWS)
def test_every_shared_phrase_is_its_command(language: str, control: str, phrase: str) -> None:
    asked = phrase in ("one", "two", "mm-hmm yes")
    found = matcher(language).answer(phrase) if asked else matcher(language).find(phrase)
    assert found.control == control


@pytest.mark.parametrize(
    ("language", "said", "control"),
    [
        ("en", "I'd like to talk to a real person please", "agent"),
        ("en", "can I speak with someone about my card", "agent"),
        ("en", "representitive", "agent"),
        ("en", "could you repeat that please", "repeat"),
        ("en", "I want to go back", "back"),
        ("en", "back to the main menu", "start_over"),
        ("en", "can you speak up", "louder"),
        ("zh", "帮我找个人工", "agent"),
        ("zh", "我想返回上一步", "back"),
        ("zh", "返回主菜单", "start_over"),
        ("zh", "再说一便", "repeat"),
        ("zh", "大声一点", "louder"),
    ],
)
def test_commands_in_other_words(language: str, said: str, control: str) -> None:
    assert matcher(language).find(said).control == control


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "don't transfer me to an agent"),
        ("en", "someone stole my card"),
        ("en", "not satisfied"),
        ("en", "transfer money"),
        ("en", "I lost my agent card"),
        ("en", "what time do you open"),
        ("en", ""),
        ("zh", "不要转人工"),
        ("zh", "对不起我想问一下"),
        ("zh", "不满意"),
        ("zh", ""),
    ],
)
def test_what_is_no_command(language: str, said: str) -> None:
    assert matcher(language).find(said).control == ""


@pytest.mark.parametrize(
    ("language", "said", "control"),
    [
        ("en", "yes on saturday", "yes"), ("en", "no haidian", "no"), ("en", "that wasn't me", "no"),
        ("en", "it was not me", "no"), ("en", "I did not make that", "no"), ("en", "no that's right", "yes"),
        ("en", "I guess so", "yes"), ("en", "no I want to speak to a human", "agent"), ("en", "hold on", "hold_on"),
        ("en", "I don't think it was solved", "no"), ("en", "nothing else thanks", "no"), ("en", "uh-huh", "yes"),
        ("en", "yes no wait no", "no"), ("en", "no actually yes", "yes"), ("en", "not bad at all", "yes"),
        ("en", "well I'm not sure about it", "dont_know"), ("en", "the bank", ""), ("en", "it never came", "no"),
        ("en", "I was never there", "no"), ("zh", "不是我,我没刷过", "no"), ("zh", "是我本人", "yes"),
        ("zh", "是的,周六", "yes"), ("zh", "不,海淀", "no"), ("zh", "没问题", "yes"), ("zh", "是不是", ""),
        ("zh", "对不起我没听清", ""), ("zh", "我没操作", "no"), ("zh", "没有了", "no"), ("zh", "嗯", "yes"),
        ("zh", "好像是吧", "dont_know"), ("zh", "这笔我不清楚啊", "dont_know"), ("zh", "是没有", "no"),
        ("zh", "问题没解决", "no"), ("zh", "好的周六吧", "yes"),
    ],
)  # fmt: skip
def test_answers_to_a_yes_no_question(language: str, said: str, control: str) -> None:
    assert matcher(language).answer(said).control == control


def test_a_flow_adds_phrases_and_unknown_commands_are_passed_over() -> None:
    own = ControlMatcher("en", {"agent": ("desk seven", ""), "fly": ("take off",)})
    assert (own.find("desk seven").control, own.find("take off").control) == ("agent", "")


def test_listening_noises_are_backchannels() -> None:
    assert all(ENGLISH.is_backchannel(said) for said in ("Uh-huh.", "mm-hmm", "okay", "I see"))
    assert all(CHINESE.is_backchannel(said) for said in ("嗯。", "好", "哦"))
    assert not ENGLISH.is_backchannel("okay stop")
    assert not CHINESE.is_backchannel("好的转人工")


def test_an_unasked_answer_must_stand_first() -> None:
    assert opens_with_answer("yes on saturday", "en") == "yes"
    assert opens_with_answer("no idea", "en") == ""
    assert opens_with_answer("i have no card", "en") == ""
    assert opens_with_answer("yeah i don't know", "en") == ""
    assert opens_with_answer("不是海淀", "zh") == "no"


def test_a_correction_is_the_few_words_after_the_no() -> None:
    assert [after_no(said, "en") for said in ("no haidian", "no i said main street", "no i didn't do it", "maybe")] == [
        "haidian", "main street", "", "",
    ]  # fmt: skip
    assert [after_no(said, "zh") for said in ("不是海淀", "不对我说的是国贸", "不是我")] == ["海淀", "国贸", ""]
    assert after_no("no one two three four five six", "en") == ""


def test_a_hesitant_answer_is_read_from_its_middle() -> None:
    assert leading_answer("well that is to say correct", "en") == "yes"
    assert leading_answer("随便说说", "zh") == ""
