"""Files of registers as spreadsheets and other systems write them: read rightly, or refused with the cure."""

import io
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from portal.base.errors import Invalid
from portal.core.register import columns
from portal.core.register.models import REFUSED, RegisterChange
from portal.sandbox import sheets, spreadsheets
from tests.core.register.conftest import HEADER, RAMESH, SITA, register, table

TEXT = "\r\n".join(",".join(row) for row in (HEADER, RAMESH, SITA))
BOTH = [
    ("5000001", "Ramesh Kumar", "रमेश कुमार", date(1950, 2, 3)),
    ("5000002", "Sita Devi", "सीता देवी", date(1961, 7, 9)),
]


def workbook(*rows: tuple[object, ...], empty_first: bool = False) -> bytes:
    book = Workbook()
    sheet = book.active
    if empty_first:
        sheet = book.create_sheet("People")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def people() -> list[tuple]:
    return [(row["ben_id"], row["name"], row["name_hi"], row["date_of_birth"]) for row in register()]


NAMES = [
    "plain",
    "with a mark",
    "old Mac",
    "Unix",
    "semicolons",
    "UTF-16 with tabs",
    "bars",
    "an empty column",
    "other names",
    "day first",
    "decimals",
    "Excel",
    "Excel, second sheet",
    "Excel, numbers",
]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace(",", ";").encode("utf-8-sig"),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace(",", "|").encode(),
        TEXT.replace("\r\n", ",\r\n").encode(),
        TEXT.replace(HEADER[0], "Ben ID").replace("name_hi", "Name Hi").encode(),
        TEXT.replace("1950-02-03", "03-02-1950").replace("1961-07-09", "09/07/1961").encode(),
        TEXT.replace("5000001", "5000001.0").replace("9000000111", "9000000111.0").replace(",01\r", ",1\r").encode(),
        workbook(HEADER, RAMESH, SITA),
        workbook(HEADER, RAMESH, SITA, empty_first=True),
        workbook(
            HEADER,
            (5000001, *RAMESH[1:4], datetime(1950, 2, 3, tzinfo=UTC).replace(tzinfo=None), 9000000111.0, 1),
            (5000002, *SITA[1:4], date(1961, 7, 9), 9000000112, 2),
        ),
    ],
    ids=NAMES,
)
def test_a_register_is_read_whatever_wrote_it(done, content):
    batch = done(content)
    assert batch.counts == {"new": 2}
    assert people() == BOTH


def test_excels_separator_line_is_skipped_and_lines_are_counted_as_in_the_file(done):
    done(b"sep=,\r\n" + TEXT.encode())
    assert people() == BOTH
    assert list(sheets.table_of(b"sep=;\r\na;b\r\n1;2")[1]) == [(3, ["1", "2"], "")]


def test_numbers_that_a_spreadsheet_rounded_are_refused_with_the_cure(preview):
    batch = preview(table(("1.0E+06", *RAMESH[1:5], "9.00001E+09", "1"), SITA))
    assert batch.counts == {"new": 1, "refused": 1}
    row = RegisterChange.get(RegisterChange.kind == REFUSED)
    assert (row.line, row.reason.count("its last digits are lost")) == (2, 2)
    assert "format the column as text" in row.reason


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (workbook(), "The file is empty."),
        ("नाम\né".encode() + b"\xff", "The file is not text in UTF-8."),
        (TEXT.encode("utf-16-le"), "The file is not text in UTF-8."),
        (b"\xd0\xcf\x11\xe0 old", "an old Excel file"),
        (b"PK\x03\x04 broken", "The file is damaged."),
        (b'"' + b"x" * 50, "The file is not a table."),
        (",".join(map(str, range(61))).encode(), "The file is not a table."),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        spreadsheets.read_sheet(content)


def test_a_zip_that_is_no_workbook_and_one_that_unpacks_to_too_much_are_refused(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("readme.txt", "x")
    with pytest.raises(sheets.Refused, match="table"):
        sheets.table_of(out.getvalue())
    monkeypatch.setattr(sheets, "LARGEST", 100)
    with pytest.raises(sheets.Refused, match="large"):
        sheets.table_of(workbook(HEADER, RAMESH))


def test_entities_of_a_workbook_are_not_expanded():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(HEADER, RAMESH))) as good, zipfile.ZipFile(out, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, (bomb if name.endswith("sheet1.xml") else b"") + good.read(name).removeprefix(b"<?xml"))
    with pytest.raises(Invalid, match="damaged"):
        spreadsheets.read_sheet(out.getvalue())


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 1)
    assert b'"many"' in sheets.work(b'{"rows": 0}\n' + TEXT.encode())
    assert len(sheets.work(b'{"rows": 1}\n' + TEXT.encode()).splitlines()) == 2


def test_a_broken_line_is_named_and_the_next_one_is_read():
    rows = table(RAMESH[:2], SITA) + b'x,"y,z\r\n' + b"9" * 5000
    found = list(sheets.table_of(rows)[1])
    assert [(number, wrong) for number, _cells, wrong in found] == [
        (2, "columns 2"),
        (3, ""),
        (4, "quotes"),
        (5, "long"),
    ]
    lines = list(columns.lines_of(found, columns.proposed(HEADER), 7, day_first=False))
    assert [line.wrong for line in lines] == [
        "The line has 2 columns instead of 7.",
        "",
        "The quotation marks of the line are not in order.",
        "The line is too long.",
    ]


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_refusal(content):
    with suppress(sheets.Refused):
        names, rows = sheets.table_of(content)
        assert all(cells is None or len(cells) == len(names) for _number, cells, _wrong in rows)
