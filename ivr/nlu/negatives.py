"""Things callers say that no flow is about: self-written lines, shipped as text, that teach every bot to decline."""

from functools import lru_cache
from importlib.resources import files

from ivr.nlu.cleanup import is_chinese


@lru_cache(maxsize=2)
def generic_negatives(language: str) -> tuple[str, ...]:
    """About 300 lines in the family of `language` (English for all but Chinese)."""
    name = "negatives_zh.txt" if is_chinese(language) else "negatives_en.txt"
    text = (files("ivr.nlu") / name).read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip())
