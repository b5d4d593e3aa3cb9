"""CSV: strict parsing with a lenient header line; no cell that goes out is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.base.errors import Invalid
from portal.store.csv_file import LONGEST_LINE, Columns, Line, csv_line, read_table, shipped

COLUMNS = Columns(("code", "given_name"), ("phone",))


def read(text: str | bytes, columns: Columns = COLUMNS) -> list[Line]:
    return list(read_table(io.BytesIO(text.encode() if isinstance(text, str) else text), columns))


@pytest.mark.parametrize(
    "head", ["code,given_name", "\ufeffcode,given_name", "Given Name , CODE", '"code","given-name"']
)
def test_the_header_line_is_matched_leniently(head):
    (line,) = read(f"{head}\r\n1,1\r\n")
    assert line == Line(2, {"code": "1", "given_name": "1"})


@pytest.mark.parametrize(
    "head", ["", "code", "code;given_name", "code\tgiven_name", "code,code,given_name", "code,given_name,pan"]
)
def test_a_wrong_header_refuses_the_file_and_names_the_columns(head):
    with pytest.raises(Invalid, match=r"^The first line must name the columns, with commas between them: code, gi"):
        read(head + "\n1,2\n")


def test_a_missing_column_is_named_under_the_form_field():
    with pytest.raises(Invalid) as refused:
        read_table(io.BytesIO(b"code,phone\n"), COLUMNS, "file")
    assert refused.value.fields["file"].endswith("The file has no column given_name.")


def test_unknown_columns_are_ignored_where_allowed():
    (line,) = read("pan,code,pan\nA,1,B\n", Columns(("code",), others=True))
    assert line.cells["code"] == "1"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_in_another_encoding_is_one_clear_error(encoding):
    with pytest.raises(Invalid, match=r"^The line is not UTF-8 text\. Save the file as CSV UTF-8\.$"):
        read("code,given_name\n1,Rām\n".encode(encoding))


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("1,Jos\xe9\n".encode("cp1252"), "The line is not UTF-8 text. Save the file as CSV UTF-8."),
        (b"1,2,3\n", "The line has 3 columns instead of 2."),
        (b"1\n", "The line has 1 columns instead of 2."),
        (b'1,"Ram\n', "The quotation marks of the line are not in order."),
        (b"1," + b"x" * LONGEST_LINE + b"\n", "The line is too long."),
    ],
)
def test_an_invalid_line_says_why_and_the_next_is_still_read(line, wrong):
    assert read(b"code,given_name\n" + line + b"2,Mohan\n") == [
        Line(2, wrong=wrong),
        Line(3, {"code": "2", "given_name": "Mohan"}),
    ]


def test_an_endless_header_line_is_refused():
    with pytest.raises(Invalid, match=r"^The file is not a table in CSV\. The line is too long\.$"):
        read('"' + "x" * 200_000)


def test_invisible_characters_are_removed_and_every_line_is_counted():
    lines = read("code,given_name\n\n,\n\x001\u200b, Ra\x00m\u202e \n")
    assert lines == [Line(4, {"code": "1", "given_name": "Ram"})]


@given(st.binary(max_size=300))
def test_any_bytes_give_lines_or_reasons(rest):
    for line in read(b"code,given_name\n" + rest):
        assert bool(line.cells) != bool(line.wrong)


def test_an_invalid_shipped_table_raises(tmp_path):
    (tmp_path / "own.csv").write_text("code\n1,2\n")
    with pytest.raises(ValueError, match=r"^own\.csv, line 2: The line has 2 columns"):
        list(shipped(tmp_path / "own.csv"))


@pytest.mark.parametrize("cell", ["=1+1", "+91", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_cell_can_be_run_as_a_formula(cell):
    assert next(csv.reader(io.StringIO(csv_line([cell, "b"]), newline=""))) == [f"'{cell}", "b"]


def test_other_cells_stay_as_they_are():
    assert csv_line(["रमेश", 'a "b", c', 3]) == 'रमेश,"a ""b"", c",3\r\n'
