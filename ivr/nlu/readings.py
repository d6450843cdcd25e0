"""Pure: how a Chinese character is read, without tones.

From the table of pypinyin, read by itself: the package around it loads a dictionary of phrases (0.5 s of a core at
every start), and single characters have no use for that.
"""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import PurePath

_TABLE = "pinyin_dict.py"
_DOTS, _ROOF = "\N{COMBINING DIAERESIS}", "\N{COMBINING CIRCUMFLEX ACCENT}"


def reading(character: str) -> str:
    """The commonest reading of a character in toneless pinyin, ü as v; what is none stays as it is."""
    found = _readings().get(ord(character))
    return _toneless(found.split(",")[0]) if found else character


def _toneless(marked: str) -> str:
    letters = ""
    for letter in unicodedata.normalize("NFD", marked):
        if letter == _DOTS:
            letters = letters[:-1] + "v"
        elif letter == _ROOF or not unicodedata.combining(letter):
            letters += letter
    return unicodedata.normalize("NFC", letters)


@lru_cache(maxsize=1)
def _readings() -> Mapping[int, str]:
    """Readings by code point, parted by commas; read at the first Chinese word."""
    package = find_spec("pypinyin")
    assert package is not None  # it is a dependency
    assert package.origin is not None
    spec = spec_from_file_location("pinyin_dict", PurePath(package.origin).with_name(_TABLE))
    assert spec is not None
    assert spec.loader is not None
    table = module_from_spec(spec)
    spec.loader.exec_module(table)
    found: Mapping[int, str] = table.pinyin_dict
    return found
