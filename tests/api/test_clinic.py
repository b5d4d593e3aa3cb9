"""The plugin API for people and visits: dataclasses, permissions, few queries."""

from dataclasses import FrozenInstanceError
from datetime import timedelta

import pytest

from portal.api import clinic
from portal.base.clock import clinic_day
from portal.base.errors import NotFound
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_centre, make_staff, make_visit
from tests.statements import statements as statements


def test_a_visit_is_loaded_with_its_people_in_two_queries(statements):
    doctor = make_staff("doctor")
    row = make_visit("in_call", doctor=doctor)
    statements.clear()
    visit = clinic.visit(row.uid)
    assert len(statements) == 2
    entry = row.beneficiary.entry
    assert (visit.uid, visit.token, visit.state) == (row.uid, row.token, "in_call")
    assert (visit.patient.uid, visit.patient.name, visit.patient.birth_date) == (
        row.beneficiary.uid,
        entry.name,
        entry.date_of_birth,
    )
    assert visit.patient.mobile == row.beneficiary.account.mobile
    assert (visit.doctor.uid, visit.doctor.specialty) == (doctor.uid, doctor.specialty.code if doctor.specialty else "")
    with pytest.raises(FrozenInstanceError):
        visit.state = "completed"


def test_a_visit_without_a_doctor_is_one_query(statements):
    row = make_visit()
    statements.clear()
    assert clinic.visit(row.uid).doctor is None
    assert len(statements) == 1


def test_only_visits_of_the_account_are_found(db):
    row, other = make_visit(), make_beneficiary()
    account = row.beneficiary.account.uid
    assert clinic.visit_of_account(row.uid, account).uid == row.uid
    assert clinic.is_of_account(row.beneficiary.uid, account)
    assert not clinic.is_of_account(other.uid, account)
    for uid, owner in [(row.uid, other.account.uid), (row.uid, ""), ("nothing", account)]:
        with pytest.raises(NotFound):
            clinic.visit_of_account(uid, owner)


def test_a_doctor_finds_only_visits_of_own_patients(db, now):
    doctor, other = make_staff("doctor"), make_staff("doctor")
    row = make_visit("in_call", doctor=doctor)
    assert clinic.visit_of_doctor(row.uid, doctor.uid, by=SYSTEM, now=now).uid == row.uid
    Visit.update(state="completed").execute()
    for uid in (doctor.uid, other.uid, "nobody"):
        with pytest.raises(NotFound):
            clinic.visit_of_doctor(row.uid, uid, by=SYSTEM, now=now)
    assert not AuditRow.select().where(AuditRow.action == "ConsultRead").exists()


@pytest.mark.parametrize(("role", "count"), [("doctor", 1), ("desk", 1), ("admin", 0), ("medical_officer", 0)])
def test_staff_find_the_open_visits_of_their_specialty_or_centre(db, now, role, count):
    row = make_visit()
    centre = row.beneficiary.entry.centre
    own = make_staff(role, specialty=row.session.specialty if role == "doctor" else None, centre=centre)
    other = make_staff(role, specialty=None, centre=make_centre("02"))
    own, other = clinic.staff_member(own.uid), clinic.staff_member(other.uid)
    day = row.session.day
    assert len(clinic.open_visits(own, day=day)) == count
    assert clinic.open_visits(other, day=day) == []
    assert clinic.open_visits(own, day=day - timedelta(days=1)) == []
    if count:
        assert clinic.visit_of_staff(row.uid, own).uid == row.uid
    with pytest.raises(NotFound):
        clinic.visit_of_staff(row.uid, other)


def test_an_expired_visit_is_listed_on_its_day_only(db):
    row = make_visit("expired")
    doctor = clinic.staff_member(make_staff("doctor", specialty=row.session.specialty).uid)
    assert [visit.uid for visit in clinic.open_visits(doctor, day=row.session.day)] == [row.uid]
    assert clinic.open_visits(doctor, day=row.session.day + timedelta(days=1)) == []


def test_people_are_found_by_ben_id_as_given(statements):
    entry = make_beneficiary().entry
    spaced = f"{entry.ben_id[:3]} {entry.ben_id[3:]}"
    statements.clear()
    found = clinic.people([spaced, "99999999", "no number"])
    assert len(statements) == 1
    assert {given: (person.name, person.centre) for given, person in found.items()} == {
        spaced: (entry.name, entry.centre.code)
    }


def test_staff_are_listed_by_name(db):
    rows = [make_staff("desk", name=name) for name in ("Zoya", "Asha")]
    found = clinic.staff_members([*(row.uid for row in rows), "nobody"])
    assert [person.name for person in found] == ["Asha", "Zoya"]
    assert clinic.staff_member(rows[0].uid) == found[1]
    with pytest.raises(NotFound):
        clinic.staff_member("nobody")


def test_a_patient_has_the_accounts_mobile(db, now):
    row = make_beneficiary()
    patient = clinic.patient(row.uid)
    assert (patient.account_uid, patient.mobile) == (row.account.uid, row.account.mobile)
    assert clinic.age_on(patient.birth_date, clinic_day(now)) > 0
    with pytest.raises(NotFound):
        clinic.patient("nobody")
