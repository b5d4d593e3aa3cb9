"""The administrator imports a list in the browser: preview, versions, going back."""

import io

import pytest
from openpyxl import Workbook

from portal.core.consults import diagnoses
from portal.core.formulary import versions
from portal.core.formulary.models import Drug, FormularyVersion
from portal.core.lists.models import ListDraft
from portal.core.rules import tables
from portal.core.rules.models import RuleTable
from portal.work.audit import AuditRow
from portal.work.events import Event
from tests.consulting import make_drug
from tests.factories import make_staff

START = "/admin/formulary"
HEAD = "name,form,strengths,tele_class,class_source\n"
LIST = HEAD + "Paracetamol,tablet,500 mg|650 mg,,\nZinc sulphate,syrup,20 mg/5 ml,,\n"


@pytest.fixture(autouse=True)
def packaged():
    """Leave the packaged tables in force in this process."""
    yield
    tables.install(tables.InForce())


@pytest.fixture
def browser(db, sign_in):
    make_drug("Paracetamol", strengths="500 mg")
    make_drug("Timolol", form="eye drops", tele_class="A")
    return sign_in(make_staff("admin", name="Asha Rao"))


def send(browser, kind: str, content: str | bytes, name: str = "list.csv"):
    raw = content.encode() if isinstance(content, str) else content
    where = f"{START}/{kind}"
    return browser.submit(where, {"file": (io.BytesIO(raw), name)}, page=where, content_type="multipart/form-data")


def names() -> list[str]:
    return [row["name"] for row in versions.in_force_rows()]


def test_a_list_is_uploaded_looked_at_written_and_gone_back_from(browser, now) -> None:
    where = send(browser, "formulary", LIST).headers["Location"]
    page = browser.get(where).text
    assert "1 new, 1 changed, 1 taken out, 0 refused." in page
    assert "<del>500 mg</del> → <ins>500 mg, 650 mg</ins>" in browser.get(f"{where}?show=changed").text
    assert names() == ["Paracetamol", "Timolol"]
    answer = browser.submit(f"{where}/confirm", {"signed": "Dr A. Rao, DMC-18230"}, page=where)
    assert answer.headers["Location"] == f"{START}/formulary"
    assert names() == ["Paracetamol", "Zinc sulphate"]
    last = versions.newest()
    assert (last.number, last.imported_by, last.signed_by, last.file) == (
        3,
        "Asha Rao",
        "Dr A. Rao, DMC-18230",
        "list.csv",
    )
    assert browser.get(where).status_code == 404
    changed = browser.get(f"{START}/formulary/3?show=gone").text
    assert "Timolol · eye drops" in changed
    again = browser.submit(f"{START}/formulary/2/back", page=f"{START}/formulary/2").headers["Location"]
    assert "Going back to version 2" in browser.get(again).text
    browser.submit(f"{again}/confirm", {"signed": "Dr A. Rao"}, page=again)
    assert names() == ["Paracetamol", "Timolol"]
    assert FormularyVersion.select().count() == 4
    assert Event.select().where(Event.name == "Imported").count() == 2
    assert AuditRow.select().where(AuditRow.action == "ListUploaded").count() == 2


def test_a_class_is_not_changed_without_a_clinician_who_answers_for_it(browser) -> None:
    where = send(browser, "classes", "name,tele_class,class_source\nTimolol,B,TPG 2020 List B\n").headers["Location"]
    assert "Medicines whose class changes: 1." in browser.get(where).text
    answer = browser.submit(f"{where}/confirm", {"signed": " "}, page=where)
    assert (answer.status_code, 'id="signed-error"' in answer.text) == (422, True)
    assert Drug.get(Drug.name == "Timolol").tele_class == "A"
    browser.submit(f"{where}/confirm", {"signed": "Dr A. Rao"}, page=where)
    assert Drug.get((Drug.name == "Timolol") & Drug.until.is_null()).tele_class == "B"


def test_a_brand_needs_no_signature_and_takes_nothing_out(browser) -> None:
    where = send(browser, "brands", "name,brand,source\nParacetamol,Crocin,label\nNobody,X,label\n").headers["Location"]
    page = browser.get(where).text
    assert "0 new, 1 changed, 0 taken out, 1 refused." in page
    assert "the formulary has no &#39;Nobody&#39;" in browser.get(f"{where}?show=refused").text
    assert browser.submit(f"{where}/confirm", page=where).status_code == 303
    assert names() == ["Paracetamol", "Timolol"]


