"""Reading of an uploaded table: one child process a file, with limits of memory and time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from portal.base.errors import Invalid, Unavailable
from portal.base.language import gettext as _
from portal.base.plain_text import plain
from portal.sandbox.child_process import ChildFailed, ChildPool, WorkFailed
from portal.sandbox.sheets import MOST_ROWS, Numbered
from portal.store.csv_file import Columns, Line, named

MEMORY = 1536 * 2**20  # the address space, libraries included
SECONDS = 240
_pool = ChildPool("portal.sandbox.sheets", size=1, memory=MEMORY, seconds=SECONDS, documents=1)


@dataclass(frozen=True)
class Sheet:
    """What stands in a file: the names of its columns, and its rows."""

    columns: list[str]
    rows: Iterator[Numbered]


def read_sheet(content: bytes, *, rows: int = 0) -> Sheet:
    """Read a file, or its first `rows`. Raises Invalid on `file` for one that cannot be read, Unavailable to retry."""
    try:
        answer = _pool.run(json.dumps({"rows": rows}).encode() + b"\n" + content)
    except WorkFailed as error:
        raise Invalid({"file": problem("damaged")}) from error
    except ChildFailed as error:
        if "out of memory" in str(error) or "silent" in str(error):
            raise Invalid({"file": problem("large")}) from error
        raise Unavailable(
            _("The file cannot be read just now. Please try again in a moment."), retry_after=5
        ) from error
    lines = iter(answer.split(b"\n"))
    head = json.loads(next(lines))
    if "refused" in head:
        raise Invalid({"file": problem(head["refused"])})
    return Sheet(head["columns"], (tuple(json.loads(line)) for line in lines))


def lines_of(sheet: Sheet, columns: Columns) -> Iterator[Line]:
    """Yield the rows with the names of their columns. Raises Invalid on `file` when the header lacks a column."""
    try:
        names = named(sheet.columns, columns)
    except ValueError as reason:
        raise Invalid({"file": str(reason)}) from reason
    return (_line(row, names) for row in sheet.rows)


def _line(row: Numbered, names: list[str]) -> Line:
    number, cells, wrong = row
    if cells is None:
        return Line(number, wrong=wrong_line(wrong, len(names)))
    return Line(number, dict(zip(names, (plain(cell).strip() for cell in cells), strict=True)))


def problem(key: str) -> str:
    """Say what is wrong with a file as a whole, and what to do."""
    return {
        "empty": _("The file is empty. Please choose it again."),
        "text": _("The file is not text in UTF-8. In the spreadsheet, save it as “CSV UTF-8” or as an Excel workbook."),
        "old": _(
            "The file has a password, or it is an old Excel file (.xls). In Excel, save it without a password as .xlsx."
        ),
        "table": _("The file is not a table. Choose a CSV file or an Excel workbook (.xlsx)."),
        "damaged": _("The file is damaged. Open it in the spreadsheet, save it again, and choose it again."),
        "large": _("The file is too large to be read. Please split it into several files."),
        "many": _("The file has more than %(limit)s rows. Please split it into several files.", limit=MOST_ROWS),
    }.get(key, key)


def wrong_line(key: str, due: int) -> str:
    """Say what is wrong with a line that could not be split into cells."""
    kind, _blank, found = key.partition(" ")
    if kind == "columns":
        return _("The line has %(found)s columns instead of %(due)s.", found=found, due=due)
    if kind == "long":
        return _("The line is too long.")
    return _("The quotation marks of the line are not in order.")
