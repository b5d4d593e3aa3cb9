"""Who saw a family's records: who, what, when and why, a sitting a line, and nobody's name who is not told."""

from datetime import timedelta
from io import BytesIO

import pytest
from lxml import html

from portal.core.family import readers, shares
from portal.core.prescriptions import reading
from portal.core.records.models import Record
from portal.work import audit
from portal.work.audit import SYSTEM, Actor
from tests.consulting import make_prescription
from tests.core.records.papers import jpeg
from tests.factories import make_account, make_beneficiary, make_centre, make_specialty, make_staff, make_visit


@pytest.fixture
def visit(db):
    return make_visit("in_call", doctor=make_staff("doctor", name="Dr Meera Nair"))


def listed(browser) -> list[list[str]]:
    """The lines of the page, each as its cells: when, who, of whom, what, why."""
    rows = html.fromstring(browser.get("/my/readers").text).xpath("//table/tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in rows]


def opened(visit, now, times=1, by=None, action="ChartRead", subject=""):
    for number in range(times):
        actor = by or Actor("staff", visit.doctor.uid)
        audit.note(action, subject or visit.beneficiary.uid, by=actor, now=now + timedelta(seconds=6 * number))


def test_ten_page_loads_in_a_minute_are_one_line(visit, sign_in, now) -> None:
    opened(visit, now, times=10)
    (line,) = listed(sign_in(visit.beneficiary))
    assert line[1:] == [
        f"Dr Meera NairDoctor · {visit.doctor.specialty.name}",
        visit.beneficiary.name,
        "the chart: illnesses, medicines, earlier visits",
        "for a consultation",
    ]


def test_a_later_sitting_is_a_line_of_its_own_and_the_newest_stands_first(visit, sign_in, now) -> None:
    opened(visit, now)
    opened(visit, now + timedelta(hours=2))
    first, second = listed(sign_in(visit.beneficiary))
    assert (first[0], second[0]) == ("23 Nov 2026, 11:30 am", "23 Nov 2026, 9:30 am")


def test_readings_between_those_of_another_reader_are_still_one_sitting(visit, sign_in, now) -> None:
    other = make_staff("doctor", name="Dr Arun Rao")
    for minute in range(4):
        opened(visit, now + timedelta(minutes=minute), by=Actor("staff", (visit.doctor, other)[minute % 2].uid))
    assert [line[1][:12] for line in listed(sign_in(visit.beneficiary))] == ["Dr Arun RaoD", "Dr Meera Nai"]


def test_previews_and_pages_of_records_are_counted_by_record(visit, sign_in, queue) -> None:
    family, doctor = sign_in(visit.beneficiary), sign_in(visit.doctor)
    files = {"records": [(BytesIO(jpeg()), "one.jpg"), (BytesIO(jpeg()), "two.jpg")]}
    family.submit(f"/visits/{visit.uid}/records", files)
    queue.drain()
    for one in Record.select():
        assert doctor.get(f"/records/{one.uid}/thumbnail").status_code == 200
        assert doctor.get(f"/records/{one.uid}/beside").status_code == 200
    (line,) = listed(family)
    assert line[3] == "2 reports and photos"


def test_the_pharmacy_the_officer_and_the_administrator_are_told_with_centre_and_reason(db, sign_in, now) -> None:
    issued = make_prescription(now)
    centre = make_centre("07", name="Lodhi Road")
    sign_in(make_staff("pharmacist", name="Sunil Jain", centre=centre)).get(f"/dispense?code={issued.code}")
    officer = make_staff("medical_officer", name="Dr Asha Rai", centre=centre)
    opened(issued.visit, now, by=Actor("staff", officer.uid), action="PrescriptionRead", subject=issued.uid)
    boss = make_staff("admin", name="Vikram Seth")
    opened(issued.visit, now, by=Actor("staff", boss.uid), action="PrescriptionRead", subject=issued.uid)
    lines = {line[1]: line[3:] for line in listed(sign_in(issued.beneficiary))}
    assert lines["Sunil JainPharmacist · Lodhi Road"] == ["the medicines of a prescription", "to give the medicines"]
    assert lines["Dr Asha RaiMedical Officer · Lodhi Road"] == ["a prescription", "about a referral"]
    assert lines["Vikram SethAdministrator"] == ["a prescription", "to put something right"]


def test_the_pharmacist_who_opens_the_scan_of_a_letter_is_told_too(db, sign_in, now) -> None:
    issued = make_prescription(now)
    pharmacist = Actor("staff", make_staff("pharmacist", name="Sunil Jain").uid)
    opened(issued.visit, now, by=pharmacist, action="PermissionRead", subject=issued.uid)
    assert listed(sign_in(issued.beneficiary))[0][3:] == [
        "the letter that permits more medicines at once",
        "to give the medicines",
    ]


def test_whoever_uses_a_one_time_code_stands_there_by_name(db, sign_in, now, client) -> None:
    issued = make_prescription(now)
    wish = {"with": "person", "name": "Sita Devi"}
    made = shares.share(issued.visit, issued.beneficiary.account, wish, by=SYSTEM, now=now)
    code = shares.share_codes.code_of(made)
    client.post("/shared", data=client.hidden_fields("/shared") | {"code": code})
    line = listed(sign_in(issued.beneficiary))[0]
    assert (line[1], *line[3:]) == (
        "Sita Devi",
        "the medicines of a prescription",
        "with the one-time code that you made",
    )


def test_the_pharmacist_with_a_one_time_code_is_one_line(db, sign_in, now) -> None:
    issued = make_prescription(now)
    pharmacist = make_staff("pharmacist", name="Sunil Jain")
    wish = {"with": "centre", "centre": pharmacist.centre.code}
    made = shares.share(issued.visit, issued.beneficiary.account, wish, by=SYSTEM, now=now)
    browser = sign_in(pharmacist)
    browser.submit("/dispense", {"code": shares.share_codes.code_of(made)}, page="/dispense", follow_redirects=True)
    line = listed(sign_in(issued.beneficiary))[0]
    assert line[1].startswith("Sunil JainPharmacist")
    assert line[3:] == ["the medicines of a prescription", "with the one-time code that you made"]


def test_a_copy_of_everything_is_told_and_the_familys_own_reading_is_not(db, sign_in, now) -> None:
    issued = make_prescription(now)
    own = Actor("account", issued.beneficiary.account.uid)
    reading.open_for_account(issued.beneficiary.account, issued.visit.uid)
    opened(issued.visit, now, by=own, action="PrescriptionRead", subject=issued.uid)
    opened(issued.visit, now + timedelta(days=1), by=own, action="DataCopyFetched")
    (line,) = [each for each in listed(sign_in(issued.beneficiary)) if "family" in each[1]]
    assert line[3:] == ["a copy of all data", "asked for on this account"]


def test_the_page_is_wholly_in_hindi(visit, sign_in, now) -> None:
    visit.doctor.__class__.update(name_hi="डॉ. मीरा नायर").where(visit.doctor.__class__.id == visit.doctor.id).execute()
    opened(visit, now, times=2)
    browser = sign_in(visit.beneficiary)
    browser.get("/lang/hi")
    (line,) = listed(browser)
    assert line[1].startswith("डॉ. मीरा नायर")
    assert line[3:] == ["चार्ट: बीमारियाँ, दवाएँ, पिछले परामर्श", "परामर्श के लिए"]


def test_the_family_does_not_see_who_read_of_others(visit, sign_in, now) -> None:
    opened(visit, now)
    assert listed(sign_in(make_beneficiary(account=make_account()))) == []


def test_the_family_is_not_told_the_name_of_a_psychiatrist(db, sign_in, now) -> None:
    doctor = make_staff("doctor", name="Dr Meera Nair", specialty=make_specialty("psychiatry"))
    visit = make_visit("in_call", doctor=doctor)
    opened(visit, now)
    browser = sign_in(visit.beneficiary)
    (line,) = listed(browser)
    assert line[1] == "Somebody of the clinicDoctor"
    assert "sychiatry" not in browser.get("/my/readers").text


def test_older_sittings_stand_on_the_next_page(visit, sign_in, now, monkeypatch) -> None:
    monkeypatch.setattr(readers, "ROWS", 3)
    for hour in range(4):
        opened(visit, now + timedelta(hours=hour))
    browser = sign_in(visit.beneficiary)
    assert len(listed(browser)) == 3
    assert len(html.fromstring(browser.get("/my/readers?page=2").text).xpath("//table/tbody/tr")) == 1