def test_a_table_of_safety_is_taken_whole_or_not_at_all(browser) -> None:
    wrong = tables.packaged("safety_doses") + "zeburol,ten,5,label\n"
    where = send(browser, "safety-doses", wrong).headers["Location"]
    assert "most_a_day_mg is &#39;ten&#39;" in browser.get(where).text
    answer = browser.submit(f"{where}/confirm", {"signed": "Dr A. Rao"}, page=f"{START}/safety-doses")
    assert (answer.status_code, RuleTable.select().count()) == (409, 0)
    right = tables.packaged("safety_doses") + "zeburol,10,5,label\n"
    where = send(browser, "safety-doses", right).headers["Location"]
    assert browser.submit(f"{where}/confirm", {"signed": ""}, page=where).status_code == 422
    browser.submit(f"{where}/confirm", {"signed": "Dr A. Rao"}, page=where)
    assert RuleTable.get().signed_by == "Dr A. Rao"
    assert "zeburol" in browser.get(f"{START}/safety-doses.csv", buffered=True).text
    back = browser.submit(f"{START}/safety-doses/0/back", page=f"{START}/safety-doses/0").headers["Location"]
    page = browser.get(back).text
    assert "Going back to the list as delivered" in page
    assert "0 new, 0 changed, 1 taken out, 0 refused." in page


def test_diagnoses_come_from_an_excel_workbook_and_are_searched_in_both_languages(browser, sign_in) -> None:
    book, raw = Workbook(), io.BytesIO()
    book.active.append(["Code", "Label", "Label Hi"])
    book.active.append(["M75.0", "Adhesive capsulitis of shoulder", "कंधे की जकड़न"])
    book.save(raw)
    where = send(browser, "icd10", raw.getvalue(), "icd.xlsx").headers["Location"]
    assert browser.submit(f"{where}/confirm", page=where).status_code == 303
    doctor = sign_in(make_staff("doctor", username="dr"))
    assert "Adhesive capsulitis of shoulder" in doctor.get("/diagnoses?q=जकड़न").text
    assert diagnoses.has_whole_list()


def test_what_somebody_else_changed_meanwhile_is_looked_at_anew(browser) -> None:
    where = send(browser, "formulary", LIST).headers["Location"]
    other = send(browser, "brands", "name,brand,source\nParacetamol,Crocin,label\n").headers["Location"]
    browser.submit(f"{other}/confirm", page=other)
    answer = browser.submit(f"{where}/confirm", {"signed": "Dr A. Rao"}, page=where)
    assert (answer.status_code, "Somebody has changed this list" in answer.text) == (409, True)
    assert names() == ["Paracetamol", "Timolol"]
    assert browser.submit(f"{where}/confirm", {"signed": "Dr A. Rao"}, page=where).status_code == 303


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a file"),
        (b"\xd0\xcf\x11\xe0", "old Excel file"),
        (b"name,strength\nA,B\n", "The file has no column form"),
        (HEAD.encode(), "nothing below it"),
        (HEAD.encode() + b"A,tablet,5 mg,,\n" * 20_001, "more than 20000 lines"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_and_nothing_is_kept(browser, content, words) -> None:
    answer = send(browser, "formulary", content)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert not ListDraft.select().exists()


def test_a_draft_is_thrown_away_and_the_list_stays(browser) -> None:
    where = send(browser, "formulary", LIST).headers["Location"]
    assert browser.submit(f"{where}/drop", page=where).headers["Location"] == f"{START}/formulary"
    assert not ListDraft.select().exists()
    assert AuditRow.select().where(AuditRow.action == "ListDropped").count() == 1
    assert names() == ["Paracetamol", "Timolol"]


def test_lines_in_force_are_searched_and_paged(browser) -> None:
    page = browser.get(f"{START}/barred?q=tramadol").text
    assert "Tramadol" in page
    assert "Alprazolam" not in page
    assert 'rel="next"' in browser.get(f"{START}/barred?page=1").text
    assert browser.get(f"{START}/barred?page=-5").status_code == 200
    assert browser.get(f"{START}/odd").status_code == 404
    assert browser.get(f"{START}/formulary/99").status_code == 404
    assert "Interactions of medicines" in browser.get(START).text


def test_the_reasons_of_refused_lines_are_told_in_hindi(browser) -> None:
    where = send(browser, "brands", "name,brand,source\nParacetamol,Crocin,label\nNobody,X,label\n").headers["Location"]
    browser.get("/lang/hi?next=/admin")
    assert "दवाओं की सूची में &#39;Nobody&#39; नहीं है" in browser.get(f"{where}?show=refused").text
