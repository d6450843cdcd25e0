"""How sentences sound: words, negation, boosters, both languages; and a small labelled set that keeps us honest."""

import pytest

from ivr.insight.sentiment import Cue, cues, sentiment

LABELLED: tuple[tuple[str, str], ...] = (
    ("I lost my card", "0"), ("what is my balance", "0"), ("the number is four four two one", "0"),
    ("find a branch near the station", "0"), ("yes", "0"), ("no", "0"), ("no that's all", "0"), ("on Saturday", "0"),
    ("can I speak to somebody", "0"), ("it is a washing machine", "0"), ("my name is Rose Love", "0"),
    ("thank you very much", "+"), ("great, that helps a lot", "+"), ("perfect", "+"), ("that was really helpful", "+"),
    ("you have been wonderful", "+"), ("not bad at all", "+"), ("oh lovely", "+"), ("I am very happy with it", "+"),
    ("that's good news thanks", "+"), ("it works now, brilliant", "+"), ("much appreciated", "+"),
    ("this is ridiculous", "-"), ("I'm not happy about this", "-"), ("this is the third time I am calling", "-"),
    ("I've been waiting for hours", "-"), ("your service is terrible", "-"), ("that is not good enough", "-"),
    ("you are useless", "-"), ("I am so angry", "-"), ("how many times do I have to say it", "-"),
    ("nobody helps me", "-"), ("I want to make a complaint", "-"), ("this is unacceptable", "-"),
    ("I'm fed up with you people", "-"), ("oh great, it broke again", "-"), ("you keep sending me in circles", "-"),
    ("I never got my money back", "-"), ("no thank you", "0"),
    ("我要查余额", "0"), ("我的卡丢了", "0"), ("附近有网点吗", "0"), ("周六上午", "0"), ("不是,是明天", "0"),
    ("没有了", "0"),
    ("我想预约安装", "0"), ("空调不制冷", "0"), ("转人工", "0"), ("尾号四四二一", "0"),
    ("谢谢你啊", "+"), ("太好了", "+"), ("非常满意", "+"), ("还不错", "+"), ("解决了,谢谢", "+"), ("你们服务真棒", "+"),
    ("挺好的", "+"), ("很开心", "+"),
    ("太差了", "-"), ("我不满意", "-"), ("气死我了", "-"), ("这都第三次了", "-"), ("我要投诉你们", "-"),
    ("等了半天没人管", "-"),
    ("你们怎么还没修好", "-"), ("浪费时间", "-"), ("什么破机器", "-"), ("我不太高兴", "-"), ("能不能快点啊", "-"),
    ("你根本没听懂", "-"),
)  # fmt: skip
"""Made by hand, by whoever made the lexicon: it says that nothing is broken, not how well it does on real callers."""

FRESH: tuple[tuple[str, str], ...] = (
    ("I was told somebody would ring me back on Monday and nobody did", "-"),
    ("you've taken the money out of my account twice", "-"),
    ("I've explained this to three different people already", "-"),
    ("that's not what you said last time", "-"),
    ("just put me through, I've had enough", "-"), ("this has been going on since August", "-"),
    ("well that's a fat lot of good", "-"), ("honestly I'm at the end of my tether", "-"),
    ("why does it take so long", "-"), ("I can't believe this", "-"), ("it's still not working", "-"),
    ("you people never listen", "-"), ("forget it, I'll go to another bank", "-"),
    ("that doesn't help me at all", "-"), ("it keeps cutting me off", "-"),
    ("I've been on hold for forty minutes", "-"), ("are you even listening to me", "-"),
    ("the engineer never turned up", "-"), ("I'm really worried about this payment", "-"),
    ("it's a nightmare to get hold of anybody", "-"),
    ("oh that's lovely, thank you ever so much", "+"), ("that was quick", "+"), ("you're a star", "+"),
    ("right, that's all sorted then, cheers", "+"), ("no, that's fine, thanks for your help", "+"),
    ("I'm very impressed actually", "+"), ("that's exactly what I needed", "+"), ("fantastic", "+"),
    ("okay that makes sense, thank you", "+"), ("what a relief", "+"),
    ("it's about my credit card", "0"), ("I'd like to change my appointment to Thursday", "0"),
    ("could you repeat the last bit", "0"), ("hang on, let me find my glasses", "0"),
    ("is that the one on Station Road", "0"), ("what time do you close on Sundays", "0"),
    ("it starts with a B", "0"), ("sorry, I didn't catch that", "0"), ("I have a problem with my card", "0"),
    ("the dishwasher is leaking", "0"),
    ("我打了一上午电话都没人接", "-"), ("说好的昨天上门,人呢", "-"), ("你们到底管不管", "-"), ("别再让我等了", "-"),
    ("我都说了多少遍了", "-"), ("你能不能听人说话", "-"), ("这钱凭什么扣我的", "-"), ("修了两次还是老样子", "-"),
    ("算了算了,跟你说不清楚", "-"), ("真让人无语", "-"), ("你们这是欺骗消费者", "-"), ("我要换别的银行", "-"),
    ("怎么这么慢", "-"), ("急死我了", "-"), ("客服电话永远打不通", "-"), ("太麻烦了", "-"),
    ("行,太谢谢了", "+"), ("好嘞,明白了,谢谢啊", "+"), ("这么快就好了", "+"), ("挺满意的", "+"),
    ("你说得很清楚", "+"), ("哎呀帮大忙了", "+"), ("效率真高", "+"),
    ("我想问一下信用卡年费", "0"), ("麻烦帮我查一下账单", "0"), ("等一下,我拿一下卡", "0"), ("是前天下午的事", "0"),
    ("洗衣机漏水", "0"), ("对,就是这个号码", "0"), ("我不是要查余额,我要转账", "0"), ("周末能上门吗", "0"),
)  # fmt: skip
"""Written later, as callers talk, before the lexicon was extended: 26 of 71 were read as labelled then. The words that
it got since are general, but chosen after looking at these."""

