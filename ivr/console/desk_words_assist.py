"""Pure: what the desk says of where a caller came from, and of what may help the agent, in English and Chinese."""

from ivr.console.words import Words

ASSIST: Words = {
    "came_from": ("Came from", "来自队列"),
    "wait_told": ("Was told to wait", "已告知等待"),
    "minutes": ("{n} min", "{n} 分钟"),
}
