"""Rules of templates: they work under the strict content-security policy, and in both languages."""

import re
from pathlib import Path

from tools.house import tree

_INLINE = (
    (re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"), "put the script in a static file"),
    (re.compile(r"<style\b"), "put the rules in a static style sheet"),
    (re.compile(r"\sstyle\s*="), "give it a class and put the rule in a static style sheet"),
    (re.compile(r"\son[a-z]+\s*="), "listen in a static script (data-… says what to listen to)"),
    (re.compile(r"\shx-on\b"), "listen in a static script: hx-on is evaluated, and the policy forbids that"),
    (re.compile(r"javascript:"), "link to an address, or use a button"),
)
_TAG = re.compile(r"{%\s*t\s+(.*?)\s*%}", re.DOTALL)
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|\S+')
_COMMENTS = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}", re.DOTALL)
_CODE = re.compile(r"{%.*?%}|{{.*?}}|<!--.*?-->", re.DOTALL)
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# The name of the product and of a language stand in their own words, whatever the page's language is.
_SAME_IN_BOTH = frozenset({"金税", "中文"})


def _templates(root: Path) -> list[tuple[Path, str]]:
    """Every template with its comments blanked; lines keep their numbers."""
    return [
        (path, _blanked(_COMMENTS, tree.text_of(root, path) or ""))
        for path in tree.source_files(root, ending=".html")
        if "templates" in path.parts
    ]


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def check_inline(root: Path) -> list[str]:
    """No script, style or listener stands inside a page: the content-security policy would not run it."""
    return [
        f"{path}:{tree.line_of(text, found.start())} has “{found.group().strip()[:40]}”; {instead}"
        for path, text in _templates(root)
        for pattern, instead in _INLINE
        for found in pattern.finditer(text)
    ]


def check_both_languages(root: Path) -> list[str]:
    """Every sentence of a page is written in Chinese and in English."""
    wrong = []
    for path, text in _templates(root):
        for found in _TAG.finditer(text):
            words = _WORDS.findall(found.group(1))
            words = words[: words.index("as")] if "as" in words else words
            if not _is_bilingual(words):
                wrong.append(
                    f"{path}:{tree.line_of(text, found.start())} {found.group()} lacks a language; write "
                    '{% t "中文" "English" %}'
                )
    return wrong


def check_bare_chinese(root: Path) -> list[str]:
    """No Chinese stands in a page outside ``{% t %}``: a reader of English would meet it."""
    wrong = []
    for path, text in _templates(root):
        bare = _blanked(_CODE, text)
        wrong += [
            f"{path}:{tree.line_of(bare, found.start())} shows “{found.group()}” in one language only; write "
            '{% t "中文" "English" %}'
            for found in _CHINESE.finditer(bare)
            if found.group() not in _SAME_IN_BOTH
        ]
    return wrong


def _is_bilingual(words: list[str]) -> bool:
    """
    One variable that holds a Text, or two words.

    One of the two may be empty only beside a measure word or the like: 共 … 条 has no counterpart in “12 items”.
    """
    if len(words) == 1:
        return words[0][0] not in "\"'"
    if len(words) != 2:
        return False
    zh, en = (one.strip("\"'").strip() for one in words)
    return bool(zh and en) or bool(en or len(zh) == 1) and len(en.split()) <= 1 and bool(zh or en)
