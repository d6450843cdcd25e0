"""Pure: whether a caller asks for a person, in whatever words: "is there anyone I can speak to", 别让我跟机器人说.

Sentence patterns rather than phrases. Who only speaks *of* people ("can an agent change my address?", "I spoke to
someone yesterday", 人工客服几点下班) asks for none.
"""

import re

from ivr.nlu.cleanup import is_chinese

_REAL = r"(?:real|live|actual|proper)"
_STAFF = (
    r"(?:agents?|representatives?|reps?|humans?(?: being)?s?|operators?|advis[eo]rs?|supervisors?|managers?|"
    r"colleagues?|specialists?|assistants?|receptionists?|(?:member of |branch )?staff(?: member)?|human voice|"
    rf"customer (?:services?|support|care)|support(?: team)?|{_REAL} (?:person|people|someone|one|voice))"
)
_ANYONE = r"(?:person|people|someone|somebody|anyone|anybody|someone real|(?:real )?(?:woman|man|lady))"
_BEFORE_WHO = rf"(?:(?:to|with|through|on|over|a|an|the|your|some|one|of|any|another|human|other|{_REAL})\s+)*"
_WHO = rf"{_BEFORE_WHO}(?:{_STAFF}|{_ANYONE})"
_HELPS = r"(?:works|can|could|understands|knows|speaks|does|will|is real|listens|actually)"
_OTHERS = (
    rf"\b(?! (?:who (?!{_HELPS})|that (?!works|can|could)|to (?!help|talk|speak|answer)|from (?!your|customer)|"
    r"(?:else|is|was|were|stole|took|used|added|removed|readable|limit|told|said|my|his|her|a|some|money)\b))"
)
"""Not followed by what makes it somebody else: "someone who stole my card", "a human readable statement"."""

