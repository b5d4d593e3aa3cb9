"""The administrator imports a file in the browser: columns, preview, progress, report, undo."""

import csv
import io
import re

import pytest

from portal.base.errors import Invalid
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.referrals.checks import gate
from portal.core.register import imports
from portal.core.register.models import RegisterImport, RegisterUpload
from portal.core.register.reports import PAGE
from portal.work.audit import SYSTEM
from tests.core.register.conftest import RAMESH, SITA, table
from tests.factories import make_specialty, make_staff

START = "/admin/beneficiaries/import"


@pytest.fixture
def browser(db, sign_in):
    return sign_in(make_staff("admin", name="Asha Rao"))


def send(browser, content: bytes, name: str = "register.csv"):
    return browser.submit(START, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def test_the_whole_way_from_the_file_to_undo(browser, centres, queue):
    where = send(browser, table(RAMESH, ("x", *SITA[1:]))).headers["Location"]
    page = browser.get(where).text
    assert "Which column is what?" in page
    assert "Ramesh Kumar" in page
    chosen = dict(re.findall(r'<select id="(\w+)".*?<option value="(\d+)" selected', page, re.S))
    assert chosen["mobile"] == "5"
    assert browser.submit(f"{where}/columns", chosen | {"dates": "iso"}, page=where).status_code == 303
    assert "The file is being read" in browser.get(where).text
    queue.drain()
    page = browser.get(where).text
    assert "1 new, 0 changed, 0 not in the file, 0 the same, 1 refused." in page
    assert not RegisterEntry.select().exists()
    assert "The Ben ID has digits only" in browser.get(f"{where}?kind=refused").text
    assert browser.submit(f"{where}/confirm", page=where).status_code == 303
    assert "The register is being written" in browser.get(where).text
    queue.drain()
    assert "This import is done" in browser.get(where).text
    assert RegisterEntry.get().name == "Ramesh Kumar"
    row = RegisterEntry.get().id
    assert "Added to the register." in browser.get(f"/admin/beneficiaries/{row}").text
    assert browser.submit(f"{where}/undo", page=where).status_code == 303
    queue.drain()
    assert "This import is undone" in browser.get(where).text
    assert not RegisterEntry.select().exists()


def test_a_few_imports_have_no_next_page(browser, centres):
    send(browser, table(RAMESH))
    page = browser.get(START).text
    assert "register.csv" in page
    assert 'rel="next"' not in page


def test_a_form_sent_twice_makes_one_import(browser, centres):
    hidden = browser.hidden_fields(START)
    body = {"csrf_token": hidden["csrf_token"], "idempotency_key": hidden["idempotency_key"]}
    for _ in range(2):
        file = {"file": (io.BytesIO(table(RAMESH)), "register.csv")}
        answer = browser.post(START, data=body | file, content_type="multipart/form-data")
        assert answer.status_code == 303
    assert RegisterImport.select().count() == 1


@pytest.mark.parametrize(("content", "words"), [(b"", "Choose a file"), (b"\xd0\xcf\x11\xe0", "old Excel file")])
def test_a_file_that_cannot_be_read_is_said_and_nothing_is_stored(browser, centres, content, words):
    answer = send(browser, content)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert not RegisterImport.select().exists()


def test_wrong_columns_are_said_beside_each_field(browser, centres):
    where = send(browser, table(RAMESH)).headers["Location"]
    answer = browser.submit(f"{where}/columns", {"ben_id": "0", "name": "0"}, page=where)
    assert answer.status_code == 422
    for field in ("name", "mobile"):
        assert f'id="{field}-error"' in answer.text


def test_a_preview_is_paged_and_names_each_difference(browser, done, preview):
    people = [(f"60000{number}", *RAMESH[1:]) for number in range(10, 10 + PAGE + 5)]
    done(table(*people))
    batch = preview(table(*((row[0], "Ram Kumar", *row[2:5], "9000000555", "02") for row in people)))
    page = browser.get(f"{START}/{batch.uid}").text
    assert page.count("<del>Ramesh Kumar</del> → <ins>Ram Kumar</ins>") == PAGE
    assert "<del>+919000000111</del> → <ins>+919000000555</ins>" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert browser.get(following).text.count("<del>Ramesh Kumar</del>") == 5


def test_refused_lines_come_as_a_file_with_reasons_and_without_formulas(browser, preview):
    batch = preview(table(("=1+1", *RAMESH[1:])))
    answer = browser.get(f"{START}/{batch.uid}.csv", buffered=True)
    row = next(csv.DictReader(io.StringIO(answer.text)))
    assert (row["line"], row["ben_id"], row["mobile"]) == ("2", "'=1+1", "9000000111")
    assert row["reason"].startswith("The Ben ID has digits only")


def test_what_comes_too_late_is_said_and_changes_nothing(browser, done):
    batch = done(table(RAMESH))
    where = f"{START}/{batch.uid}"
    for deed in ("confirm", "columns", "drop", "retry"):
        answer = browser.submit(f"{where}/{deed}", page=where)
        assert (answer.status_code, "Please check this" in answer.text) == (409, True)
    assert browser.get(f"{START}/nobody").status_code == 404
    assert browser.get(f"{where}?kind=odd").status_code == 404


def test_a_preview_is_thrown_away(browser, preview):
    where = f"{START}/{preview(table(RAMESH)).uid}"
    assert browser.submit(f"{where}/drop", page=where).headers["Location"] == START
    assert "thrown away" in browser.get(START).text


def test_a_damaged_register_file_says_so(browser, centres, queue, now):
    made = imports.upload_file("a.csv", io.BytesIO(table(RAMESH)), None, by=SYSTEM, now=now)
    imports.choose_columns(made.uid, {field: str(place) for field, place in made.mapping.items()})
    RegisterUpload.update(content=b"\xff").execute()
    queue.drain()
    assert "could not be read to its end" in browser.get(f"{START}/{made.uid}").text


def test_who_is_no_longer_in_the_scheme_gets_no_token_and_is_marked_in_the_list(browser, done, now):
    done(table(RAMESH, SITA))
    batch = done(table(RAMESH), marks_gone=True)
    sita = RegisterEntry.get(RegisterEntry.ben_id == SITA[0])
    with pytest.raises(Invalid, match="no longer in the scheme"):
        gate(sita, make_specialty(), now)
    assert browser.get("/admin/beneficiaries").text.count("no longer in the scheme") == 1
    assert "Marked as no longer in the scheme" in browser.get(f"{START}/{batch.uid}").text
