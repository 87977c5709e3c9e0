"""The built-in tables, and the official ones where the reference material is at hand."""

import shutil
from datetime import date, datetime
from pathlib import Path

import pytest

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes
from goldentax.kernel.codes import errors
from goldentax.kernel.codes.builtin import read_builtin
from goldentax.kernel.codes.models import CodeTable, CodeVersion
from goldentax.kernel.reference import reference_path
from goldentax.kernel.settings import settings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_tables")]

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=clock.CHINA)
FOLDER = settings().lawbook / "codes"
SAMPLE_CODES = ("3040803010000000000", "3010101020203000000")


def official(name: str, builtin: str) -> Path:
    """The official table where it is, else our own extract of it."""
    return reference_path(f"einvoice/codes/{name}") or FOLDER / builtin


def import_file(path: Path, table: str, *, valid_from: date = date(2018, 1, 1)) -> codes.Diff:
    (content,) = codes.read_file(path, table=table)
    return codes.import_codes(
        table=table, rows=content.rows, valid_from=valid_from, source=path.name, now=NOW
    )


def test_the_built_in_tables_hold_what_the_product_needs() -> None:
    codes.load_builtin(now=NOW)
    for code in SAMPLE_CODES:
        found = codes.get_code(table=codes.TAX_CLASSIFICATION, code=code, on=DAY)
        assert found.is_leaf and found.short_name
    assert codes.get_code(table=codes.DIVISION, code="450103", on=DAY).name == "青秀区"
    assert codes.get_code(table=codes.INDUSTRY, code="H", on=DAY).name == "住宿和餐饮业"
    assert codes.get_code(table=codes.BANK, code="102100099996", on=DAY).attributes == {"bank_code": "102"}
    assert codes.get_code(table="yhzcbs_preference", code="03", on=DAY).attributes == {"en": "exempt"}
    assert len(codes.list_children(table=codes.DIVISION, parent="", on=DAY)) == 34
    for province, cities in (("450000", 14), ("430000", 14)):
        assert len(codes.list_children(table=codes.DIVISION, parent=province, on=DAY)) == cities


def test_every_tax_code_has_nineteen_digits_and_hangs_below_its_prefix() -> None:
    rows = {
        row.code: row
        for table in read_builtin(FOLDER)
        if table.name == codes.TAX_CLASSIFICATION
        for row in table.rows
    }
    assert len(rows) > 400
    for row in rows.values():
        assert len(row.code) == 19 and row.code.isdigit() and row.short_name
        assert not row.parent or row.code.startswith(row.parent.rstrip("0"))


def test_loading_again_is_one_query(django_assert_num_queries: object) -> None:
    assert all(diff.added for diff in codes.load_builtin(now=NOW))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert codes.load_builtin(now=NOW) == []


def test_new_built_in_data_is_loaded_and_the_rest_left_alone(tmp_path: Path) -> None:
    codes.load_builtin(now=NOW)
    folder = shutil.copytree(FOLDER, tmp_path / "codes")
    with (folder / "bank.csv").open("a", encoding="utf-8") as file:
        file.write("999999999999,试验银行,\n")
    changed = [diff for diff in codes.load_builtin(now=NOW, folder=folder) if not diff.is_empty]
    assert [(diff.table, diff.added) for diff in changed] == [("bank", 1)]


def test_an_import_from_outside_outranks_the_built_in_table(tmp_path: Path) -> None:
    codes.load_builtin(now=NOW)
    codes.import_codes(
        table=codes.BANK, rows=[codes.Row(code="1", name="外来")], valid_from=DAY, source="outside", now=NOW
    )
    folder = shutil.copytree(FOLDER, tmp_path / "codes")
    with (folder / "bank.csv").open("a", encoding="utf-8") as file:
        file.write("999999999999,试验银行,\n")
    skipped = [diff.table for diff in codes.load_builtin(now=NOW, folder=folder) if diff.is_skipped]
    assert skipped == [codes.BANK]
    assert codes.find_code(table=codes.BANK, code="999999999999", on=DAY) is None
    assert codes.load_builtin(now=NOW, folder=folder) == []


def test_a_broken_description_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "codes")
    text = (folder / "tables.yaml").read_text(encoding="utf-8")
    (folder / "tables.yaml").write_text(text.replace("    from: 2017-10-01\n", ""), encoding="utf-8")
    with pytest.raises(errors.BadBuiltin, match=r"tables.yaml:\d+"):
        codes.load_builtin(now=NOW, folder=folder)
    assert not CodeTable.objects.exists()


