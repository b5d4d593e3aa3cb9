"""Public verification of a prescription."""

import hashlib
from datetime import datetime, timedelta
from io import BytesIO

import pytest

from portal.core.prescriptions import storage
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.clinic import put
from portal.work.audit import AuditRow
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_staff, make_visit


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    """A prescription of a person whose every detail is unique text."""
    person = make_beneficiary(name="Ramesh Kumar", ben_id="7654321", mobile="+919876543210", address="12 Canary Street")
    return make_prescription(now, make_visit("in_call", beneficiary=person))


def test_a_genuine_one_shows_number_date_status_doctor_and_initials_only(client, issued: Prescription) -> None:
    text = client.get(f"/rx/{issued.code}").get_data(as_text=True)
    assert all(word in text for word in ("genuine", issued.number, "Valid", "DMC-1234", "R.K.", "23 Nov 2026"))
    person = issued.beneficiary
    secret = ("Ramesh", "Kumar", "7654321", "9876543210", "Canary", "Paracetamol", "headache", person.patient_id)
    assert not [word for word in secret if word in text]


def test_the_code_is_accepted_in_any_case_without_dashes(client, issued: Prescription) -> None:
    for typed in (issued.code.lower(), issued.code.replace("-", "")):
        assert issued.number in client.get(f"/rx/{typed}").get_data(as_text=True)


def test_an_unknown_code_gets_a_page_that_says_so(client, issued: Prescription) -> None:
    for typed in ("0000-0000-0000-0000", "x", "%F0%9F%98%80", "a" * 300, issued.number, issued.uid):
        answer = client.get(f"/rx/{typed}")
        assert answer.status_code == 200
        assert "not valid" in answer.get_data(as_text=True)


def test_guessing_codes_has_a_rate_limit_that_also_stops_the_right_code(client, issued: Prescription, clock) -> None:
    for number in range(10):
        assert client.get(f"/rx/{number}").status_code == 200
    blocked = client.get(f"/rx/{issued.code}")
    assert (blocked.status_code, blocked.headers["Retry-After"]) == (429, "60")
    clock.tick(61)
    assert client.get(f"/rx/{issued.code}").status_code == 200


def test_right_codes_have_no_rate_limit(client, issued: Prescription) -> None:
    assert {client.get(f"/rx/{issued.code}").status_code for _ in range(15)} == {200}


def test_the_status_follows_events(client, issued: Prescription, clock) -> None:
    PrescribedItem.update(dispensed=PrescribedItem.quantity).execute()
    assert "All medicines given" in client.get(f"/rx/{issued.code}").get_data(as_text=True)
    PrescribedItem.update(dispensed=0).execute()
    clock.set(clock.now() + timedelta(days=181))
    assert "Expired" in client.get(f"/rx/{issued.code}").get_data(as_text=True)
    Prescription.update(cancelled_at=clock.now()).execute()
    assert "Cancelled" in client.get(f"/rx/{issued.code}").get_data(as_text=True)


def test_anybody_sees_how_many_medicines_there_are(client, issued: Prescription) -> None:
    page = " ".join(client.get(f"/rx/{issued.code}").get_data(as_text=True).split())
    assert "<dt>Number of medicines</dt><dd>2</dd>" in page
    assert "P…" not in page


def test_first_letters_and_quantities_are_shown_where_the_clinic_says_so(client, issued: Prescription) -> None:
    put("rx_shows", "letters")
    page = " ".join(client.get(f"/rx/{issued.code}").get_data(as_text=True).split())
    assert "<li>P… <b>15</b></li><li>C… <b>10</b></li>" in page
    assert not [word for word in ("Paracetamol", "Cetirizine", "Ramesh", "headache") if word in page]


def test_a_pharmacist_sees_the_medicines_as_issued_and_it_is_noted(sign_in, issued: Prescription) -> None:
    text = sign_in(make_staff("pharmacist")).get(f"/rx/{issued.code}").get_data(as_text=True)
    assert all(word in text for word in ("Paracetamol", "Cetirizine", "500 mg", "TDS", "15"))
    assert not [word for word in ("Ramesh", "headache", "G44") if word in text]
    assert AuditRow.get(AuditRow.action == "PrescriptionOpened").subject == issued.uid


@pytest.mark.parametrize("role", ["desk", "admin", "auditor", "medical_officer"])
def test_other_staff_see_what_anybody_sees(sign_in, issued: Prescription, role: str) -> None:
    assert "Paracetamol" not in sign_in(make_staff(role)).get(f"/rx/{issued.code}").get_data(as_text=True)
    assert not AuditRow.select().where(AuditRow.action == "PrescriptionOpened").exists()


