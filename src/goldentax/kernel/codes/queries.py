"""Reads of the code tables. A day decides which version of a code is meant; nothing here reads the clock."""

import base64
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from goldentax.kernel.codes import errors
from goldentax.kernel.codes.entries import Code, Page, Table
from goldentax.kernel.codes.models import CodeTable, CodeVersion
from goldentax.kernel.codes.pinyin import normal

PAGE_SIZE_MAX = 200
QUERY_WORDS_MAX = 8
QUERY_CHARACTERS_MAX = 100

_FIELDS = (
    "code",
    "name",
    "short_name",
    "parent",
    "level",
    "is_leaf",
    "description",
    "attributes",
    "valid_from",
    "valid_to",
    "source",
    "version",
)


def list_tables() -> list[Table]:
    """Every code table, by name."""
    return [_table(one) for one in CodeTable.objects.order_by("name")]


def get_table(*, table: str) -> Table:
    """
    One code table.

    :raises UnknownTable: if there is none of that name.
    """
    found = CodeTable.objects.filter(name=table).first() if _is_text(table) else None
    if found is None:
        raise errors.UnknownTable("table", table=table[:60])
    return _table(found)


def find_code(*, table: str, code: str, on: date) -> Code | None:
    """The code as it is on that day, or None."""
    return find_codes(table=table, codes=[code], on=on).get(code)


def get_code(*, table: str, code: str, on: date) -> Code:
    """
    The code as it is on that day.

    :raises UnknownTable: if there is no such table.
    :raises UnknownCode: if the table has no such code that day.
    """
    found = find_code(table=table, code=code, on=on)
    if found is None:
        get_table(table=table)
        raise errors.UnknownCode("code", table=table, value=code[:60], on=on)
    return found


def find_codes(*, table: str, codes: Iterable[str], on: date) -> dict[str, Code]:
    """Those of the codes that exist that day, in one query: for the many lines of one document."""
    wanted = [code for code in set(codes) if _is_text(code)]
    if not wanted or not _is_text(table):
        return {}
    rows = _valid(table, on).filter(code__in=wanted).values_list(*_FIELDS)
    return {row[0]: _code(table, row) for row in rows}


def list_versions(*, table: str, code: str) -> list[Code]:
    """Every version of a code, the oldest first; none if it never existed."""
    if not (_is_text(table) and _is_text(code)):
        return []
    rows = CodeVersion.objects.filter(table_id=table, code=code).order_by("valid_from").values_list(*_FIELDS)
    return [_code(table, row) for row in rows]


def list_children(*, table: str, parent: str, on: date) -> list[Code]:
    """The codes directly below one, by code; with "" for parent, those at the top."""
    if not (_is_text(table) and _is_text(parent)):
        return []
    return [
        _code(table, row)
        for row in _valid(table, on).filter(parent=parent).order_by("code").values_list(*_FIELDS)
    ]


def list_ancestors(*, table: str, code: str, on: date) -> list[Code]:
    """The codes above one, the top first; the code itself is not among them."""
    climbed: list[Code] = []
    found = find_code(table=table, code=code, on=on)
    # An import refuses circles and depths above 20, so this ends; a walk of 10 short queries beats a
    # recursive one.
    while found is not None and found.parent:
        found = find_code(table=table, code=found.parent, on=on)
        if found is not None:
            climbed.insert(0, found)
    return climbed


def list_codes(
    *, table: str, on: date, cursor: str = "", limit: int = 100, leaves_only: bool = False
) -> Page:
    """
    A page of the whole table in the order of its codes.

    :raises BadCursor: if the cursor was not given out by this function.
    """
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    rows = _valid(table, on).order_by("code") if _is_text(table) else CodeVersion.objects.none()
    if leaves_only:
        rows = rows.filter(is_leaf=True)
    if cursor:
        rows = rows.filter(code__gt=_read_cursor(cursor, 1)[0])
    found = [_code(table, row) for row in rows.values_list(*_FIELDS)[: limit + 1]]
    return Page(codes=found[:limit], cursor=_cursor(found[limit - 1].code) if len(found) > limit else "")


def iterate_codes(*, table: str, on: date) -> Iterable[Code]:
    """Every code of that day in the order of codes, without holding them all: for exports."""
    if _is_text(table):
        for row in _valid(table, on).order_by("code").values_list(*_FIELDS).iterator(chunk_size=1000):
            yield _code(table, row)


def search_codes(*, table: str, text: str, on: date, leaves_only: bool = True, limit: int = 20) -> list[Code]:
    """
    Find codes by the beginning of the code, words of the name, short name or description, or pinyin.

    ``canyin``, ``cyfw``, ``餐饮``, ``30704`` all find 餐饮服务. Several words must all be there. The best
    come first: the very code or name, the short name, whole initials, beginnings, then any part. Where
    nothing has the whole word, codes that share two neighbouring characters with it are offered.
    """
    found = search_page(table=table, text=text, on=on, leaves_only=leaves_only, limit=limit).codes
    return found or _similar(table=table, text=text, on=on, leaves_only=leaves_only, limit=limit)


