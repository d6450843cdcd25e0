"""People's names in the phrases that carry them."""

import pytest

from ivr.nlu.persons import read_person


@pytest.mark.parametrize(
    ("said", "language", "asked", "name"),
    [
        ("my name is john smith", "en", False, "John Smith"), ("this is anna speaking", "en", True, "Anna"),
        ("i'm calling about my card", "en", True, ""), ("smith", "en", False, ""), ("smith", "en", True, "Smith"),
        ("mr jones", "en", False, "Jones"), ("it's 5", "en", True, ""), ("a b c d e", "en", True, ""),
        ("我叫王小明", "zh", False, "王小明"), ("我姓李", "zh", False, "李"), ("我是张先生", "zh", True, "张"),
        ("我是本人", "zh", True, ""), ("王芳", "zh", False, ""),
        ("王芳", "zh", True, "王芳"), ("胡女士", "zh", False, "胡"),
        ("abc", "zh", True, ""),
    ],
)  # fmt: skip
def test_names(said: str, language: str, asked: bool, name: str) -> None:
    found = read_person(said, language, asked)
    assert (found.value if found else "") == name


def test_a_bare_name_is_less_sure_than_a_carried_one() -> None:
    bare, carried = read_person("smith", "en", True), read_person("my name is smith", "en", True)
    assert bare is not None
    assert carried is not None
    assert bare.confidence < carried.confidence
