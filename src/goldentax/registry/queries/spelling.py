"""Pinyin initials (拼音首字母): how people search Chinese names with a Latin keyboard."""

from functools import lru_cache
from typing import Any

LENGTH_MAX = 100


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """The first letters of a name's pinyin, lower case: 广西桂海 gives ``gxgh``; signs are left out."""
    # The dictionary costs 30 MB and a third of a second; processes that only read never load it.
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_kept)
    return "".join(sign for sign in "".join(letters).lower() if sign.isascii() and sign.isalnum())[
        :LENGTH_MAX
    ]


def _kept(other: str) -> Any:
    """Letters and digits of other scripts stand for themselves, sign by sign."""
    return list(other)