def search_page(
    *, table: str, text: str, on: date, leaves_only: bool = True, limit: int = 20, cursor: str = ""
) -> Page:
    """
    A page of what `search_codes` finds.

    :raises BadCursor: if the cursor was not given out by this function.
    """
    limit = max(1, min(limit, PAGE_SIZE_MAX))
    question = normal(text.replace("*", " ").replace("\x00", ""))[:QUERY_CHARACTERS_MAX]
    words = question.split()[:QUERY_WORDS_MAX]
    if not words or not _is_text(table):
        return Page(codes=[], cursor="")
    sql, values = _search_sql(question, words, leaves_only)
    after: dict[str, Any] = {"rank": -1, "length": 0, "code": ""}
    if cursor:
        rank, length, code = _read_cursor(cursor, 3)
        after = {"rank": _number(rank), "length": _number(length), "code": code}
    with connection.cursor() as run:
        run.execute(sql, values | after | {"table": table, "on": on, "limit": limit + 1})
        rows = run.fetchall()
    found = [_code(table, (*row[2:9], json.loads(row[9]), *row[10:])) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(codes=found, cursor=_cursor(str(last[0]), str(last[1]), last[2]) if last else "")


def _similar(*, table: str, text: str, on: date, leaves_only: bool, limit: int) -> list[Code]:
    """Codes whose names share pairs of characters with a text, those that share most first."""
    question = normal(text)[:QUERY_CHARACTERS_MAX]
    pairs = {question[at : at + 2] for at in range(len(question) - 1)}
    pairs = {pair for pair in pairs if all(_is_ideograph(one) for one in pair)}
    if not pairs or not _is_text(table):
        return []
    names = Q()
    for pair in pairs:
        names |= Q(name__contains=pair) | Q(short_name__contains=pair)
    rows = _valid(table, on).filter(names)
    if leaves_only:
        rows = rows.filter(is_leaf=True)
    found = [_code(table, row) for row in rows.values_list(*_FIELDS)]

    def shared(one: Code) -> int:
        return sum(pair in one.name or pair in one.short_name for pair in pairs)

    return sorted(found, key=lambda one: (-shared(one), len(one.name), one.code))[
        : max(1, min(limit, PAGE_SIZE_MAX))
    ]


def _is_ideograph(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"


# The question is one text for the rank and single words for the filter. The keys of a code stand in the
# column `search` between line breaks (see `pinyin`), so that one LIKE each tells a whole key from a
# beginning or a part.
_SEARCH = """
WITH found AS (
    SELECT
        CASE
            WHEN code = %(question)s THEN 0
            WHEN lower(name) = %(question)s THEN 1
            WHEN lower(short_name) = %(question)s THEN 2
            WHEN search LIKE %(whole_key)s THEN 3
            WHEN code LIKE %(begins)s THEN 4
            WHEN lower(name) LIKE %(begins)s THEN 5
            WHEN search LIKE %(key_begins)s THEN 6
            WHEN lower(name) LIKE %(part)s THEN 7
            ELSE 8
        END AS rank,
        length(name) AS length,
        code, name, short_name, parent, level, is_leaf, description, attributes,
        valid_from, valid_to, source, version
    FROM codes_version
    WHERE table_id = %(table)s
      AND valid_from <= %(on)s AND (valid_to IS NULL OR valid_to > %(on)s)
      {conditions}
)
SELECT * FROM found
WHERE (rank, length, code) > (%(rank)s, %(length)s, %(code)s)
ORDER BY rank, length, code
LIMIT %(limit)s
"""


def _search_sql(question: str, words: list[str], leaves_only: bool) -> tuple[str, dict[str, str]]:
    conditions = ["AND is_leaf"] if leaves_only else []
    escaped = _escape(question)
    values = {
        "question": question,
        "whole_key": f"%\n{escaped}\n%",
        "begins": f"{escaped}%",
        "key_begins": f"%\n{escaped}%",
        "part": f"%{escaped}%",
    }
    for number, word in enumerate(words):
        conditions.append(f"AND search LIKE %(word_{number})s")
        values[f"word_{number}"] = f"%{_escape(word)}%"
    return _SEARCH.format(conditions="\n      ".join(conditions)), values


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _valid(table: str, on: date) -> QuerySet[CodeVersion]:
    return CodeVersion.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on), table_id=table, valid_from__lte=on
    )


def _code(table: str, row: tuple[Any, ...]) -> Code:
    return Code(table=table, **dict(zip(_FIELDS, row, strict=True)))


def _table(one: CodeTable) -> Table:
    return Table(
        name=one.name,
        label_zh=one.label_zh,
        label_en=one.label_en,
        source=one.source,
        is_built_in=one.is_built_in,
        version=one.version,
        code_count=one.code_count,
        imported_at=one.imported_at.isoformat(),
    )


def _is_text(text: str) -> bool:
    """PostgreSQL keeps no NUL, so nothing stored can equal a text that has one."""
    return "\x00" not in text


def _cursor(*parts: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, size: int) -> list[str]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise errors.BadCursor("cursor") from error
    if (
        not isinstance(parts, list)
        or len(parts) != size
        or not all(isinstance(one, str) and _is_text(one) for one in parts)
    ):
        raise errors.BadCursor("cursor")
    return parts


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise errors.BadCursor("cursor")
    return int(text)
