"""Cancelling: who may, at every centre at once, and what the audit says."""

from datetime import datetime

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.accounts.models import Staff
from portal.core.prescriptions import cancelling, exchange, reading
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Duty
from portal.work.audit import SYSTEM, Actor, AuditRow
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.core.prescriptions.test_amending import amend, begin
from tests.day.papers import text_of
from tests.factories import make_duty, make_session, make_specialty, make_staff

pytestmark = pytest.mark.usefixtures("usual_medicines")


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    return make_prescription(now)


def cancel(issued: Prescription, staff: Staff, now: datetime, reason: str = "Wrong patient") -> None:
    cancelling.cancel(issued, staff, reason, by=Actor("staff", staff.uid), now=now)


def told() -> dict[str, object]:
    data: dict[str, object] = Event.get(Event.name == "PrescriptionCancelled").data
    return data


def test_the_author_cancels_with_a_reason_and_the_row_stays(issued, now) -> None:
    cancel(issued, issued.doctor, now)
    row = Prescription.get()
    assert (row.cancelled_at, row.cancelled_by, row.cancel_reason) == (now, issued.doctor, "Wrong patient")
    assert row.content == issued.content
    assert (told()["cancelled_as"], "alone" in told()) == ("author", False)
    assert AuditRow.select().where(AuditRow.action == "PrescriptionCancelled").count() == 1


def test_a_colleague_may_only_while_the_author_is_away(issued, now) -> None:
    colleague, other = make_staff("doctor"), make_staff("doctor", specialty=make_specialty("eye"))
    make_duty(issued.doctor, make_session())
    with pytest.raises(NotFound):
        cancel(issued, colleague, now)

    Duty.update(state="off").execute()
    with pytest.raises(NotFound):
        cancel(issued, other, now)
    cancel(issued, colleague, now)
    assert (told()["cancelled_as"], "alone" in told()) == ("colleague", False)


def test_an_administrator_cancels_by_number_and_the_audit_says_alone(issued, now) -> None:
    found = cancelling.find(f" {issued.number.lower()} ")
    cancel(found, make_staff("admin"), now)
    assert (told()["cancelled_as"], told()["alone"]) == ("administrator", True)
    assert '"alone": true' in AuditRow.get(AuditRow.action == "PrescriptionCancelled").details


@pytest.mark.parametrize("role", ["pharmacist", "medical_officer", "desk", "auditor"])
def test_nobody_else_may(issued, now, role: str) -> None:
    with pytest.raises(NotFound):
        cancel(issued, make_staff(role), now)


@pytest.mark.parametrize("number", ["", "RX-2611-000009", "\0", "x" * 400])
def test_an_unknown_number_is_named(issued, number: str) -> None:
    with pytest.raises(Invalid, match="No prescription has this number"):
        cancelling.find(number)


def test_a_reason_is_required_and_it_cannot_be_cancelled_twice(issued, now) -> None:
    with pytest.raises(Invalid, match="Say why"):
        cancel(issued, issued.doctor, now, reason=" ")
    cancel(issued, issued.doctor, now)
    with pytest.raises(Conflict, match="cancelled already"):
        cancel(issued, issued.doctor, now)
    assert Event.select().where(Event.name == "PrescriptionCancelled").count() == 1


def test_an_old_version_names_the_one_to_cancel(issued, now) -> None:
    new = amend(issued, now)
    with pytest.raises(Conflict, match=new.number):
        cancel(issued, issued.doctor, now)
    cancel(new, issued.doctor, now)
    assert reading.status_of(Prescription.get_by_id(new.id), now) == "cancelled"
    assert reading.status_of(Prescription.get_by_id(issued.id), now) == "replaced"


def test_a_draft_of_a_correction_goes_with_it(issued, now) -> None:
    begin(issued, now)
    cancel(issued, issued.doctor, now)
    assert AuditRow.select().where(AuditRow.action == "CorrectionGivenUp").count() == 1


def test_what_is_cancelled_is_no_medicine_that_is_taken(issued, now) -> None:
    cancel(issued, issued.doctor, now)
    assert exchange.prescription_of(issued.visit.uid).cancelled_at == now


def test_the_record_of_a_cancelled_prescription_carries_the_stamped_file(issued, queue, now) -> None:
    queue.drain()
    cancel(issued, issued.doctor, now)
    queue.drain()
    record = exchange.record_of(issued.visit.uid, by=SYSTEM, now=now)
    assert record.cancelled
    assert "CANCELLED" in text_of(record.pdf)