def test_the_official_classification_is_imported_and_unchanged_afterwards() -> None:
    path = official("tax_classification_codes.csv", "tax_classification.csv")
    diff = import_file(path, codes.TAX_CLASSIFICATION)
    assert diff.added == CodeVersion.objects.count() > 400
    again = import_file(path, codes.TAX_CLASSIFICATION, valid_from=DAY)
    assert (again.added, again.changed, again.closed, again.unchanged) == (0, 0, 0, diff.added)
    for code in SAMPLE_CODES:
        assert codes.get_code(table=codes.TAX_CLASSIFICATION, code=code, on=DAY).is_leaf


def test_the_levels_we_count_are_those_of_the_official_table() -> None:
    path = official("tax_classification_codes.csv", "tax_classification.csv")
    diff = import_file(path, codes.TAX_CLASSIFICATION)
    levels = CodeVersion.objects.filter(table_id=codes.TAX_CLASSIFICATION).values_list("level", flat=True)
    histogram = [list(levels).count(level) for level in range(1, 9)]
    assert sum(histogram) == diff.added
    if diff.added == 4205:
        assert histogram == [6, 42, 96, 661, 2564, 469, 364, 3]


def test_the_official_table_replaces_the_built_in_one_and_keeps_its_history() -> None:
    codes.load_builtin(now=NOW)
    before = codes.get_table(table=codes.TAX_CLASSIFICATION).code_count
    path = official("tax_classification_codes.csv", "tax_classification.csv")
    diff = import_file(path, codes.TAX_CLASSIFICATION, valid_from=DAY)
    assert diff.closed == 0 and diff.changed + diff.unchanged == before
    table = codes.get_table(table=codes.TAX_CLASSIFICATION)
    assert table.code_count == before + diff.added
    assert (
        codes.find_code(table=codes.TAX_CLASSIFICATION, code=SAMPLE_CODES[0], on=date(2018, 1, 1)) is not None
    )


@pytest.mark.parametrize(
    ("name", "builtin", "table", "rows_min"),
    [
        ("gb2260_mca_201904.tsv", "division.csv", codes.DIVISION, 290),
        ("gbt4754_2017.csv", "industry.csv", codes.INDUSTRY, 117),
        ("bank_headoffice_codes.csv", "bank.csv", codes.BANK, 30),
    ],
)
def test_divisions_industries_and_banks_are_imported(
    name: str, builtin: str, table: str, rows_min: int
) -> None:
    path = official(name, builtin)
    assert import_file(path, table).added >= rows_min
    assert import_file(path, table).is_empty


def test_provinces_cities_and_areas_make_one_table() -> None:
    paths = [official(f"modood_{name}.csv", "division.csv") for name in ("provinces", "cities", "areas")]
    files = [
        content
        for path in dict.fromkeys(paths)
        for content in codes.read_file(path, table=codes.DIVISION if path.parent == FOLDER else "")
    ]
    (diff,) = codes.import_files(files=files, valid_from=date(2019, 1, 1), source="modood", now=NOW)
    assert diff.table == codes.DIVISION and diff.added > 290
    assert [one.code for one in codes.list_ancestors(table=codes.DIVISION, code="450103", on=DAY)] == [
        "450000",
        "450100",
    ]


def test_enumerations_are_imported_beside_the_built_in_ones() -> None:
    path = reference_path("einvoice/codes/enums.json")
    contents = (
        codes.read_file(path) if path else [codes.FileContent("nsrlx", [codes.Row(code="1", name="甲")], "x")]
    )
    diffs = codes.import_files(files=contents, valid_from=DAY, source="enums", now=NOW)
    assert len(diffs) == len(contents) and all(diff.added for diff in diffs)


@pytest.mark.parametrize("text", ["餐饮", "canyin", "cyfw", "30408", "打印纸", "3040803010000000000", "软件"])
def test_a_search_in_the_official_table_finds_by_words_pinyin_initials_and_code(text: str) -> None:
    import_file(official("tax_classification_codes.csv", "tax_classification.csv"), codes.TAX_CLASSIFICATION)
    assert codes.search_codes(table=codes.TAX_CLASSIFICATION, text=text, on=DAY)


def test_an_export_reads_back_unchanged(tmp_path: Path) -> None:
    codes.load_builtin(now=NOW)
    for table in (codes.TAX_CLASSIFICATION, codes.BANK, "yhzcbs_preference"):
        path = tmp_path / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            codes.write_csv(codes=codes.iterate_codes(table=table, on=DAY), to=file)
        assert import_file(path, table, valid_from=DAY).is_empty
