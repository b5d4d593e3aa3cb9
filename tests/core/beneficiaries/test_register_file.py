"""The register's file: valid lines become rows, invalid ones reasons, and the file is streamed."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.base.errors import Invalid
from portal.core.beneficiaries.register_file import COLUMNS, Known, Row, check_lines
from portal.demo.register import demo_rows, write_register
from portal.store.csv_file import LONGEST_LINE, read_table

KNOWN = Known(centres={"01", "02", "41"}, today=date(2026, 11, 23))
HEADER = ",".join(COLUMNS.needed) + "\n"
GOOD = {
    "ben_id": "1000001",
    "name": "Ramesh Kumar",
    "name_hi": "रमेश कुमार",
    "gender": "male",
    "date_of_birth": "1985-05-05",
    "mobile": "9000000001",
    "centre": "01",
}
LOST = (
    "and its last digits are lost. Take the file from where it comes from again, and format the column as text before "
    "you open it."
)
ROW = Row("1000001", "Ramesh Kumar", "रमेश कुमार", "male", date(1985, 5, 5), "+919000000001", "01")


def read(text: str | bytes, known: Known = KNOWN) -> list[tuple[int, Row | list[str]]]:
    return list(rows_of(io.BytesIO(text.encode() if isinstance(text, str) else text), known))


def rows_of(file: BinaryIO, known: Known = KNOWN) -> Iterator[tuple[int, Row | list[str]]]:
    return ((line.number, row) for line, row in check_lines(read_table(file, COLUMNS), known))


def line(**changes: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow((GOOD | changes).values())
    return out.getvalue()


def reasons(**changes: str) -> list[str]:
    ((number, found),) = read(HEADER + line(**changes))
    assert number == 2
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_valid_line_is_a_row_with_or_without_byte_order_mark(start: str, end: str) -> None:
    assert read(start + (HEADER + line()).replace("\n", end)) == [(2, ROW)]


def test_the_last_line_needs_no_newline() -> None:
    assert read((HEADER + line()).rstrip()) == [(2, ROW)]


def test_columns_may_be_in_any_order_and_case() -> None:
    names = [name.upper() for name in reversed(COLUMNS.needed)]
    assert read(",".join(names) + "\n" + ",".join(reversed(GOOD.values()))) == [(2, ROW)]


@pytest.mark.parametrize(("cell", "disabled"), [("yes", True), ("1", True), ("No", False), ("", False)])
def test_disability_is_an_optional_column(cell: str, disabled: bool) -> None:
    ((_, row),) = read(HEADER.strip() + ",disability\n" + line().strip() + f",{cell}\n")
    assert isinstance(row, Row)
    assert row.has_disability is disabled


@pytest.mark.parametrize(
    "header", ["", "ben_id,name\n", HEADER.replace(",", ";"), "ben_id," + HEADER, HEADER.strip() + ",pan\n", line()]
)
def test_a_wrong_header_is_one_clear_error(header: str) -> None:
    with pytest.raises(Invalid, match=r"^The first line must name the columns, .*: ben_id, name, name_hi, gender, "):
        rows_of(io.BytesIO(header.encode()), KNOWN)


def test_a_file_in_another_encoding_is_one_clear_error() -> None:
    with pytest.raises(Invalid, match=r"^The line is not UTF-8 text\."):
        read((HEADER + line()).encode("utf-16"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ben_id": "10A"}, "The Ben ID has digits only, as printed on the CGHS card."),
        ({"ben_id": "12"}, "This Ben ID is too short or too long. Give it as printed on the CGHS card."),
        ({"name": ""}, "Give a name of at most 250 characters."),
        ({"name": "=1+1"}, "Give a name of at most 250 characters."),
        ({"name": "\u202e\u200b"}, "Give a name of at most 250 characters."),
        ({"name": "R" * 251}, "Give a name of at most 250 characters."),
        ({"name": "Ram\ue000"}, "The name has characters that cannot be printed."),
        ({"gender": "x"}, "Give the gender as male, female or other."),
        ({"date_of_birth": "05/05/1985"}, "Give the date of birth as year-month-day, such as 1985-05-31."),
        ({"date_of_birth": "1985-02-30"}, "There is no such day as the date of birth."),
        ({"date_of_birth": "2026-11-24"}, "The date of birth lies in the future."),
        ({"date_of_birth": "1885-05-05"}, "The date of birth lies too far back."),
        ({"mobile": "12345"}, "Give a mobile number of 10 digits."),
        ({"mobile": "9.00E+09"}, f"A spreadsheet has turned the number into 9.00E+09, {LOST}"),
        ({"ben_id": "1.0E+06"}, f"A spreadsheet has turned the number into 1.0E+06, {LOST}"),
        ({"centre": "99"}, "The wellness centre '99' is not known."),
    ],
)
def test_an_invalid_cell_refuses_the_line_with_the_reason(changes: dict[str, str], reason: str) -> None:
    assert reasons(**changes) == [reason]


def test_all_reasons_of_a_line_are_reported() -> None:
    assert len(reasons(ben_id="x", gender="x", date_of_birth="x", mobile="x", centre="x")) == 5


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"1000001,Ram\n", "The line has 2 columns instead of 7."),
        (line().encode().replace(b"Ramesh", b"Ram\xff"), "The line is not UTF-8 text. Save the file as CSV UTF-8."),
        (b'1000001,"Ram,x\n', "The quotation marks of the line are not in order."),
        (b"x" * LONGEST_LINE * 3 + b"\n", "The line is too long."),
    ],
)
def test_a_broken_line_does_not_affect_the_next_one(bad: bytes, reason: str) -> None:
    assert read(HEADER.encode() + bad + line().encode()) == [(2, [reason]), (3, ROW)]


def test_empty_lines_are_skipped_but_counted() -> None:
    assert read(HEADER + "\n,,,,,,\n" + line()) == [(4, ROW)]


def test_a_duplicate_ben_id_is_refused() -> None:
    again = read(HEADER + line() + line(ben_id="१०००००१", name="Other Name"))
    assert again == [(2, ROW), (3, ["The Ben ID 1000001 stands on line 2 already."])]


def test_a_refused_line_does_not_reserve_its_ben_id() -> None:
    assert read(HEADER + line(gender="?") + line())[1] == (3, ROW)


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("x")', "+Ram", "@Ram", "-Ram", "Ram @ Ramu", "O'Brien, Mary", "<b>Ram</b>", "$name"]
)
def test_a_cell_that_looks_like_a_formula_is_only_data(name: str) -> None:
    ((_, row),) = read(HEADER + line(name=name))
    assert isinstance(row, Row)
    assert row.name == name


def test_whole_numbers_with_a_spreadsheets_decimals_are_accepted() -> None:
    assert read(HEADER + line(ben_id="1000001.0", mobile="9000000001.0", centre="1.0")) == [(2, ROW)]


def test_a_centre_without_its_leading_zero_is_accepted() -> None:
    assert read(HEADER + line(centre="1")) == [(2, ROW)]


def test_the_pattern_of_ben_ids_is_configurable() -> None:
    strict = Known(KNOWN.centres, KNOWN.today, "^[0-9]{9}$")
    assert read(HEADER + line(), strict)[0][1] == [
        "This Ben ID is too short or too long. Give it as printed on the CGHS card."
    ]


class Counted(io.BytesIO):
    """A file that records the largest read."""

    largest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        self.largest = max(self.largest, size or -1)
        assert size is not None
        assert size > 0
        return super().readline(size)


def test_a_line_of_ten_megabytes_is_never_in_memory_as_a_whole() -> None:
    file = Counted(HEADER.encode() + b"9" * 10_000_000 + b"\n" + line().encode())
    assert list(rows_of(file, KNOWN)) == [(2, ["The line is too long."]), (3, ROW)]
    assert file.largest <= LONGEST_LINE + 1


def test_lines_are_read_lazily() -> None:
    file = io.BytesIO((HEADER + line() * 10_000).encode())
    next(rows_of(file, KNOWN))
    assert file.tell() < 1000


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_reasons(rest: bytes) -> None:
    for number, found in read(HEADER.encode() + rest):
        assert number >= 2
        assert isinstance(found, Row) or (found and all(found))


def test_the_demo_file_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    write_register(path, 300)
    known = Known({f"{number:02d}" for number in range(1, 42)}, KNOWN.today)
    with path.open("rb") as file:
        assert [row for _, row in rows_of(file, known)] == list(demo_rows(300))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ram\u202e Kumar", "Ram Kumar"), ("\ufeffRam\x1b Kumar\u200b", "Ram Kumar"), ("R" * 250, "R" * 250)],
)
def test_long_names_and_invisible_characters_are_accepted(typed: str, kept: str) -> None:
    ((_, row),) = read(HEADER + line(name=typed, name_hi="श्री" * 40))
    assert isinstance(row, Row)
    assert (row.name, row.name_hi) == (kept, "श्री" * 40)
