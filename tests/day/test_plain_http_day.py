"""The whole clinic day over plain HTTP, without JavaScript, against the real servers; on both databases."""

import re
from dataclasses import dataclass

import httpx
import pytest

from tests.day import papers
from tests.day.cast import ask_for_token, on_duty, patient_id_in, refer, register, sign_in, status_of
from tests.day.reader import Person
from tests.servers import Portal, need, wait_for

MOBILE = "9000000001"
NOTES = {
    "complaints": "Headache in the morning",
    "history": "Hypertension for five years",
    "findings": "Looks well",
    "vitals-systolic": "158",
    "vitals-diastolic": "96",
    "vitals-pulse": "82",
    "diagnosis": "Essential hypertension",
    "icd10": "I10",
    "investigations": "Serum creatinine",
    "advice": "Less salt, walk every day",
}
MEDICINES = {
    "items-0-drug": "paracetamol",
    "items-0-form": "tablet",
    "items-0-strength": "500 mg",
    "items-0-dose": "1",
    "items-0-frequency": "TDS",
    "items-0-duration_days": "5",
    "items-0-quantity": "15",
    "items-0-instructions": "after food",
    "identity": "yes",
    "age": "yes",
}
STATUS_KEYS = {"uid", "token", "state", "ahead", "eta_minutes", "call_now", "call_deadline", "prescription"}


@dataclass
class Consulted:
    """What later steps need from earlier ones."""

    portal: Portal
    patient: Person
    doctor: Person
    visit: str
    token: str
    patient_id: str
    number: str = ""
    address: str = ""

    @property
    def code(self) -> str:
        """The verification code in the prescription's URL."""
        return self.address.rpartition("/")[2]


def begin(portal: Portal) -> Consulted:
    """Register, refer and request a token: the patient waits and the doctor is on duty."""
    patient = sign_in(portal, MOBILE)
    assert patient.path == "/register", "somebody without registered people is led to the registration"
    register(patient, "1000001", "1985-05-05")
    patient_id = patient_id_in(portal.message("registered", MOBILE)["text"])
    assert patient_id in patient.text
    refer(portal, "1000001")
    visit = ask_for_token(patient)
    sms = portal.message("token", MOBILE)
    assert patient_id_in(sms["text"]) == patient_id
    day = Consulted(portal, patient, on_duty(portal), visit, str(status_of(patient, visit)["token"]), patient_id)
    assert day.token in sms["text"]
    return day


def a_waiting_patient_sees_the_own_place(day: Consulted) -> None:
    status = status_of(day.patient, day.visit)
    assert status.keys() == STATUS_KEYS
    assert (status["uid"], status["state"], status["ahead"]) == (day.visit, "waiting", 0)
    assert (status["call_now"], status["call_deadline"], status["prescription"]) == (False, None, None)
    assert [type(minutes) for minutes in status["eta_minutes"]] == [int, int]
    assert re.fullmatch("MED-[0-9]{3}", day.token)
    assert day.token in day.patient.open(f"/visits/{day.visit}").text
    assert not day.patient.has_button("Call now")


def the_doctor_calls_and_the_patient_answers(day: Consulted) -> None:
    day.doctor.open("/board").press("Call next")
    status = status_of(day.patient, day.visit)
    assert day.doctor.path == f"/visits/{day.visit}/consult"
    assert (status["state"], status["call_now"]) == ("called", True)
    assert day.token in day.portal.message("your_turn", MOBILE)["text"]
    day.patient.open(f"/visits/{day.visit}").press("Call now", follow=False)
    assert (day.patient.status, day.patient.answer.headers["Location"]) == (303, f"/visits/{day.visit}/room")
    assert day.patient.open(f"/visits/{day.visit}/room").status == 200
    assert status_of(day.patient, day.visit)["state"] == "in_call"


def the_doctor_reads_the_records_and_nothing_hidden_in_them(day: Consulted) -> None:
    day.doctor.open(f"/visits/{day.visit}/consult")
    wait_for(lambda: "being checked" not in day.doctor.reload().text, "the records to be checked")
    assert day.patient_id in day.doctor.text
    links = day.doctor.tree.xpath("//a[starts-with(@href, '/records/')]/@href")
    files = [day.doctor.open(link).tree.xpath("//a[contains(., 'Open the file')]/@href") for link in links]
    photograph, report = (day.doctor.http.get(file) for (file,) in files)
    assert (photograph.headers["Content-Type"], report.headers["Content-Type"]) == ("image/jpeg", "application/pdf")
    assert (papers.has_place(papers.photograph()), papers.has_place(photograph.content)) == (True, False)
    assert (papers.has_script(papers.report()), papers.has_script(report.content)) == (True, False)


def the_draft_is_saved(day: Consulted) -> None:
    day.doctor.open(f"/visits/{day.visit}/consult").press("Save draft", NOTES, follow=False)
    assert (day.doctor.status, day.doctor.answer.headers["Location"]) == (303, f"/visits/{day.visit}/consult")
    day.doctor.open(f"/visits/{day.visit}/consult")
    shown = day.doctor.controls("Issue prescription")
    assert shown["advice"].text.strip() == NOTES["advice"]
    assert shown["diagnosis"].get("value") == NOTES["diagnosis"]
    assert day.patient.http.get(f"/visits/{day.visit}/prescription.pdf").status_code == 404


