"""Pure: what the frame of the console says, in English and Chinese. Every page has a table like this of its own."""

from collections.abc import Callable, Mapping

Words = Mapping[str, tuple[str, str]]
"""By key: English, Chinese."""

Say = Callable[..., str]
"""`say("key", name=value)`: the words in the visitor's language, with `{name}` filled in."""

LANGUAGES = ("en", "zh")

FRAME: Words = {
    "brand": ("Call centre", "呼叫中心"),
    "skip": ("Skip to the content", "跳到主要内容"),
    "navigation": ("Navigation", "导航"),
    "menu": ("Open or close the navigation", "展开或收起导航"),
    "other_language": ("中文", "English"),
    "other_language_title": ("切换到中文", "Switch to English"),
    "theme": ("Light or dark colours", "浅色或深色外观"),
    "log_out": ("Log out", "退出登录"),
    "you": ("Logged in as {name} ({role})", "当前用户:{name}({role})"),
    "not_yours": ("This page is not for you", "您无权访问此页面"),
    "not_yours_remedy": (
        "Your role is {role}. Ask an administrator if you need this page.", "您的角色是{role}。如需访问,请联系管理员。",
    ),
    "session_over": ("Your session has ended. Log in again.", "登录已过期,请重新登录。"),
    "failed": ("This could not be loaded", "加载失败"),
    "failed_remedy": (
        "Reload the page; if it stays so, tell an administrator.", "请刷新页面;若仍无法加载,请联系管理员。",
    ),
    "connection_lost": ("Connection lost", "连接已断开"),
    "connecting_again": ("Trying to connect again …", "正在重新连接…"),
    "loading": ("Loading …", "加载中…"),
    "reload": ("Reload", "刷新"),
    "agent": ("agent", "坐席"),
    "supervisor": ("supervisor", "主管"),
    "trainer": ("trainer", "训练师"),
    "analyst": ("analyst", "分析师"),
    "auditor": ("auditor", "审计员"),
    "admin": ("administrator", "管理员"),
}  # fmt: skip


def speaker(language: str, *tables: Words) -> Say:
    """Looks a key up in `tables`, the first that has it, and in the frame's own words last.

    Raises:
        KeyError: no table has the key (by `Say`).
    """
    row = int(language == "zh")

    def say(key: str, **filled: object) -> str:
        found = next((table[key] for table in (*tables, FRAME) if key in table), None)
        if found is None:
            raise KeyError(key)
        text = found[row]
        return text.format(**filled) if filled else text

    return say


def preferred(asked: str, accepted: str) -> str:
    """The language for a visitor.

    Args:
        asked: what they chose before; may be empty.
        accepted: the header Accept-Language.
    """
    wanted = [asked, *(tag.partition(";")[0].strip() for tag in accepted.split(","))]
    return next((tag.lower()[:2] for tag in wanted if tag.lower()[:2] in LANGUAGES), "en")
