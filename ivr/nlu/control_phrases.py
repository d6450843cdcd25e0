"""Pure: how callers say the universal commands, in English and Chinese (domain.md 4.0)."""

from collections.abc import Mapping

from ivr.model.meaning import Control


def _phrases(joined: str) -> frozenset[str]:
    return frozenset(joined.split("|"))


PHRASES_EN: Mapping[Control, str] = {
    "agent": "agent|representative|operator|human|real person|live person|person|an actual person|customer service|"
    "customer services|talk to a person|speak to a person|talk to an agent|speak to an agent|speak to someone|"
    "talk to someone|talk to a human|transfer me|get me a manager|not a robot|i want to speak to someone|"
    "speak to a representative|connect me to an agent|put me through|put me through to someone|let me talk to someone|"
    "get me a person|i need a person|i need a human|i need someone|human please|live agent|real human|"
    "speak to a human|speak to a real person|talk to a real person|talk to somebody|speak to somebody|i want a person|"
    "let me speak to someone|let me talk to a person|someone who works there|a human being|"
    "stop i want a person|someone real|adviser|advisor|staff|speak with a manager|supervisor|manager|zero|press zero",
    "repeat": "repeat|repeat that|say that again|say it again|pardon|pardon me|what was that|come again|i missed that|"
    "once more|one more time|again please|again|sorry|excuse me|didn't catch that|i didn't catch that|"
    "i didn't hear that|i can't hear you|what did you say|can you repeat that|could you repeat that|say again|what|"
    "are you there|i didn't understand|i don't understand|what do you mean",
    "help": "help|help me|i need help|what can i say|what can i do|what are my options|options|what can you do|"
    "what are the options|i don't know what to say|how does this work",
    "back": "go back|back|previous|previous menu|step back|undo|take me back|back one step|last question|"
    "go back one|previous question|back up",
    "start_over": "start over|main menu|start again|restart|begin again|from the beginning|back to the start|"
    "go to the main menu|home menu|start from the beginning|back to the main menu|cancel everything|top menu",
    "goodbye": "bye|bye bye|goodbye|good bye|that's all|thats all|that is all|nothing else|i'm done|im done|"
    "thanks bye|thank you bye|no that's it|that's it|all set|that'll be all|that will be all|have a good day|"
    "have a nice day|i'm all set|see you|that's everything|nothing more|no that's all|i'm finished|hang up|"
    "end the call|no that's all thank you|nothing else thank you",
    "hold_on": "hold on|one second|just a second|wait|wait a minute|wait a second|give me a minute|give me a second|"
    "just a moment|let me check|hang on|let me find it|bear with me|one moment please|one moment|just a minute|"
    "one sec|hold on a second|let me look|let me see|let me get it|one minute|a moment please|hold please|wait wait",
    "yes": "yes|yeah|yep|yup|yes please|correct|that's right|that is right|that's correct|right|sure|go ahead|"
    "please do|exactly|of course|yes of course|ok|okay|alright|all right|affirmative|absolutely|definitely|"
    "sounds good|you got it|indeed|fine|that's fine|yes it is|yes i do|yes i am|do it|certainly|i do|i am|it is|"
    "it was|i did|i would|that's good|perfect|great|please|yes sir|confirm|confirmed|i confirm|true|why not|ya|aye|"
    "no problem|that works|works for me|by all means|uh huh|mhm|mm hmm|mmhmm|mm hm|mm hmm yes|i think so|"
    "yes it was|yes i did|that was me|it was me|of course yes|for sure|very well|good|agreed|i agree",
    "no": "no|nope|nah|no thanks|no thank you|not that|that's wrong|incorrect|don't|not that one|never mind that|"
    "wrong one|i said no|negative|not really|not at all|no way|wrong|that's not right|that's not correct|"
    "absolutely not|definitely not|of course not|certainly not|i don't|i don't think so|it isn't|it is not|"
    "it's not|i didn't|i did not|not now|not today|no need|never|please don't|do not|false|i'm good|i'm okay|i'm fine|"
    "no i don't|no it isn't|no i didn't|that's incorrect|never mind|forget it|uh uh|not yet|no not really|"
    "i wouldn't|i would not|not me|it wasn't|it was not|not exactly|hardly|none|neither|i disagree",
    "dont_know": "i don't know|don't know|not sure|i'm not sure|no idea|i have no idea|can't remember|"
    "i can't remember|i forgot|maybe|i'm not certain|hard to say|who knows|i can't recall|i don't remember|perhaps|"
    "dunno|i dunno|not certain|possibly|couldn't tell you|i couldn't say|it depends",
    "louder": "louder|speak up|speak louder|can you speak up|i can't hear|too quiet|turn it up|volume up|"
    "a bit louder|louder please|more volume",
    "slower": "slower|slow down|slower please|speak slower|speak more slowly|more slowly|too fast|"
    "you're too fast|you speak too fast|not so fast|a bit slower|can you slow down",
}

