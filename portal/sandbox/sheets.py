"""The child's side of `spreadsheets`: a CSV file or an Excel workbook becomes rows of text. Untrusted files end here.

CSV as spreadsheets and systems write it: UTF-8 or UTF-16, any line ends, a comma, semicolon, tab or bar between cells,
Excel's `sep=` line, a line a row. Of a workbook the first sheet that has rows, read row by row.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
WORKBOOK = "xl/workbook.xml"
LARGEST = 400 * 2**20  # bytes of an unpacked workbook
LONGEST_LINE, MOST_COLUMNS, MOST_ROWS = 4096, 60, 500_000
SEPARATORS = ",;\t|"
Cells = list[str]
Numbered = tuple[int, Cells | None, str]  # line, cells, and what is wrong with it


class Refused(ValueError):
    """The file as a whole cannot be read; the text is the key of a sentence."""


def work(request: bytes) -> bytes:
    """Handle a request: a line of JSON (`rows`: how many are wanted, 0 for all) and the file.

    Answers with lines of JSON: the columns, then each row as [line, cells or null, error].
    """
    head, _, content = request.partition(b"\n")
    wanted = json.loads(head)["rows"]
    try:
        columns, rows = table_of(content)
        out = [json.dumps({"columns": columns}, ensure_ascii=False)]
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise Refused("many")
            out.append(json.dumps(row, ensure_ascii=False))
            if count == wanted:
                break
    except Refused as refusal:
        return json.dumps({"refused": str(refusal)}).encode()
    return "\n".join(out).encode("utf-8", "replace")


def table_of(content: bytes) -> tuple[Cells, Iterator[Numbered]]:
    """Return the names of the columns and the rows below them. Raises Refused."""
    is_workbook = content.startswith(ZIP)
    if content.startswith(OLE):
        raise Refused("old")
    rows = _workbook(content) if is_workbook else _lines(_text(content))
    first = next((row for row in rows if row[1] is None or any(row[1])), None)
    if first is None:
        raise Refused("empty")
    columns = _without_tail(first[1] or [])
    if not columns or len(columns) > MOST_COLUMNS:
        raise Refused("table")
    return columns, (
        _fitted(row, len(columns), may_be_short=is_workbook) for row in rows if row[1] is None or any(row[1])
    )


def _fitted(row: Numbered, width: int, *, may_be_short: bool) -> Numbered:
    """Give a row the width of the header: empty cells beyond it are left out."""
    number, cells, wrong = row
    if cells is None:
        return row
    cells = cells[:width] + _without_tail(cells[width:])
    if may_be_short:
        cells += [""] * (width - len(cells))
    return (number, cells, wrong) if len(cells) == width else (number, None, f"columns {len(cells)}")


def _text(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused("text") from error
    if "\0" in text:
        raise Refused("text")
    return text


def _lines(text: str) -> Iterator[Numbered]:
    lines = enumerate(re.split(r"\r\n|\r|\n", text), 1)
    separator = ""
    for number, line in lines:
        if not line.strip():
            continue
        if not separator:
            told = re.fullmatch(r'"?sep=(.)"?[,;]*', line.strip("\ufeff"), re.I)
            separator = told[1] if told else max(SEPARATORS, key=line.count)
            if told:
                continue
        yield _split(number, line, separator)


def _split(number: int, line: str, separator: str) -> Numbered:
    if len(line) > LONGEST_LINE:
        return number, None, "long"
    try:
        return number, [cell.strip() for cell in next(csv.reader([line], delimiter=separator, strict=True))], ""
    except csv.Error:
        return number, None, "quotes"


def _workbook(content: bytes) -> Iterator[Numbered]:
    from openpyxl import load_workbook  # in the child only: web and worker do without its memory

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            sizes = {one.filename: one.file_size for one in packed.infolist()}
        if WORKBOOK not in sizes:
            raise Refused("table")
        if sum(sizes.values()) > LARGEST:
            raise Refused("large")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of its size may be wrong
            rows = ((number, _texts(cells), "") for number, cells in enumerate(sheet.iter_rows(values_only=True), 1))
            first = next((row for row in rows if any(row[1])), None)
            if first is not None:
                yield first
                yield from rows
                return
    except (Refused, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part makes it stumble over
        raise Refused("damaged") from error


def _texts(cells: Iterable[Any]) -> Cells:
    return _without_tail([_cell(value) for value in cells])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def _without_tail(cells: Cells) -> Cells:
    end = next((place for place in range(len(cells), 0, -1) if cells[place - 1]), 0)
    return cells[:end]
