"""
The text a code is searched in: its code, names, their pinyin in full and in initials, and its description.
"""

import unicodedata

SEPARATOR = "\n"


def search_text(*, code: str, name: str, short_name: str, description: str) -> str:
    """
    Put together the search column, one key a line, with a line break at either end.

    So ``%\\nkey\\n%`` finds a key, ``%\\nkey%`` its beginning, ``%key%`` any part of it.
    """
    # Loaded here: its dictionaries take 0.2 s and some 30 MB, which only a process that imports should pay.
    from pypinyin import lazy_pinyin

    keys = [code, name]
    if short_name and short_name != name:
        keys.append(short_name)
    for text in keys[1:]:
        syllables = lazy_pinyin(text, errors=_kept)
        keys += ["".join(one[0] for one in syllables if one), "".join(syllables)]
    keys.append(description)
    return SEPARATOR + SEPARATOR.join(normal(key) for key in dict.fromkeys(keys)) + SEPARATOR


def normal(text: str) -> str:
    """
    Bring text and question to one form: compatible characters (full width → half), lower case, one line.
    """
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def _kept(text: str) -> list[str]:
    """Letters and digits stand for themselves, character by character; signs are left out."""
    return [one for one in text if one.isalnum()]
