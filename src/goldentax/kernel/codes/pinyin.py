"""
The text a code is searched in: its code, names, their pinyin in full and in initials, and its description.
"""

import unicodedata
from functools import lru_cache

SEPARATOR = "\n"


def search_text(*, code: str, name: str, short_name: str, description: str) -> str:
    """
    Put together the search column, one key a line, with a line break at either end.

    So ``%\\nkey\\n%`` finds a key, ``%\\nkey%`` its beginning, ``%key%`` any part of it.
    """
    keys = [code, name]
    if short_name and short_name != name:
        keys.append(short_name)
    for text in keys[1:]:
        keys += _pinyin(text)
    keys.append(description)
    return SEPARATOR + SEPARATOR.join(normal(key) for key in dict.fromkeys(keys)) + SEPARATOR


def normal(text: str) -> str:
    """
    Bring text and question to one form: compatible characters (full width → half), lower case, one line.
    """
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


@lru_cache(maxsize=4096)  # short names repeat: 4,205 tax codes share some 500
def _pinyin(text: str) -> tuple[str, str]:
    """Initials and full pinyin, without tones."""
    # Loaded here: its dictionaries take 0.2 s and some 60 MB, which only a process that imports should pay.
    from pypinyin import lazy_pinyin

    syllables = [one for found in lazy_pinyin(text, errors=_spaced) for one in found.split()]
    return "".join(one[0] for one in syllables), "".join(syllables)


def _spaced(text: str) -> str:
    """Letters and digits stand for themselves, one by one; signs are left out."""
    return " ".join(one for one in text if one.isalnum())
