"""File of a prescription: made once, permissions, checksum."""

from datetime import datetime
from pathlib import Path

import pytest

from portal.config import Config
from portal.core.paper import pdf
from portal.core.prescriptions import making
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from portal.work.events import Event
from tests.consulting import make_prescription, typed
from tests.factories import make_beneficiary, make_centre, make_staff, make_visit
from tests.printed import quickly


@pytest.fixture(autouse=True)
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Replace the rendering, which has tests of its own, by a few bytes."""
    rendered: list[object] = []

    def render(content: object) -> bytes:
        rendered.append(content)
        return b"%PDF-1.7 the prescription"

    monkeypatch.setattr(pdf, "reserved", quickly(render))
    return rendered


def file_at(issued: Prescription) -> str:
    return f"/visits/{issued.visit.uid}/prescription.pdf"


def path_of(config: Config, issued: Prescription) -> Path:
    return config.data_dir / "prescriptions" / Prescription.get_by_id(issued.id).stored_name


def test_before_issue_there_is_no_file(sign_in) -> None:
    visit = make_visit("in_call")
    for person in (visit.beneficiary, visit.doctor):
        assert sign_in(person).get(f"/visits/{visit.uid}/prescription.pdf").status_code == 404


def test_while_it_is_being_made_the_answer_says_retry_later(sign_in, now: datetime) -> None:
    issued = make_prescription(now)
    answer = sign_in(issued.beneficiary).get(file_at(issued))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")


def test_the_job_stores_the_file_and_records_one_event(sign_in, now: datetime, queue, quick_pdf: list[object]) -> None:
    issued = make_prescription(now)
    queue.drain()
    making.make_pdf(issued.id, now)
    answer = sign_in(issued.beneficiary).get(file_at(issued))
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/pdf", b"%PDF-1.7 the prescription")
    assert answer.headers["Content-Disposition"] == f"inline; filename*=UTF-8''{issued.number}.pdf"
    assert Event.select().where(Event.name == "PrescriptionStored").count() == len(quick_pdf) == 1


def test_the_doctor_and_the_centres_medical_officer_can_read_it_and_that_is_audited(
    sign_in, now: datetime, queue
) -> None:
    issued = make_prescription(now)
    queue.drain()
    officer = make_staff("medical_officer", centre=issued.beneficiary.entry.centre)
    assert sign_in(issued.doctor).get(file_at(issued)).status_code == 200
    assert sign_in(officer).get(file_at(issued)).status_code == 200
    assert AuditRow.select().where(AuditRow.action == "PrescriptionRead").count() == 2


def test_a_later_treating_doctor_can_read_it_during_the_visit(sign_in, now: datetime, queue) -> None:
    issued = make_prescription(now)
    queue.drain()
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    later = make_visit("in_call", beneficiary=issued.beneficiary)
    assert sign_in(later.doctor).get(file_at(issued)).status_code == 200
    Visit.update(state="completed", live_key=None).where(Visit.id == later.id).execute()
    assert sign_in(later.doctor).get(file_at(issued)).status_code == 404


def test_everybody_else_gets_not_found_or_has_no_permission(sign_in, client, now: datetime, queue) -> None:
    issued = make_prescription(now)
    queue.drain()
    elsewhere = make_staff("medical_officer", centre=make_centre("02"))
    for stranger in (make_beneficiary(), make_staff("doctor"), elsewhere):
        assert sign_in(stranger).get(file_at(issued)).status_code == 404
    for role in ("pharmacist", "desk", "admin", "auditor"):
        assert sign_in(make_staff(role)).get(file_at(issued)).status_code == 403
    assert client.get(file_at(issued)).status_code == 303


def test_a_damaged_file_is_not_served(sign_in, now: datetime, queue, config: Config) -> None:
    issued = make_prescription(now)
    queue.drain()
    path = path_of(config, issued)
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    answer = sign_in(issued.beneficiary).get(file_at(issued))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3600")
    assert b"%PDF" not in answer.data
    assert AuditRow.select().where(AuditRow.action == "PrescriptionDamaged").count() == 1


def test_a_lost_file_is_no_crash(sign_in, now: datetime, queue, config: Config) -> None:
    issued = make_prescription(now)
    queue.drain()
    path_of(config, issued).unlink()
    assert sign_in(issued.beneficiary).get(file_at(issued)).status_code == 503


def test_the_sweep_retries_a_lost_job(now: datetime, queue, clock) -> None:
    issued = make_prescription(now)
    queue.waiting.clear()
    making.sweep_unmade(clock.tick(6))
    assert Prescription.get_by_id(issued.id).stored_at == clock.now()


def test_the_file_has_a_random_name_and_leaves_no_partial_file(now: datetime, queue, config: Config) -> None:
    issued = make_prescription(now)
    queue.drain()
    name = path_of(config, issued).name
    assert [path.name for path in path_of(config, issued).parent.iterdir()] == [name]
    assert issued.number not in name


def test_the_search_offers_first_what_this_doctor_prescribes_most(sign_in, usual_medicines, now) -> None:
    doctor, as_json = make_staff("doctor"), {"Accept": "application/json"}
    cetirizine = {name.replace("-1-", "-0-"): text for name, text in typed().items() if name.startswith("items-1-")}
    for changes in ({}, cetirizine | {name: "" for name in typed() if name.startswith("items-1-")}):
        visit = make_visit("in_call", doctor=doctor)
        make_prescription(now, visit, **changes)
        Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    names = [each["name"] for each in sign_in(doctor).get("/formulary", headers=as_json).json]
    assert names == ["Cetirizine", "Paracetamol"]
    assert sign_in(make_staff("doctor")).get("/formulary", headers=as_json).json == []
