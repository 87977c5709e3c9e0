"""
What makes a password too easy to guess (密码强度).

Guessers try lists of leaked passwords first, then what they know of the person: the login, the name and its pinyin,
the company, years, and walks over the keyboard. So all of that is taken away, and what is left must still be long
enough to guess. No rule asks for kinds of characters: it would make ``Password1!`` good.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from goldentax.kernel.text import Text

PART_LENGTH_MIN = 3
"""Shorter parts of names stand in many good passwords by chance; two Chinese characters do not."""

WALK_LENGTH_MIN = 4
"""Fewer neighbours in a row are chance: ``was``, ``123``."""

DISTINCT_MIN = 5

_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:[01][0-9](?:[0-3][0-9])?)?")
_EDGES = re.compile(r"^[^a-z]+|[^a-z]+$")
_WORDS = re.compile(r"[^0-9a-z一-鿿]+")
_CHINESE = re.compile(r"[一-鿿]{2,}")
_COMPANY_ENDS = re.compile(r"(有限责任公司|股份有限公司|有限公司|公司|个体工商户|事务所|经营部|分公司)")
_WALKS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "!@#$%^&*()",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "147258369",
)
_BOTH_WAYS = tuple(walk for forward in _WALKS for walk in (forward, forward[::-1]))

LOOKALIKES = str.maketrans("@$!013457", "asioleast")
"""What people write for letters: ``p@ssw0rd`` is ``password`` to whoever guesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a password must be; in characters."""

    length_min: int
    length_max: int
    rest_min: int


def normal_password(typed: str) -> str:
    """Bring a password to one form: keyboards of phones write the same sign in several ways."""
    return unicodedata.normalize("NFKC", typed)


def why_weak(
    password: str, *, known: Iterable[str], limits: Limits, is_common: Callable[[str], bool]
) -> list[Text]:
    """
    Why a password (in its normal form) is too easy to guess; nothing if it is not.

    :param known: what a guesser may know: login, names of the person and their companies, tax ids, numbers.
    :param is_common: whether a text in small letters stands on the list of leaked passwords.
    """
    if len(password) < limits.length_min:
        return [
            Text("少于 {n} 位", "fewer than {n} characters").format(n=limits.length_min),
        ]
    if len(password) > limits.length_max:
        return [Text("超过 {n} 位", "more than {n} characters").format(n=limits.length_max)]
    folded = password.lower()
    reasons = []
    if len(set(folded)) < DISTINCT_MIN:
        reasons.append(Text("重复的字符太多", "too many repeated characters"))
    if is_common_at_heart(folded, is_common=is_common):
        reasons.append(Text("是常见的泄露密码", "it is among the passwords that leaked most"))
    rest, taken = _without(folded, parts=guessable_parts(known))
    if taken and len(rest) < limits.rest_min:
        words = Text(
            "去掉姓名、登录名、企业名称、年份、键盘连续键等易猜部分后太短",
            "too short once name, login, company, years and keyboard walks are taken away",
        )
        reasons.append(words)
    return reasons


def is_common_at_heart(folded: str, *, is_common: Callable[[str], bool]) -> bool:
    """Whether a password is a leaked one, also with letters disguised and with signs or digits around it."""
    core = _EDGES.sub("", folded)
    plain = _EDGES.sub("", folded.translate(LOOKALIKES))
    return any(is_common(one) for one in {folded, core, plain, folded.translate(LOOKALIKES)} if len(one) > 3)


def guessable_parts(known: Iterable[str]) -> list[str]:
    """Every form in which what is known of a person may stand in a password, the longest first."""
    parts: set[str] = set()
    for text in known:
        folded = normal_password(text).lower()
        for word in (folded, *_WORDS.split(folded)):
            parts |= _forms(word)
    long_enough = (part for part in parts if len(part) >= PART_LENGTH_MIN or _CHINESE.fullmatch(part))
    return sorted(long_enough, key=lambda one: (-len(one), one))


def _forms(word: str) -> set[str]:
    if not _CHINESE.search(word):
        # The birthday within an identity card number, and the ends of long numbers, are what people remember.
        return {word} | ({word[6:14], word[-6:], word[-8:]} if len(word) >= 15 else set())
    short = _COMPANY_ENDS.sub("", word)
    # What people call a company is the beginning of its name.
    called = {word, short, short[:2], short[:4]}
    forms = called | {short[-2:]}
    for text in called:
        from pypinyin import Style, lazy_pinyin  # a quarter of a second that most processes never need

        sounds = lazy_pinyin(text)
        forms |= {"".join(sounds), "".join(sounds[1:]), "".join(sounds[1:] + sounds[:1])}
        forms.add("".join(lazy_pinyin(text, style=Style.FIRST_LETTER)))
    return forms


def _without(folded: str, *, parts: Iterable[str]) -> tuple[str, bool]:
    """What is left of a password without the guessable, and whether anything was taken."""
    rest = folded
    for part in parts:
        rest = rest.replace(part, " ")
    rest = _YEAR.sub(" ", rest)
    rest = _without_walks(rest)
    rest = re.sub(r"(.)\1{3,}", " ", rest)
    return rest.replace(" ", ""), rest != folded


def _without_walks(text: str) -> str:
    """Take away runs of neighbouring keys."""
    kept, at = [], 0
    while at < len(text):
        length = _walk_at(text, at)
        kept.append(text[at] if length < WALK_LENGTH_MIN else " ")
        at += 1 if length < WALK_LENGTH_MIN else length
    return "".join(kept)


def _walk_at(text: str, at: int) -> int:
    """How many characters from here on are a walk."""
    length = 1
    while at + length < len(text) and any(text[at : at + length + 1] in walk for walk in _BOTH_WAYS):
        length += 1
    return length
