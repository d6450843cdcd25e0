"""Pure: what the desk says of where a caller came from, and of what may help the agent, in English and Chinese."""

from ivr.console.words import Words

ASSIST: Words = {
    "came_from": ("Came from", "来自队列"),
    "wait_told": ("Was told to wait", "已告知等待"),
    "minutes": ("{n} min", "{n} 分钟"),
    "similar": ("Solved before", "相似案例"),
    "similar_empty": (
        "Past calls like this one that were solved appear as the caller speaks.",
        "客户说话时,已解决的相似案例会显示在此。",
    ),
    "no_note": ("The agent left no note.", "坐席未留备注。"),
    "alike": ("{percent} % alike", "相似度 {percent}%"),
    "of_the_house": ("Rule: {name}", "规则:{name}"),
    "advise_open_case": (
        "They have a complaint open since {since} and wait for our call: offer to settle it now.",
        "该客户自 {since} 起有未结的挽回单,正在等我们回电:可当场解决。",
    ),
    "advise_callback": (
        "They wait for a call back in {queue}: offer to settle that now, too.",
        "该客户正在 {queue} 队列等待回拨:可一并解决。",
    ),
    "advise_again": (
        "{calls} calls within 7 days, the last on {when}: say that you know.",
        "7天内来电{calls}次,最近一次 {when}:请说明您已了解。",
    ),
    "advise_again_about": (
        "{calls} calls within 7 days, the last on {when} about {matter}: ask whether it is still that.",
        "7天内来电{calls}次,最近一次 {when},诉求“{matter}”:请确认是否同一问题。",
    ),
    "advise_again_closed": (
        "{calls} calls within 7 days, the last on {when} about {matter} (closed as: {outcome}): ask what is left.",
        "7天内来电{calls}次,最近一次 {when},诉求“{matter}”(结果:{outcome}):请询问还有什么未解决。",
    ),
    "advise_started": (
        "The assistant came as far as “{step}” and failed: {reason}. Go on from there.",
        "机器人已办理到“{step}”,未成功:{reason}。请从此处继续。",
    ),
    "advise_outcome": (
        "{count} of {total} calls like this were closed as: {outcome}.",
        "{total} 通相似来电中有 {count} 通的处理结果为:{outcome}。",
    ),
}  # fmt: skip