PHRASES_ZH: Mapping[Control, str] = {
    "agent": "人工|转人工|人工客服|人工服务|我要找人工|找人工|接人工|要人工|我要人工|接客服|找客服|客服|找个真人|真人|"
    "不要机器人|转坐席|我要跟人说话|我要和人说话|叫你们经理|客服代表|按零转人工|转人工服务|帮我转人工|给我转人工|"
    "转接人工|人工台|接线员|座席|转客服|我要投诉经理|找你们经理|叫个人来|找个人|有人吗|我不想跟机器说话|请转人工|叫经理来|叫个工作人员来|找个工作人员|"
    "我要找工作人员|找个人跟我说|换个人跟我说|让工作人员接",
    "repeat": "再说一遍|再说一次|重复一下|重复|没听清|没听清楚|我没听清|什么|您说什么|你说什么|再来一遍|刚才说啥|"
    "没听明白|重说|请重复|说啥|啥|再讲一遍|刚才说什么|没听见|听不见|听不清|没听到|重复一遍|请再说一遍|没听懂|"
    "不明白|喂|喂喂|在吗|什么意思",
    "help": "帮助|帮帮我|怎么用|有什么选项|能办什么|你能做什么|可以说什么|我该怎么说|有哪些业务|我能说什么|怎么操作",
    "back": "返回|上一步|退回|返回上一步|回到上一步|上一个|返回上一级|上一级|退回去|回去|后退|返回上一层",
    "start_over": "重新开始|从头开始|主菜单|返回主菜单|回到主菜单|重来|从头再来|重新来|回到开头|首页|全部重来|再来一次",
    "goodbye": "再见|没有了|没别的了|就这样|谢谢再见|好了|不用了谢谢|没事了|拜拜|先这样吧|没有别的了|没了|没其他的了|"
    "挂了|那就这样|就这些|没有其他了|不需要了谢谢|没有了谢谢|好的再见|就这样吧|没问题了|挂断|结束通话|好了谢谢|先这样",
    "hold_on": "等一下|稍等|等会儿|等会|我找一下|我看看|等我拿一下|先别挂|一会儿|别急|我查一查|稍等一下|等等|等一等|"
    "我看一下|我查一下|请稍等|等我一下|您稍等|等我看看|别挂|我拿一下|我想想|让我想想|让我看看|我想一下",
    "yes": "是|是的|对|对的|没错|好的|好|可以|可以的|行|嗯对|就是这样|办吧|确认|是啊|对啊|好啊|行啊|没问题|当然|"
    "当然可以|要|要的|需要|好吧|行吧|可以啊|同意|愿意|是这样|对对|对对对|是是|好好|嗯是|嗯好|正确|确定|有|有的|解决了|是我|"
    "是我本人|我是|我就是|就是|嗯|嗯嗯|恩|中|成|妥|不错|可以可以|好的好的|行行|发一下吧|发吧|麻烦你了|麻烦您了|必须的|"
    "肯定的|那是|对没错|没毛病|okay|ok",
    "no": "不是|不对|不|没有|错了|不用|不要|不行|先别|不是这个|搞错了|否|没|不是的|不是我|不可以|不需要|不用了|不要了|"
    "不想|不了|别|算了|不同意|不愿意|没解决|没有解决|不确认|不好|不正确|错的|没呢|还没|还没有|还没呢|不必|免了|不必了|"
    "不是不是|不不|不不不|没有没有|不算|不是这样|不要谢谢|不谢谢|不能|不成|不方便|不办了|暂时不用|先不用|先不要|取消",
    "dont_know": "不知道|不清楚|不记得了|不记得|忘了|不确定|说不好|好像吧|想不起来|没印象|不太清楚|不太确定|我忘了|"
    "我不知道|不晓得|说不清|也许|可能吧|可能|记不清了|记不得了|不好说|大概吧|随便|都行",
    "louder": "大声点|大点声|声音大一点|声音太小了|大声一点|声音大点|听不到声音|太小声了|音量大一点",
    "slower": "慢一点|慢点|说慢点|说慢一点|太快了|请慢一点|慢些|讲慢一点|你说得太快了|能慢点吗|放慢一点",
}

BACKCHANNELS_EN = _phrases(
    "uh huh|uhhuh|mm|mmm|mhm|mm hmm|mm hm|mmhmm|hmm|hm|okay|ok|right|i see|uh|um|ah|oh|alright|got it|sure|oh okay|"
    "okay okay|right right|aha|ah ha|oh i see|uh huh uh huh|yeah yeah|mm mm|er|erm|okay then"
)
BACKCHANNELS_ZH = _phrases(
    "嗯|嗯嗯|嗯嗯嗯|好|好的|好好|好好好|哦|噢|喔|啊|哦哦|噢噢|嗯好|呃|额|是是|对对|唔|哦好|哦好的|嗯好的|恩|恩恩|这样啊|明白|知道了|了解"
)

COURTESIES_EN = _phrases(
    "please|thanks|thank you|thanks a lot|many thanks|thank you very much|thank you so much|please do"
)
COURTESIES_ZH = _phrases("谢谢|谢谢你|谢谢您|多谢|麻烦了|麻烦你了|麻烦您了|辛苦了|拜托了|谢谢啊")
THANKS = _phrases(
    "thanks|thank you|thanks a lot|many thanks|thank you very much|thank you so much|"
    "谢谢|谢谢你|谢谢您|多谢|辛苦了|谢谢啊"
)
"""Courtesies that say "no" to "anything else?"."""

YES_NO_ONLY_EN: Mapping[str, Control] = {"one": "yes", "two": "no", "1": "yes", "2": "no"}
"""Said where "press 1 or 2" was offered."""
YES_NO_ONLY_ZH: Mapping[str, Control] = {
    "一": "yes", "二": "no", "1": "yes", "2": "no", "还是不行": "no", "还不行": "no", "还没好": "no", "没有用": "no",
}  # fmt: skip
"""The same; and what answers "did that help?" but would be a new complaint anywhere else."""

DECLINES = _phrases(
    "nothing else|no that's it|that's it|that's all|i'm done|no that's all|nothing more|i'm all set|all set|"
    "没有了|没别的了|不用了谢谢|没事了|没了|没有别的了|没其他的了|不需要了谢谢|没有了谢谢|没有其他了"
)
"""Goodbyes that answer a yes/no question with no."""
