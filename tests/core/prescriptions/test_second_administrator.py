"""Cancelling by two administrators: one asks, another confirms; until then the prescription holds."""

from datetime import datetime, timedelta

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.accounts.models import Staff
from portal.core.prescriptions import cancelling
from portal.core.prescriptions.models import CancelRequest, Prescription
from portal.settings.stored import Setting
from portal.work.audit import Actor, AuditRow
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.core.prescriptions.test_amending import amend
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("usual_medicines")


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    return make_prescription(now)


@pytest.fixture
def two(db: None) -> tuple[Staff, Staff]:
    return make_staff("admin"), make_staff("admin")


@pytest.fixture
def needed(db: None) -> None:
    Setting.create(key="administrator_cancel_needs_two", value="yes")


def ask(issued: Prescription, staff: Staff, now: datetime, reason: str = "Wrong patient") -> CancelRequest:
    return cancelling.ask(issued, staff, reason, by=Actor("staff", staff.uid), now=now)


def confirm(asked: CancelRequest, staff: Staff, now: datetime) -> None:
    cancelling.confirm(asked.uid, staff, by=Actor("staff", staff.uid), now=now)


def test_a_second_administrator_confirms_and_the_audit_says_not_alone(issued, two, now) -> None:
    asked = ask(issued, two[0], now)
    assert Prescription.get().cancelled_at is None
    confirm(asked, two[1], now)
    row = Prescription.get()
    assert (row.cancelled_at, row.cancelled_by, row.cancel_reason) == (now, two[0], "Wrong patient")
    told = Event.get(Event.name == "PrescriptionCancelled")
    assert (told.data["cancelled_as"], told.data["alone"]) == ("administrator", False)
    rows = {row.action: row.actor_uid for row in AuditRow.select()}
    assert (rows["CancelAsked"], rows["PrescriptionCancelled"]) == (two[0].uid, two[1].uid)
    assert cancelling.waiting(now) == []


def test_nobody_confirms_what_he_asked_for(issued, two, now) -> None:
    asked = ask(issued, two[0], now)
    with pytest.raises(Conflict, match="Another administrator"):
        confirm(asked, two[0], now)
    assert Prescription.get().cancelled_at is None


def test_without_another_administrator_it_says_so_and_asks_nothing(issued, now) -> None:
    alone = make_staff("admin")
    Staff.update(disabled_at=now).where(Staff.id == make_staff("admin").id).execute()
    with pytest.raises(Conflict, match="no second administrator"):
        ask(issued, alone, now)
    assert CancelRequest.select().count() == 0


def test_either_takes_it_back_and_the_prescription_holds(issued, two, now) -> None:
    for staff in two:
        asked = ask(issued, two[0], now)
        cancelling.withdraw(asked.uid, by=Actor("staff", staff.uid), now=now)
        with pytest.raises(NotFound):
            confirm(asked, two[1], now)
    assert Prescription.get().cancelled_at is None
    assert AuditRow.select().where(AuditRow.action == "CancelWithdrawn").count() == 2


def test_it_is_asked_once_and_lapses_after_a_day(issued, two, now) -> None:
    asked = ask(issued, two[0], now)
    with pytest.raises(Conflict, match="asked already"):
        ask(issued, two[1], now)
    late = now + cancelling.ASKED_FOR
    with pytest.raises(NotFound):
        confirm(asked, two[1], late)
    assert cancelling.waiting(late - timedelta(seconds=1)) == [asked]
    assert cancelling.waiting(late) == []
    confirm(ask(issued, two[1], late), two[0], late)


def test_what_no_longer_holds_is_neither_asked_nor_confirmed(issued, two, now) -> None:
    asked = ask(issued, two[0], now)
    amend(issued, now)
    with pytest.raises(Conflict, match="replaced by"):
        confirm(asked, two[1], now)
    assert CancelRequest.select().count() == 1, "a refused confirmation changes nothing"
    with pytest.raises(Conflict, match="replaced by"):
        ask(Prescription.get_by_id(issued.id), two[0], now)


def test_a_reason_is_required(issued, two, now) -> None:
    with pytest.raises(Invalid, match="Say why"):
        ask(issued, two[0], now, reason=" ")


@pytest.mark.usefixtures("needed")
def test_by_the_page_one_asks_and_another_confirms(sign_in, issued, two) -> None:
    one, other = map(sign_in, two)
    form = {"number": issued.number, "reason": "Asked by phone"}
    assert "A second administrator has to confirm it" in one.get("/admin/prescriptions").text
    assert one.submit("/admin/prescriptions", form).status_code == 303
    assert Prescription.get().cancelled_at is None
    asked = CancelRequest.get()
    own = one.get("/admin/prescriptions").text
    assert (f"{asked.uid}/confirm" in own, f"{asked.uid}/withdraw" in own) == (False, True)
    assert one.submit(f"/admin/prescriptions/{asked.uid}/confirm", {}, page="/admin/prescriptions").status_code == 409
    page = other.get("/admin/prescriptions").text
    assert issued.number in page
    assert "Asked by phone" in page
    assert "Paracetamol" not in page
    answer = other.submit(f"/admin/prescriptions/{asked.uid}/confirm", {}, page="/admin/prescriptions")
    assert (answer.status_code, Prescription.get().cancelled_at is None) == (303, False)


@pytest.mark.usefixtures("needed")
def test_a_doctor_needs_no_second_one(issued, now) -> None:
    cancelling.cancel(issued, issued.doctor, "Wrong dose", by=Actor("staff", issued.doctor.uid), now=now)
    assert Prescription.get().cancelled_at == now


def test_the_overview_names_what_waits_for_a_second_administrator(issued, two, needed, sign_in, now) -> None:
    browser = sign_in(two[1])
    assert "asked to cancel" not in browser.get("/admin").text
    ask(issued, two[0], now)
    assert f"A second administrator is asked to cancel: {issued.number}" in browser.get("/admin").text
