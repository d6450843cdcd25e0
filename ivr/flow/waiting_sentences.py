"""Pure: what a caller hears while they wait for a person, in each language (domain.md 2.2.8, 2.2.9).

Among `ivr.flow.sentences`, so a flow may put its own under `sentences:`. `{places}` are filled by the call.
"""

from collections.abc import Mapping

WAITING: Mapping[str, Mapping[str, str]] = {
    "en": {
        "wait_position": "You are number {position} in line.",
        "wait_next": "You are next in line.",
        "wait_minute": "The wait is about one minute.",
        "wait_minutes": "The wait is about {minutes} minutes.",
        "wait_long": "The wait is more than thirty minutes.",
        "wait_options": "While you wait you can say 'call me back' or 'go back'. "
        "For silence instead of music, press star.",
        "wait_offer": "If you'd rather not wait, press one or say 'call me back'. You keep your place in line, and we "
        "call you when it is your turn.",
        "wait_still": "I'm still getting someone for you. Thank you for waiting.",
        "wait_quiet": "All right, no music. I'll speak up when there is news. For music again, press star.",
        "wait_confirm": "We can call you back on {number}. Is that right?",
        "wait_number": "Which number shall we call? Say it with its area code, or key it in and press the pound key.",
        "wait_bad_number": "That is not a whole telephone number.",
        "wait_stay": "All right, you keep your place in line.",
        "callback_goodbye": "Thank you. You keep your place, and we call you back when it is your turn.",
    },
    "zh": {
        "wait_position": "您前面还有{ahead}位。",
        "wait_next": "下一位就是您。",
        "wait_minute": "预计等待约一分钟。",
        "wait_minutes": "预计等待约{minutes}分钟。",
        "wait_long": "预计等待超过三十分钟。",
        "wait_options": "等待时您可以说“给我回电”或者“返回”。不想听音乐请按星号键。",
        "wait_offer": "如果不想一直等,请按1或者说“给我回电”。您的位置会保留,轮到您时我们给您打过去。",
        "wait_still": "正在为您联系同事,感谢您的耐心等待。",
        "wait_quiet": "好的,已关闭音乐,有消息我会告诉您。想听音乐请再按星号键。",
        "wait_confirm": "我们可以拨打{number}给您回电,对吗?",
        "wait_number": "请问回拨哪个号码?请连同区号一起说,或者输入号码后按井号键。",
        "wait_bad_number": "这个号码不完整。",
        "wait_stay": "好的,您的位置还保留着。",
        "callback_goodbye": "谢谢。您的位置已保留,轮到您时我们给您回电。",
    },
}
