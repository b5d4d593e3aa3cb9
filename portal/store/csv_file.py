"""Streaming CSV: import line by line, each accepted or refused with its reason; export without formulas.

Strict, as a nearly valid table does most harm: UTF-8 with or without a BOM, commas, one line a row, a header line.
Invisible characters are removed; cells are data, also one that begins with = or +.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.plain_text import plain

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST_LINE = 4096  # bytes; the rest of a longer line is skipped in chunks, never held in memory


@dataclass(frozen=True)
class Columns:
    """Schema of the header line: columns in any order and letter case, with spaces for `_`.

    `others`: unknown columns are allowed and ignored.
    """

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    others: bool = False


@dataclass(frozen=True)
class Line:
    """A line of a file, counted from 1. `wrong`: the parse error; then it has no cells."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""


def read_table(file: BinaryIO, columns: Columns, name: str = "") -> Iterator[Line]:
    """Yield each line after the header, skipping empty ones; one line at a time is in memory.

    Raises Invalid at once when the header lacks the columns, under `name`: the form field of the file.
    """
    lines = _lines(file)
    try:
        names = _names(next(lines, (1, b""))[1], columns)
    except ValueError as reason:
        raise Invalid({name: str(reason)}) from reason
    return _rows(lines, names)


def named(cells: Iterable[str], columns: Columns) -> list[str]:
    """Name the columns by the cells of a header line. Raises ValueError with what it must have."""
    names = [re.sub(r"[\s-]+", "_", plain(cell).strip().lower()) for cell in cells]
    if problem := _problem(names, columns):
        raise ValueError(problem)
    return names


def shipped(path: Path) -> Iterator[Mapping[str, str]]:
    """Yield the rows of a table shipped with the portal. Raises ValueError for a line that does not parse."""
    with path.open("rb") as file:
        for line in read_table(file, Columns((), others=True)):
            if line.wrong:
                raise ValueError(f"{path.name}, line {line.number}: {line.wrong}")
            yield line.cells


def csv_line(cells: Iterable[object]) -> str:
    """Format one line; no cell can be run as a formula (CSV injection, S44)."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerow(map(harmless, map(str, cells)))
    return file.getvalue()


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _rows(lines: Iterator[tuple[int, bytes]], names: list[str]) -> Iterator[Line]:
    for number, line in lines:
        try:
            cells = _cells(line)
            if not any(cells):
                continue
            if len(cells) != len(names):
                sentence = _("The line has %(found)s columns instead of %(due)s.", found=len(cells), due=len(names))
                raise ValueError(sentence)
            yield Line(number, dict(zip(names, cells, strict=True)))
        except ValueError as reason:
            yield Line(number, wrong=str(reason))


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        piece = line
        while not piece.endswith(b"\n") and (piece := file.readline(LONGEST_LINE)):
            pass
        yield number, line


def _names(line: bytes, columns: Columns) -> list[str]:
    try:
        cells = _cells(line.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as reason:
        if isinstance(reason.__cause__, UnicodeDecodeError):
            raise
        raise ValueError(_("The file is not a table in CSV.") + f" {reason}") from reason
    return named(cells, columns)


def _problem(names: list[str], columns: Columns) -> str:
    count, known = Counter(names), (*columns.needed, *columns.optional)
    missing = [name for name in columns.needed if name not in count]
    is_unknown = not columns.others and bool(count.keys() - set(known))
    if not (missing or is_unknown or any(count[name] > 1 for name in known)):
        return ""
    sentences = [
        _("The first line must name the columns, with commas between them: %(names)s.", names=", ".join(columns.needed))
    ]
    if columns.optional:
        sentences.append(_("%(names)s may follow.", names=", ".join(columns.optional)))
    if missing:
        sentences.append(_("The file has no column %(columns)s.", columns=", ".join(missing)))
    return " ".join(sentences)


def _cells(line: bytes) -> list[str]:
    if len(line) > LONGEST_LINE:
        raise ValueError(_("The line is too long."))
    try:
        return [plain(cell).strip() for cell in next(csv.reader([line.decode()], strict=True), [])]
    except UnicodeDecodeError as error:
        raise ValueError(_("The line is not UTF-8 text. Save the file as CSV UTF-8.")) from error
    except csv.Error as error:
        raise ValueError(_("The quotation marks of the line are not in order.")) from error