_THEN = rf"(?=$| (?:please|now|right|on|here|not|immediately|instead|today|and|who {_HELPS}|to (?:help|talk|speak))\b)"
_TALK = r"(?:speak|talk|chat|deal|complain|a word|word)"
_GIVE = r"(?:connect|transfer|put|get|give|pass|switch|hand|send|take|bring|forward|let)"
_GIVEN = r"(?:connected|connecting me|transferred|transferring me|put through|passed on|handed over|switched)"
_THIS = r"(?:this|that|it|things)"
_WISH = r"(?:want|need|demand|require|prefer|can i have|can i get|could i have|could i get|hear)"
_IS_THERE = (
    r"\b(?:is|are|isn't|aren't|have you|do you have|could i have|can i have|can i get)\s+(?:there\s+|you got\s+)?"
    rf"(?:not\s+)?(?:any\s+|a\s+)?(?:{_REAL}\s+)?(?:{_ANYONE}|{_STAFF})\s+(?:there\s+|here\s+)?(?:who\s+|that\s+)?"
    r"(?:i (?:can|could|may|might)|can help|could help|available|free|real|to (?:talk|speak|help)|working there|"
    r"from your team|there\b(?=$| please))"
)
_ASKED_EN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_TALK}\s+(?:directly\s+)?{_WHO}{_OTHERS}",
        rf"\b(?:discuss|sort|handle|settle|go over)\s+{_THIS}(?: out)?\s+with\s+{_WHO}{_OTHERS}",
        r"\b(?:better|comfortable|prefer|happier|like|love|mind)\s+(?:to be\s+)?(?:talking|speaking|dealing)\s+"
        rf"{_WHO}{_OTHERS}",
        rf"\b{_GIVE}(?:\s+(?:me|us|the call|back|over|on|through|straight|directly|have))+\s+{_WHO}{_OTHERS}",
        rf"\b{_GIVEN}\s+{_WHO}{_OTHERS}",
        rf"\b(?:connect|transfer|go|get through|switch)\s+(?:to\s+)?(?:a|an|the|your)?\s*{_STAFF}"
        r"\b(?! (?:cost|do|is|was))",
        rf"\b{_WISH}\s+(?:a|an|the|some|your|another)?\s*(?:human |{_REAL} )?(?!support){_STAFF}{_THEN}",
        rf"\b(?:want|need|demand|prefer)\s+(?:a |an |some )?(?:{_REAL} )?{_ANYONE}{_THEN}",
        rf"\b(?:get|have|put|with)\s+{_WHO}\s+on the (?:line|phone)\b",
        rf"\b(?:help|assistance|support|an answer)\s+from\s+{_WHO}{_OTHERS}",
        _IS_THERE,
        r"\b(?:any|some)\s*(?:one|body)\s+(?:there\s+)?who (?:can|could) help(?: me)?\b",
        r"^(?:hello\s+)?(?:are there|is there) any (?:real )?(?:people|humans)(?: there| here)?$",
        rf"\bhow (?:do|can|could) i (?:get|reach|speak|talk|get hold of|get through)\s+{_WHO}{_OTHERS}",
        rf"\b(?:press|dial|say) (?:for|to get) {_WHO}{_OTHERS}",
        rf"\bwho (?:can|could|do|should) i {_TALK} to\b",
        rf"\b(?:can|could|will|would|let|have) (?:a |an |the )?(?:{_STAFF}|(?:someone|somebody)(?: real)?) (?:please )?"
        rf"(?:take my call|take over|handle {_THIS}|take this|deal with (?:this|me))",
        rf"\b(?:someone|somebody) (?:real|who (?!can|could|will|is){_HELPS}|who works (?:there|here)|"
        r"who can (?:actually )?help)\b",
        rf"\b(?:someone|somebody|anyone|anybody|{_STAFF}) (?:can )?(?:please )?help me please not a\b",
        rf"^(?:(?:{_STAFF}|someone|somebody)\s*)+(?:please|now|immediately|at once|asap|\s)*$",
    )
)
_MACHINE = (
    r"(?:(?:a|an|the|this|your|that|some|stupid|bloody|damn|fucking|automated)\s+)*(?:machines?|robots?|bots?|"
    r"computers?|chatbots?|voicebots?|recordings?|automated (?:system|voice)|ai|voice menu|menu)\b"
)
_AGAINST = (
    r"(?:not|don't|dont|won't|can't|cannot|never|hate|hating|refuse|sick of|tired of|fed up (?:with|of)|done|no more|"
    r"stop making me|enough of|instead of|(?:do|why do) i have to|dislike|no point in|like)"
)
_REFUSED_MACHINE_EN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_AGAINST}"
        r"(?:\s+(?:want|wanna|wish|like|going|gonna|need|have|to|be|just|really|feel|care|ever|even))*\s+"
        r"(?:talk|speak|deal|tell|explain|chat|discuss|say)(?:ing)?"
        rf"(?:\s+(?:to|with|that|this|it|any|of|about|my|business|things))*\s+{_MACHINE}",
        r"^(?:no|not a|not the|i don't want (?:a|the)|stop the)\s+(?:more\s+)?(?:machines?|robots?|bots?|computers?)"
        r"(?: please)?$",
    )
)
_REFUSED_EN = re.compile(
    r"\b(?:not|don't|dont|never|no need to|without|wasn't|isn't|stop|didn't|won't|no|avoid|instead of)(?:\s+"
    r"(?:want|need|wish|have|like|to|me|you|please|ever|going|gonna|wanna|even|really|actually|be|get|just))*\s*$"
)
_TOLD_EN = re.compile(
    r"\b(?:when|whenever|if|before|after|until|last time|yesterday|already|used to|had to|tried to|wanted to|"
    r"asked to|happens)\s+(?:\w+\s+){0,2}$"
)
"""What stands before words that tell of another time."""