HELD_OUT: tuple[tuple[str, str], ...] = (
    ("nobody ever called me back", "-"), ("you charged me twice for the same thing", "-"),
    ("I've already told your colleague all of this", "-"), ("why is this so complicated", "-"),
    ("it has been three weeks now", "-"), ("I'm sick and tired of this", "-"),
    ("you keep asking me the same thing", "-"),
    ("this is getting beyond a joke", "-"), ("I want my money back", "-"), ("he was really unfriendly", "-"),
    ("the technician didn't show up again", "-"), ("I'm not happy with how that was handled", "-"),
    ("that's no use to me", "-"), ("I've had nothing but trouble with this machine", "-"),
    ("oh brilliant, that was easy", "+"), ("super, thanks a million", "+"), ("you've been very kind", "+"),
    ("that's sorted it, thank you", "+"), ("excellent service I must say", "+"),
    ("yes the blue one", "0"), ("I'd like to speak to someone about a mortgage", "0"),
    ("it's the second of March", "0"),
    ("can you send me the form again", "0"), ("no not that one", "0"), ("my card got stuck in the machine", "0"),
    ("没有一个人给我回电话", "-"), ("你们重复扣费了", "-"), ("同样的问题我说了三遍", "-"), ("到底要等到什么时候", "-"),
    ("师傅又没来", "-"), ("你们就是在敷衍我", "-"), ("把钱退给我", "-"), ("这服务真不怎么样", "-"), ("说话这么冲", "-"),
    ("问题解决了,辛苦你了", "+"), ("服务态度很好", "+"), ("真是太方便了", "+"), ("好的好的,非常感谢", "+"),
    ("我要改一下预约时间", "0"), ("是蓝色的那台", "0"), ("请再发一次短信", "0"), ("我在外地", "0"),
)  # fmt: skip
"""Not looked at while words were chosen, but by the same hand: 21 of 42 before, all but one after."""

KNOWN_MISSES = {
    "it has been three weeks now",
    "oh great, it broke again", "you keep sending me in circles", "I never got my money back", "能不能快点啊",
    "你根本没听懂", "my name is Rose Love", "no thank you",
}  # fmt: skip
"""Irony, anger without an angry word, names: a lexicon does not hear these."""


def sign(text: str) -> str:
    value = sentiment(text)
    return "+" if value >= 0.2 else "-" if value <= -0.2 else "0"


def test_the_labelled_set_is_read_as_labelled_but_for_what_a_lexicon_cannot_hear() -> None:
    everything = (*LABELLED, *FRESH, *HELD_OUT)
    wrong = {text for text, label in everything if sign(text) != label}
    assert wrong <= KNOWN_MISSES, wrong - KNOWN_MISSES
    assert 1 - len(wrong) / len(everything) >= 0.95


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("that is good", "that is not good"), ("very good", "good"), ("not terrible", "terrible"), ("bad", "very bad"),
        ("满意", "不满意"), ("非常满意", "满意"), ("满意", "不太满意"), ("不太满意", "太差了"), ("没有投诉", "投诉"),
    ],
)  # fmt: skip
def test_negation_turns_and_boosters_push(better: str, worse: str) -> None:
    assert sentiment(better) > sentiment(worse)


def test_negation_ends_at_a_comma_or_but() -> None:
    assert cues("no, thank you") == (Cue("thank you", 0.5),)
    assert cues("it is not cheap but good") == (Cue("good", 0.5),)
    assert cues("不\uff0c谢谢") == (Cue("谢谢", 0.5),)


def test_the_explanation_names_each_word_with_its_weight() -> None:
    assert cues("I’m not happy, your service is really terrible") == (Cue("happy", -0.42), Cue("terrible", -1.3))


def test_shouting_is_not_calm_and_praise_may_be_loud() -> None:
    assert sentiment("I SAID MY BALANCE") < 0 == sentiment("I said my balance")
    assert sentiment("THANK YOU SO MUCH") > 0
    assert sentiment("OK") == 0 == sentiment("")
