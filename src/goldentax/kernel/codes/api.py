"""The front door of the code tables."""

from goldentax.kernel.codes.builtin import load_builtin
from goldentax.kernel.codes.entries import Code, Diff, Page, Row, Table
from goldentax.kernel.codes.errors import BadCursor, TableChangedLater, UnknownCode, UnknownTable
from goldentax.kernel.codes.exporting import write_csv
from goldentax.kernel.codes.operations import Progress, import_codes, import_files
from goldentax.kernel.codes.queries import (
    find_code,
    find_codes,
    get_code,
    get_table,
    iterate_codes,
    list_ancestors,
    list_children,
    list_codes,
    list_tables,
    list_versions,
    search_codes,
    search_page,
)
from goldentax.kernel.codes.reading import (
    BANK,
    DIVISION,
    INDUSTRY,
    TAX_CLASSIFICATION,
    FileContent,
    read_bytes,
    read_file,
)

__all__ = [
    "BANK",
    "DIVISION",
    "INDUSTRY",
    "TAX_CLASSIFICATION",
    "BadCursor",
    "Code",
    "Diff",
    "FileContent",
    "Page",
    "Progress",
    "Row",
    "Table",
    "TableChangedLater",
    "UnknownCode",
    "UnknownTable",
    "find_code",
    "find_codes",
    "get_code",
    "get_table",
    "import_codes",
    "import_files",
    "iterate_codes",
    "list_ancestors",
    "list_children",
    "list_codes",
    "list_tables",
    "list_versions",
    "load_builtin",
    "read_bytes",
    "read_file",
    "search_codes",
    "search_page",
    "write_csv",
]
