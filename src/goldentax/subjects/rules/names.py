"""
Names in one form, so that the same name written differently is the same name.

Full-width and half-width signs, kinds of brackets, blanks between Chinese characters and the dots of
transcribed names differ between sources; none of them makes another subject.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from goldentax.kernel.text import Text
from goldentax.subjects import errors

LENGTH_MAX = 200
_BLANKS = re.compile(r"\s+")
_DOTS = re.compile(r"[·•・‧∙⋅.．。]")
_SIGNS = re.compile(r"[\s()\[\]【】〔〕{}<>《》「」“”\"'‘’,，、;；:：\-—–_/\\|!！?？&＆·]+")
# What follows or precedes the part of a company's name that tells it from others (企业名称登记管理规定: 行政区划
# + 字号 + 行业 + 组织形式). Longer forms come first.
_FORMS = (
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "个人独资企业",
    "普通合伙",
    "有限合伙",
    "合伙企业",
    "农民专业合作社",
    "专业合作社",
    "分公司",
    "工作室",
    "经营部",
    "商行",
    "公司",
    "厂",
    "店",
)
_BRANCH = re.compile(r"(?:分公司|分店|分厂|办事处|[一二三四五六七八九十\d]+店)$")
_PLACES = re.compile(r"^(?:.{2,8}?(?:壮族自治区|自治区|省))?(?:.{2,5}?市)?(?:.{1,5}?[区县])?")


def tidied(name: str) -> str:
    """A name as it is kept: half-width signs, Chinese brackets, no stray blanks; letters keep their case."""
    text = unicodedata.normalize("NFKC", name).replace("\x00", "")
    text = _BLANKS.sub(" ", text).strip()
    if not text.isascii():
        # Blanks between Chinese characters are typed to line names up; between Latin words they belong there.
        text = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text)
        text = text.replace("(", "（").replace(")", "）")
        text = _DOTS.sub("·", text)
    return text


def compared(name: str) -> str:
    """A name as it is compared: capitals, and none of the signs that sources write differently."""
    return _DOTS.sub("", _SIGNS.sub("", unicodedata.normalize("NFKC", name))).upper()


def is_same(one: str, other: str) -> bool:
    """Whether two texts are the same name."""
    return compared(one) == compared(other)


def check(name: str, *, field: str = "name") -> None:
    """
    Look at a tidied name.

    :raises errors.BadName: if it is empty, too long, or holds signs that cannot be printed.
    """
    if not name or len(name) > LENGTH_MAX or not name.isprintable():
        raise errors.BadName(field, longest=LENGTH_MAX)


@lru_cache(maxsize=65536)
def core(name: str) -> str:
    """What tells a company's name from others: without place and form; of a person the whole name."""
    text = compared(name)
    for form in _FORMS:
        if text.endswith(form) and len(text) > len(form) + 1:
            text = text.removesuffix(form)
            break
    found = _PLACES.match(text)
    rest = text[found.end() :] if found else text
    return rest if len(rest) >= 2 else text


def is_branch(name: str) -> bool:
    """Whether a company's name says that it is one of several houses (分支机构): a branch, or a numbered shop."""
    return _BRANCH.search(compared(name)) is not None


@lru_cache(maxsize=65536)
def pinyin(name: str) -> str:
    """A name by its sound, ``nanningqinghe``: what stays the same when a wrong character was chosen while typing."""
    # The dictionary costs 30 MB and a third of a second; processes that never compare names never load it.
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).lower()


def sound(name: str, *, is_person: bool) -> str:
    """The name's pinyin as it is indexed: of a company only what tells it from others."""
    return pinyin(compared(name) if is_person else core(name))[:LENGTH_MAX]


@lru_cache(maxsize=8192)
def initials(name: str) -> str:
    """The first letters of a name's pinyin, for search."""
    from pypinyin import Style, lazy_pinyin

    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_kept)
    return "".join(sign for sign in "".join(letters).lower() if sign.isascii() and sign.isalnum())[:100]


def _kept(other: str) -> Any:
    """Letters and digits of other scripts stand for themselves, sign by sign."""
    return list(other)


def masked(name: str) -> str:
    """A person's name with only its first character: 李**."""
    return name[:1] + "*" * (len(name) - 1)


def label(name: str) -> Text:
    """A name as a text of both languages."""
    return Text(name, name)
