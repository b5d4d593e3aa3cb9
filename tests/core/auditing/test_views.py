"""The audit page finds, says what is meant, is itself on record, and shows nothing of what the doctor wrote."""

import io
import zipfile

import pytest
from lxml import html

from portal.work.audit import SYSTEM, AuditRow, note
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_entry, make_staff
from tests.noted import actor_of, noted


@pytest.fixture(params=["admin", "auditor"])
def browser(request, sign_in):
    return sign_in(make_staff(request.param, username=f"the.{request.param}"))


def actions(page) -> list[str]:
    return html.fromstring(page).xpath("//td[@data-label='Action']/small/text()")


def test_who_saw_a_persons_record_is_one_list(browser, now):
    doctor, person = make_staff("doctor", name="Dr Rao"), make_beneficiary()
    note("ChartRead", person.uid, by=actor_of(doctor), now=now)
    note("PinSet", person.uid, by=actor_of(doctor), now=now)
    page = browser.get(f"/admin/audit?q={person.entry.ben_id}")
    assert set(actions(page.text)) == {"ChartRead", "PinSet"}
    link = html.fromstring(page.text).xpath("//a[contains(., 'Who saw this person')]/@href")[0]
    seen = browser.get(link).text
    assert actions(seen) == ["AuditSearched", "ChartRead"]
    assert "Dr Rao" in seen


def test_of_several_meanings_one_is_chosen(browser):
    make_entry(name="Meena Kumari", ben_id="2100000099")
    make_staff("doctor", name="Dr Meena Rao")
    page = html.fromstring(browser.get("/admin/audit?q=meena").text)
    offered = page.xpath("//h2[.='Which one is meant?']/following-sibling::ul/li/a/@href")
    assert len(offered) == 2
    assert "about=person:2100000099" in offered[0].replace("%3A", ":")
    assert browser.get(offered[0]).status_code == 200


def test_what_is_called_nothing_is_said_and_how_to_go_on(browser):
    page = browser.get("/admin/audit?q=nobody+at+all").text
    assert "Nothing in the log is called “nobody at all”. Try the Ben ID" in page


def test_criteria_add_up_and_each_is_removed_by_itself(browser, now):
    doctor, person = make_staff("doctor", username="dr.rao"), make_beneficiary()
    note("ChartRead", person.uid, by=actor_of(doctor), now=now)
    page = browser.get(f"/admin/audit?about=person:{person.entry.ben_id}&q=dr.rao").text
    assert actions(page) == ["ChartRead"]
    assert len(html.fromstring(page).xpath("//ul[contains(@class, 'wanted')]//a[starts-with(., 'Remove')]")) == 2


def test_a_search_is_on_record_under_the_person_and_without_what_was_typed(browser):
    person = make_beneficiary()
    rows = noted(lambda: browser.get(f"/admin/audit?q={person.entry.ben_id}"))
    assert [(action, subject) for action, _by, subject in rows] == [("AuditSearched", person.uid)]
    rows = noted(lambda: browser.get("/admin/audit?q=Sarla+Devi+of+Rohini"))
    assert [(action, subject) for action, _by, subject in rows] == [("AuditSearched", "audit")]
    assert not [row for row in AuditRow.select() if "Rohini" in row.details]


def test_opening_the_page_without_a_search_puts_nothing_on_record(browser):
    assert noted(lambda: browser.get("/admin/audit")) == []


def test_an_extract_is_taken_with_the_criteria_and_is_on_record(browser, now):
    person = make_beneficiary()
    note("ChartRead", person.uid, by=actor_of(make_staff("doctor")), now=now)
    form = {"about": f"person:{person.entry.ben_id}", "seen": "yes"}
    rows = noted(lambda: answers.append(browser.submit("/admin/audit/extract", form, page="/admin/audit?q=ChartRead")))
    assert rows[-1][0] == "AuditExported"
    assert rows[-1][2] == person.uid
    packed = zipfile.ZipFile(io.BytesIO(answers[-1].data))
    assert sorted(packed.namelist()) == ["READ-ME.txt", "rows.jsonl", "verify.py"]
    assert b'"ChartRead"' in packed.read("rows.jsonl")


answers: list = []


def test_nothing_that_a_doctor_wrote_is_in_the_log_or_in_an_extract(browser, usual_medicines, now):
    issued = make_prescription(now)
    written = {item.drug for item in issued.items} | {issued.visit.complaint, issued.code}
    page = browser.get(f"/admin/audit?about=person:{issued.visit.beneficiary.entry.ben_id}").text
    form = {"about": f"person:{issued.visit.beneficiary.entry.ben_id}"}
    answer = browser.submit("/admin/audit/extract", form, page="/admin/audit")
    text = zipfile.ZipFile(io.BytesIO(answer.data)).read("rows.jsonl").decode()
    assert "PrescriptionIssued" in page
    assert "PrescriptionIssued" in text
    assert [word for word in written if word in page or word in text] == []


@pytest.mark.parametrize("query", ["before=99999999999", "before=-1", "before=x", "first=x&last=31/02/2026", "by=%00"])
def test_an_address_that_cannot_be_read_is_ignored(browser, query):
    assert browser.get(f"/admin/audit?{query}").status_code == 200


def test_the_page_is_in_hindi(browser, now):
    note("PinSet", "somebody", by=actor_of(make_staff("doctor")), now=now)
    browser.get("/lang/hi")
    page = browser.get("/admin/audit?q=पिन+तय").text
    assert actions(page) == [] or "PinSet" in page
    assert "PinSet" in page


def test_a_row_names_the_person_visit_and_prescription_it_is_about(browser, now):
    issued = make_prescription(now)
    visit = issued.visit
    for subject in (visit.uid, visit.beneficiary.uid, issued.uid, "of-no-name"):
        note("ChartRead", subject, by=SYSTEM, now=now)
    cells = html.fromstring(browser.get("/admin/audit?q=ChartRead").text).xpath("//td[@data-label='Subject']//a")
    person = visit.beneficiary.entry
    assert [cell.text for cell in cells] == [
        "of-no-name",
        issued.number,
        f"{person.name}, {person.ben_id}",
        f"{visit.token}, {visit.session.day:%d/%m/%Y}",
    ]
    assert all(f"object%3A{visit.uid}" in cell.get("href").replace(":", "%3A") for cell in cells[3:])