_WHO_ZH = "(?:人工|客服|真人|坐席|座席|接线员|活人|工作人员|同事|值班经理|经理|主管|领导|负责人|客服人员|客户经理)"
_NOT_AFTER_ZH = (
    "(?!费|智能|安装|上班|下班|几点|电话|号码|热线|中心的|告诉|答应|签|说过|让我|挂|是多少|在哪|民|"
    "回电|回个电|打电话|来电)"
)
_BETWEEN_ZH = "(?:到|通|个|一个|一下|一位|一名|位|名|你们的|您们的|你们|您们|那边的|那边|的|下|值班|给|我|一|来|你|您)*"
_TALK_ZH = "(?:说|聊|讲|谈|通话|沟通|对话)"
_GIVE_ZH = "(?:转接|转到|转|接通|接|找|要|叫|换|让|请|喊|联系|见|给我|需要|直接|可以)"
_ASKED_ZH = tuple(
    re.compile(pattern)
    for pattern in (
        f"{_GIVE_ZH}{_BETWEEN_ZH}{_WHO_ZH}{_NOT_AFTER_ZH}(?!说)",
        f"(?:跟|和|与|同){_BETWEEN_ZH}{_WHO_ZH}{_NOT_AFTER_ZH}(?!一起|的)",
        "(?:找|叫|换|让|要|请|喊)(?:个|一个|位|一位|别|其他|会说话的|会讲话的|懂的)*人(?:来)?"
        "(?:跟我|和我|给我[说讲]|接电话|接听|接|听|说|讲|聊|谈|帮我|问问|问|$)",
        "(?:能|请|快|赶紧)?让人(?:来)?(?:跟我|和我|接|听|说|讲)",
        f"(?:想|要|愿意?|宁愿|宁可|更想|希望|能不能|能)(?:跟|和|与|同)(?:个|一个)?(?:人|真人|活人)(?:来)?{_TALK_ZH}",
        "有(?:没有)?(?:个)?(?:活人|真人|人工|客服)(?:客服|服务|在|坐席|可以接)*(?:吗|么|啊|呢)?$",
        "有(?:没有)?人(?:可以|能|来)?(?:跟|和|帮|同|给)我?(?:说|聊|讲|谈|接)",
        "(?:怎么|怎样|如何|按几|按什么|哪个键).{0,4}(?:转|接|找|和|跟)[到通]?(?:人工|客服|真人|活人|人说话)"
        + _NOT_AFTER_ZH,
        "(?:人工|客服|真人)(?:客服|服务)?(?:怎么|如何|怎样|在哪里?)(?:接|转|找|打)",
        "^(?:快|赶紧|直接|可以|能|请|麻烦)*人工(?:客服|服务|坐席|座席|帮助)?(?:吗|吧|可以吗|行吗)?$",
    )
)
_REFUSED_MACHINE_ZH = re.compile(
    "(?:不想|别|不要|不愿意?|讨厌|懒得|烦|不跟|不和|不|拒绝|受够了?|不喜欢)(?:再|总|老是?|让我|一直|继续)*"
    "(?:跟|和|对着|同|与)(?:你这个|这个|一个|个|你们的|你们)?(?:机器人?|电脑|智能|AI|ai|语音)"
    f"(?:{_TALK_ZH}|废话|$)|^(?:我)?(?:不要|别用|拒绝)(?:跟)?机器人?(?:了|服务|客服)?$"
)
_REFUSED_ZH = re.compile("(?:不要|不用|不想|不需要|不必|甭|别|没有?|不|无需)(?:再|给我|帮我|总|让我|要|想|用|找)*$")
_TOLD_ZH = re.compile("(?:上次|昨天|刚才|之前|已经|前天|刚刚|上回|是不是|跟你们)[^,，。]{0,4}$")
_LED_ZH = re.compile("^(?:别废话|少废话|别啰嗦|别说了|不行|不对|不是|烦死了|快点?)")


def wants_person(said: str, language: str) -> bool:
    """Whether these words ask for a person to talk to.

    Args:
        said: cleaned text (`ivr.nlu.cleanup.clean`).
    """
    return _chinese(said) if is_chinese(language) else _english(said)


def _english(said: str) -> bool:
    if any(pattern.search(said) for pattern in _REFUSED_MACHINE_EN):
        return True
    found = (match for pattern in _ASKED_EN for match in pattern.finditer(said))
    return any(not _REFUSED_EN.search(said[: at.start()]) and not _TOLD_EN.search(said[: at.start()]) for at in found)


def _chinese(said: str) -> bool:
    if _REFUSED_MACHINE_ZH.search(said):
        return True
    rest = _LED_ZH.sub("", said)
    found = (match for pattern in _ASKED_ZH for match in pattern.finditer(rest))
    return any(not _REFUSED_ZH.search(rest[: at.start()]) and not _TOLD_ZH.search(rest[: at.start()]) for at in found)
