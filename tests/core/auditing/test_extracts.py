"""An extract of the audit log is verified by the program in it, without the portal, and shows every change."""

import io
import json
import subprocess
import sys
import zipfile

import pytest

from portal.core.auditing import extracts
from portal.core.auditing.wanted import Wanted
from portal.work import audit
from portal.work.audit import SYSTEM, AuditRow
from portal.work.audit_heads import tell
from tests.work.test_audit import three_rows as three_rows
from tests.work.test_audit_chain import unlock


@pytest.fixture
def folder(three_rows, now, app, tmp_path):
    """An unpacked extract of one of the rows, with two others about it."""
    audit.note("PinSet", "x1", by=SYSTEM, now=now)
    with app.test_request_context():
        made = extracts.make_extract(Wanted(about="object:x1"), now=now)
    assert (made.rows, made.more) == (2, False)
    zipfile.ZipFile(io.BytesIO(made.content)).extractall(tmp_path / "extract")
    (tmp_path / "extract.zip").write_bytes(made.content)
    return tmp_path / "extract"


def verified(folder, *more: str) -> tuple[int, str]:
    """Run the program of the extract where nothing of the portal can be imported."""
    command = [sys.executable, "-I", "verify.py", "rows.jsonl", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rewrite(folder, change) -> None:
    file = folder / "rows.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    change(lines)
    file.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines))


def test_its_own_program_verifies_it_without_the_portal(folder):
    code, said = verified(folder)
    assert (code, "All 2 rows are unchanged and in the log." in said, "sections 1 " in said) == (0, True, True)


@pytest.mark.parametrize("field", ["action", "subject", "actor_uid", "at", "details", "previous", "hash"])
def test_a_changed_field_is_told(folder, field):
    rewrite(folder, lambda lines: lines[1]["row"].update({field: lines[2]["row"]["previous"]}))
    code, said = verified(folder)
    assert (code, "Row 1 of the extract" in said) == (1, True)


def test_a_row_that_was_left_out_is_told(folder):
    rewrite(folder, lambda lines: lines.pop())
    assert verified(folder) == (1, "The extract has 1 rows, but says 2.\n")


def test_a_root_that_was_made_to_fit_contradicts_what_was_published(folder, three_rows, now, app, tmp_path):
    from portal.work import audit_heads

    audit_heads.install(tmp_path / "heads")
    tell(1, now)
    audit_heads.install(None)
    assert "Published links that agree: 1." in verified(folder, "--published", str(tmp_path / "heads"))[1]
    published = (tmp_path / "heads").read_text()
    (tmp_path / "heads").write_text(published[:-10] + "0" * 9 + "\n")
    code, said = verified(folder, "--published", str(tmp_path / "heads"))
    assert (code, "Section 1 differs from its published link" in said) == (1, True)


def test_a_log_with_a_lost_row_gives_no_extract(three_rows, now, app):
    unlock()
    AuditRow.delete().where(AuditRow.id == 2).execute()
    with app.test_request_context(), pytest.raises(ValueError, match="rows between"):
        extracts.make_extract(Wanted(), now=now)


def test_an_extract_of_nothing_is_whole_too(three_rows, now, app, tmp_path):
    with app.test_request_context():
        made = extracts.make_extract(Wanted(about="object:none"), now=now)
    zipfile.ZipFile(io.BytesIO(made.content)).extractall(tmp_path)
    assert verified(tmp_path)[0] == 0


def test_more_rows_than_an_extract_holds_are_said(three_rows, now, app, monkeypatch):
    monkeypatch.setattr(extracts, "MOST", 2)
    with app.test_request_context():
        made = extracts.make_extract(Wanted(), now=now)
    read_me = zipfile.ZipFile(io.BytesIO(made.content)).read("READ-ME.txt").decode()
    assert (made.rows, made.more, "There are older rows" in read_me) == (2, True, True)
