"""Rules of templates: they work under the strict content-security policy, and in both languages."""

import re
from pathlib import Path

from tools.house import tree

_INLINE = (
    (
        re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"),
        "put the script in a static file",
    ),
    (re.compile(r"<style\b"), "put the rules in a static style sheet"),
    (re.compile(r"\sstyle\s*="), "give it a class and put the rule in a static style sheet"),
    (re.compile(r"\son[a-z]+\s*="), "listen in a static script (data-… says what to listen to)"),
    (re.compile(r"\shx-on\b"), "listen in a static script: hx-on is evaluated, and the policy forbids that"),
    (re.compile(r"javascript:"), "link to an address, or use a button"),
)
_TAG = re.compile(r"{%\s*t\s+(.*?)\s*%}")
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
        for found in pattern.finditer(_blanked(_CODE, text))
    ]


def check_both_languages(root: Path) -> list[str]:
    """Every sentence of a page is written in Chinese and in English."""
    wrong = []
    for path, text in _templates(root):
        for number, line in enumerate(text.splitlines(), start=1):
            tags = {found.group(): _languages(found.group(1)) for found in _TAG.finditer(line)}
            # The two languages order their words differently (共 3 条, 3 items): what one part leaves
            # out, another part on the line says.
            said = set().union(*tags.values()) if len(tags) > 1 else set()
            wrong += [
                f'{path}:{number} {tag} lacks a language; write {{% t "中文" "English" %}}'
                for tag, languages in tags.items()
                if not languages or languages | said != {"zh", "en"}
            ]
    return wrong


def check_bare_chinese(root: Path) -> list[str]:
    """No Chinese stands in a page outside ``{% t %}``: a reader of English would meet it."""
    wrong = []
    for path, text in _templates(root):
        bare = _blanked(_CODE, text)
        wrong += [
            f"{path}:{tree.line_of(bare, found.start())} shows “{found.group()}” in one language only; "
            'write {% t "中文" "English" %}'
            for found in _CHINESE.finditer(bare)
            if found.group() not in _SAME_IN_BOTH
        ]
    return wrong


def _languages(inside: str) -> set[str]:
    """The languages one tag speaks; a single variable holds a Text, which speaks both."""
    words = _WORDS.findall(inside)
    words = words[: words.index("as")] if "as" in words else words
    if len(words) == 1 and words[0][0] not in "\"'":
        return {"zh", "en"}
    pair = words if len(words) == 2 else []
    return {language for language, word in zip(("zh", "en"), pair, strict=False) if word.strip("\"'").strip()}
