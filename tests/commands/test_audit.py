"""`portal audit check` verifies an extract of the audit log, and says what is no extract."""

import pytest
from click.testing import CliRunner

from portal.cli import main
from tests.core.auditing.test_extracts import folder as folder
from tests.core.auditing.test_extracts import rewrite
from tests.work.test_audit import three_rows as three_rows


def checked(path) -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["audit", "check", str(path)])
    return answer.exit_code, answer.output


def test_an_extract_is_verified_packed_and_unpacked(folder, tmp_path):
    intact = (0, "All rows are unchanged and in the log.\n")
    assert checked(tmp_path / "extract.zip") == checked(folder / "rows.jsonl") == intact


def test_a_changed_row_is_named(folder):
    rewrite(folder, lambda lines: lines[1]["row"].update(action="Other"))
    assert checked(folder / "rows.jsonl") == (1, "Row 1 of the extract was changed.\n")


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", ""])
def test_what_is_no_extract_is_said_in_a_sentence(tmp_path, text):
    (tmp_path / "rows.jsonl").write_text(text)
    code, said = checked(tmp_path / "rows.jsonl")
    assert (code, "is no extract of an audit log" in said) == (1, True)