def the_prescription_is_issued(day: Consulted) -> None:
    day.doctor.open(f"/visits/{day.visit}/consult").press("Issue prescription", NOTES | MEDICINES, follow=False)
    assert day.doctor.status == 303, day.doctor.errors
    assert day.doctor.answer.headers["Location"] == f"/visits/{day.visit}/consult"
    url = f"/visits/{day.visit}/prescription.pdf"
    early = day.patient.http.get(url)
    assert early.status_code == 200 or (early.status_code, "Retry-After" in early.headers) == (503, True)
    wait_for(lambda: status_of(day.patient, day.visit)["prescription"] == url, "the prescription in the status")
    sms = day.portal.message("prescription", MOBILE)
    day.number = re.search("RX-[0-9]{4}-[0-9]{6}", sms["text"])[0]
    assert day.number in day.doctor.open(f"/visits/{day.visit}/consult").text


def the_pdf_is_complete_on_one_page(day: Consulted) -> None:
    answer = day.patient.http.get(f"/visits/{day.visit}/prescription.pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    text = papers.text_of(answer.content)
    for words in ("1000001", "PARACETAMOL", "Essential hypertension", "DMC-20411", day.patient_id, day.number):
        assert words in text
    assert papers.pages_of(answer.content) == 1
    assert "Somebody Else" not in text, "the typed name is never printed"
    found = re.search(rf"{re.escape(day.portal.url)}(/rx/[^\s]+)", text)
    assert found, f"the address is broken or missing in: {text}"
    day.address = found[1]
    assert len(re.sub("[^0-9A-Za-z]", "", day.code)) >= 16, "at least 80 bits"


def the_doctor_completes_the_visit(day: Consulted) -> None:
    day.doctor.open(f"/visits/{day.visit}/consult").press("Complete", follow=False)
    assert (day.doctor.status, day.doctor.answer.headers["Location"]) == (303, "/board")
    status = status_of(day.patient, day.visit)
    assert (status["state"], status["prescription"]) == ("completed", f"/visits/{day.visit}/prescription.pdf")
    page = day.patient.open(f"/visits/{day.visit}")
    assert page.tree.xpath("//a[contains(., 'Download prescription')]/@href") == [status["prescription"]]
    again = day.doctor.http.get(f"/visits/{day.visit}/prescription.pdf")
    assert again.content == day.patient.http.get(status["prescription"]).content


def two_centres_dispense_no_more_than_prescribed(day: Consulted) -> None:
    with Person(day.portal.url).sign_in_as_staff("pharm.01") as first:
        sheet = first.open("/dispense").press("Open", {"code": day.code})
        sheet.press("Dispense", {"items-0-quantity": "10"}, follow=False)
        assert (sheet.status, sheet.answer.headers["Location"].partition("?")[0]) == (303, "/dispense")
    with Person(day.portal.url).sign_in_as_staff("pharm.02") as second:
        sheet = second.open(f"/dispense?code={day.code}").press("Dispense", {"items-0-quantity": "6"})
        assert sheet.status == 409, "only five are left"
        shown = {"identity_kind": "cghs", "identity_last4": "4321"}
        sheet.press("Dispense", {"items-0-quantity": "5", "collected_by": "Wife"} | shown)
        assert sheet.status == 200, sheet.text
        assert not sheet.has_button("Dispense")


def the_patient_sees_what_was_dispensed(day: Consulted) -> None:
    page = day.patient.open(f"/visits/{day.visit}").text
    assert "Medicines given" in page
    assert "paracetamol: 10" in page
    assert "paracetamol: 5" in page


def anybody_can_verify_the_prescription_but_not_whose_it_is(day: Consulted) -> None:
    with Person(day.portal.url) as stranger:
        page = stranger.open(day.address)
        assert "This prescription is genuine" in page.text
        assert day.number in page.text
        name = day.patient.open("/home").tree.xpath("string(//ul[@class='cards'][1]//h2)").split()
        assert not [part for part in name if part in page.text]
        assert "1000001" not in page.text
        assert "paracetamol" not in page.text.lower()
        wrong = stranger.open(day.address[:-1] + ("0" if day.address[-1] != "0" else "1"))
        assert "This prescription is not valid" in wrong.text


PAGES = ("/", "/login", "/home", "/register", "/tokens/new", "/help", "/visits/{visit}")


def the_pages_of_the_patient_are_light(day: Consulted) -> None:
    """Page and style sheet, then with scripts, compressed: within the budget of a slow line."""
    for address in PAGES:
        is_light(day, address.format(visit=day.visit))


def is_light(day: Consulted, address: str) -> None:
    """Assert the size budget of a page."""
    page = day.patient.open(address)
    style = page.tree.xpath("//link[@rel='stylesheet']/@href")
    scripts = page.tree.xpath("//script/@src")
    weight = travelled(day.patient, str(page.answer.url)) + sum(travelled(day.patient, url) for url in style)
    assert weight <= 14 * 1024, address
    assert weight + sum(travelled(day.patient, url) for url in scripts) <= 45 * 1024, address


def travelled(person: Person, url: str) -> int:
    """Return the compressed size of a body. Over plain http browsers accept gzip only."""
    with person.http.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == httpx.codes.OK
        return sum(len(part) for part in answer.iter_raw())


STEPS = (
    a_waiting_patient_sees_the_own_place,
    the_doctor_calls_and_the_patient_answers,
    the_doctor_reads_the_records_and_nothing_hidden_in_them,
    the_draft_is_saved,
    the_prescription_is_issued,
    the_pdf_is_complete_on_one_page,
    the_doctor_completes_the_visit,
    two_centres_dispense_no_more_than_prescribed,
    the_patient_sees_what_was_dispensed,
    anybody_can_verify_the_prescription_but_not_whose_it_is,
    the_pages_of_the_patient_are_light,
)


@pytest.mark.parametrize("place", ["portal", "portal_on_postgres"])
def test_the_whole_day_works_without_javascript(request, place):
    need("pdftotext", "nobody reads the prescription of the day")
    day = begin(request.getfixturevalue(place))
    for step in STEPS:
        step(day)