def test_a_typed_code_leads_to_its_page_and_another_text_says_what_is_wrong(client, issued: Prescription) -> None:
    answer = client.get("/rx", query_string={"code": issued.code.lower().replace("-", " ")})
    assert (answer.status_code, answer.location) == (303, f"/rx/{issued.code}")
    wrong = client.get("/rx?code=headache")
    assert (wrong.status_code, "There is no code in this." in wrong.get_data(as_text=True)) == (422, True)
    assert "Check the file" in client.get("/rx").get_data(as_text=True)


@pytest.fixture
def stored(issued: Prescription) -> bytes:
    """The content of its stored file; that it is no PDF does not matter to a checksum."""
    content = b"the file as it was issued"
    sha256 = storage.keep("paper.pdf", content)
    Prescription.update(stored_name="paper.pdf", sha256=sha256, stored_at=issued.issued_at).execute()
    return content


def hand_in(client, address: str, content: bytes | None = None, **fields: str):
    form: dict[str, object] = client.hidden_fields("/rx") | fields
    if content is not None:
        form["pdf"] = (BytesIO(content), "prescription.pdf")
    return client.post(address, data=form, content_type="multipart/form-data")


@pytest.mark.parametrize("under", [True, False])
def test_the_issued_file_is_genuine_with_and_without_its_code(client, issued, stored: bytes, under: bool) -> None:
    address = f"/rx/{issued.code}" if under else "/rx"
    text = hand_in(client, address, stored).get_data(as_text=True)
    assert "This file is genuine" in text
    assert issued.number in text


def test_an_altered_file_is_exposed_beside_what_was_issued(client, issued: Prescription, stored: bytes) -> None:
    text = hand_in(client, f"/rx/{issued.code}", stored + b"!").get_data(as_text=True)
    assert "This file is not the one that we issued" in text
    assert issued.number in text
    without = hand_in(client, "/rx", stored + b"!").get_data(as_text=True)
    assert "This file is not the one that we issued" in without
    assert issued.number not in without


def test_the_checksum_alone_is_enough(client, issued: Prescription, stored: bytes) -> None:
    sha256 = hashlib.sha256(stored).hexdigest()
    for address in ("/rx", f"/rx/{issued.code}"):
        form = client.hidden_fields("/rx") | {"sha256": sha256}
        assert "This file is genuine" in client.post(address, data=form).get_data(as_text=True)
        form["sha256"] = sha256[::-1]
        assert "not the one that we issued" in client.post(address, data=form).get_data(as_text=True)


@pytest.mark.parametrize(("change", "verdict"), [("cancelled_at", "cancelled"), ("replaced_at", "replaced")])
def test_programs_get_one_word(client, issued: Prescription, stored: bytes, now, change: str, verdict: str) -> None:
    def asked(content: bytes) -> object:
        form = client.hidden_fields("/rx") | {"sha256": hashlib.sha256(content).hexdigest()}
        return client.post(f"/rx/{issued.code}", data=form, headers={"Accept": "application/json"}).get_json()

    assert asked(stored) == {"verdict": "genuine"}
    assert asked(b"another") == {"verdict": "altered"}
    Prescription.update(**{change: now}).execute()
    assert storage.intact("paper.pdf", hashlib.sha256(stored).hexdigest())
    assert asked(stored) == {"verdict": verdict}


def test_a_form_without_a_file_says_so(client, issued: Prescription) -> None:
    for address in ("/rx", f"/rx/{issued.code}"):
        answer = hand_in(client, address)
        assert answer.status_code == 422
        assert "Choose the PDF of the prescription." in answer.get_data(as_text=True)


def test_a_file_under_an_unknown_code_counts_as_a_wrong_code(client, issued: Prescription, stored: bytes) -> None:
    for _try in range(10):
        assert "not valid" in hand_in(client, "/rx/0000-0000-0000-0000", stored).get_data(as_text=True)
    assert hand_in(client, f"/rx/{issued.code}", stored).status_code == 429


def test_a_file_that_is_larger_than_any_of_ours_is_refused_unread(client, issued: Prescription) -> None:
    answer = hand_in(client, f"/rx/{issued.code}", b"x" * (300 * 1024))
    assert answer.status_code == 413
    assert "more than 256 KB" in answer.get_data(as_text=True)


def test_files_have_a_rate_limit(client, issued: Prescription, stored: bytes, clock) -> None:
    form = client.hidden_fields("/rx") | {"sha256": "0" * 64}
    assert {client.post("/rx", data=form).status_code for _try in range(30)} == {200}
    assert client.post("/rx", data=form).status_code == 429
    clock.tick(61)
    assert client.post("/rx", data=form).status_code == 200
