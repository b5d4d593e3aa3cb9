"""Queries for people and visits: snapshots at the moment of the call.

A plugin's tables store the `uid` (22 characters) of a person or visit, never a name: query again to show it. Without
permission you get NotFound, as for what does not exist. Sets of visit states: READY before a call, CALLED when the
doctor calls, OPEN until it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import peewee

from portal.base.errors import NotFound
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.beneficiaries.services import ben_id_of
from portal.core.calls.rooms import may_sit
from portal.core.clinic import models as places
from portal.core.consults import services as consults
from portal.core.visits import models as visits
from portal.core.visits.states import CALLED, EXPIRED, OPEN, READY
from portal.work.audit import Actor

__all__ = [
    "CALLED",
    "OPEN",
    "READY",
    "Patient",
    "Person",
    "Specialty",
    "StaffMember",
    "Visit",
    "age_on",
    "is_helper",
    "is_of_account",
    "is_participant",
    "open_visits",
    "patient",
    "people",
    "staff_member",
    "staff_members",
    "visit",
    "visit_of_account",
    "visit_of_doctor",
    "visit_of_staff",
]


@dataclass(frozen=True)
class Specialty:
    """A specialty of the clinic: `code` such as `medicine`; `name_hi` is empty when not given."""

    code: str
    name: str
    name_hi: str


@dataclass(frozen=True)
class Person:
    """A person of the scheme's register, registered here or not. `centre` is a wellness centre's code."""

    ben_id: str
    name: str
    name_hi: str
    gender: str
    birth_date: date
    centre: str


@dataclass(frozen=True)
class Patient:
    """A registered person. `mobile` is the account's, as +91 and ten digits; a family often shares one.

    Name, gender, birth date and centre are the register's; `gender` is male, female or other. The ABHA number and
    address are empty when not given.
    """

    uid: str
    account_uid: str
    ben_id: str
    name: str
    name_hi: str
    gender: str
    birth_date: date
    centre: str
    mobile: str
    address: str
    abha_number: str
    abha_address: str


@dataclass(frozen=True)
class StaffMember:
    """A member of staff, with one role. `specialty` and `centre` are codes, empty where the role has none."""

    uid: str
    role: str
    name: str
    name_hi: str
    qualification: str
    specialty: str
    centre: str


@dataclass(frozen=True)
class Visit:
    """A visit (token): `state` as in the hook `visit_actions`, `attempt` the number of calls so far.

    `token` is the displayed number, such as MED-012. `doctor` has the patient, or had last; None before.
    """

    uid: str
    token: str
    state: str
    attempt: int
    specialty: Specialty
    patient: Patient
    doctor: StaffMember | None


def visit(uid: str) -> Visit:
    """Return any visit, without a permission check: do your own, or use one of the next. Raises NotFound."""
    return _only(visits.Visit.uid == uid)


def visit_of_account(uid: str, account_uid: str) -> Visit:
    """Return a visit of a person of this account. Raises NotFound for any other."""
    return _only((visits.Visit.uid == uid) & (Account.uid == account_uid))


def visit_of_doctor(uid: str, doctor_uid: str, *, by: Actor, now: datetime) -> Visit:
    """Return a visit this doctor is treating, or has written the notes of; reading the latter is audited.

    Raises NotFound for any other.
    """
    doctor = _require_staff(doctor_uid)
    try:
        row = consults.treating(doctor, uid)
    except NotFound:
        row = consults.written(doctor, uid, by=by, now=now)
    return _only(visits.Visit.id == row.id)


def visit_of_staff(uid: str, staff: StaffMember) -> Visit:
    """Return a visit of this doctor's specialty, or of this desk's centre. Raises NotFound for any other."""
    return _only((visits.Visit.uid == uid) & _within(staff))


def open_visits(staff: StaffMember, *, day: date, most: int = 200) -> list[Visit]:
    """List the open visits of this doctor's specialty or this desk's centre, in the order of request.

    Includes expired ones of `day`; none of later days.
    """
    session, visit = places.ClinicSession, visits.Visit
    todays = [row.id for row in session.select(session.id).where(session.day == day)]
    some = (visit.state.in_(OPEN), visit.session.in_(todays) & (visit.state == EXPIRED))
    ids = [row.id for each in some for row in visit.select(visit.id).where(each)]  # joined, all past visits were read
    return _visits(_rows().where(visit.id.in_(ids) & (session.day <= day) & _within(staff)).limit(most))


def patient(uid: str) -> Patient:
    """Return a registered person. Raises NotFound."""
    row = _patients().where(Beneficiary.uid == uid).first()
    if row is None:
        raise NotFound
    return _patient(row)


def is_of_account(patient_uid: str, account_uid: str) -> bool:
    """Does this person belong to the account?"""
    mine = (Beneficiary.uid == patient_uid) & (Account.uid == account_uid)
    return Beneficiary.select().join(Account).where(mine).exists()


def is_participant(uid: str, role: str, person_uid: str) -> bool:
    """May this person take the seat in a call? The patient's is the account's, or the desk's that sits with them."""
    return uid == person_uid if role == "doctor" else is_of_account(uid, person_uid) or may_sit(uid, person_uid)


def is_helper(uid: str, role: str, owner_uid: str) -> bool:
    """Is this seat of the patient `uid` held by a wellness centre's desk, not by the family?"""
    return role == "patient" and not is_of_account(uid, owner_uid)


def people(ben_ids: Iterable[str]) -> dict[str, Person]:
    """Find people of the register by Ben ID, keyed by the number as given; one query."""
    wanted = {given: number for given in ben_ids if (number := ben_id_of(given))}
    rows = RegisterEntry.select(RegisterEntry, places.Centre).join(places.Centre)
    found = {row.ben_id: _person(row) for row in rows.where(RegisterEntry.ben_id.in_(sorted(set(wanted.values()))))}
    return {given: found[number] for given, number in wanted.items() if number in found}


def staff_member(uid: str) -> StaffMember:
    """Return a present or former member of staff. Raises NotFound."""
    return _staff_member(_require_staff(uid))


def staff_members(uids: Iterable[str]) -> list[StaffMember]:
    """List present or former members of staff, by name; one query."""
    return [_staff_member(row) for row in _staff().where(Staff.uid.in_(sorted(set(uids)))).order_by(Staff.name)]


def _only(wanted: peewee.Expression) -> Visit:
    found = _visits(_rows().where(wanted).limit(1))
    if not found:
        raise NotFound
    return found[0]


def _rows() -> "peewee.ModelSelect[visits.Visit]":
    """Select visits joined with all they show but the doctor."""
    parts = (visits.Visit, places.ClinicSession, places.Specialty, Beneficiary, RegisterEntry, places.Centre, Account)
    rows = visits.Visit.select(*parts).join(places.ClinicSession).join(places.Specialty).switch(visits.Visit)
    people = rows.join(Beneficiary).join(RegisterEntry).join(places.Centre).switch(Beneficiary).join(Account)
    return people.order_by(visits.Visit.id)


def _visits(query: "peewee.ModelSelect[visits.Visit]") -> list[Visit]:
    """Build the visits, with a second query for all doctors."""
    rows = list(query)
    ids = sorted({row.doctor_id for row in rows if row.doctor_id})
    doctors = {row.id: _staff_member(row) for row in _staff().where(Staff.id.in_(ids))} if ids else {}
    return [
        Visit(
            row.uid,
            row.token,
            row.state,
            row.attempt,
            _specialty(row.session.specialty),
            _patient(row.beneficiary),
            doctors[row.doctor_id] if row.doctor_id else None,
        )
        for row in rows
    ]


def _within(staff: StaffMember) -> peewee.Expression:
    """Permission filter: a doctor sees the own specialty, the desk its centre, others nothing."""
    if staff.role == "doctor":
        return places.Specialty.code == staff.specialty
    return (places.Centre.code == staff.centre) if staff.role == "desk" else visits.Visit.id < 0


def _patients() -> "peewee.ModelSelect[Beneficiary]":
    rows = Beneficiary.select(Beneficiary, RegisterEntry, places.Centre, Account)
    return rows.join(RegisterEntry).join(places.Centre).switch(Beneficiary).join(Account)


def _patient(row: Beneficiary) -> Patient:
    entry = _person(row.entry)
    return Patient(
        uid=row.uid,
        account_uid=row.account.uid,
        ben_id=entry.ben_id,
        name=entry.name,
        name_hi=entry.name_hi,
        gender=entry.gender,
        birth_date=entry.birth_date,
        centre=entry.centre,
        mobile=row.account.mobile,
        address=row.address,
        abha_number=row.abha_number or "",
        abha_address=row.abha_address or "",
    )


def _person(row: RegisterEntry) -> Person:
    return Person(row.ben_id, row.name, row.name_hi, row.gender, row.date_of_birth, row.centre.code)


def _specialty(row: places.Specialty) -> Specialty:
    return Specialty(row.code, row.name, row.name_hi)


def _staff() -> "peewee.ModelSelect[Staff]":
    outer = peewee.JOIN.LEFT_OUTER
    rows = Staff.select(Staff, places.Specialty, places.Centre).join(places.Specialty, outer)
    return rows.switch(Staff).join(places.Centre, outer)


def _require_staff(uid: str) -> Staff:
    row: Staff | None = _staff().where(Staff.uid == uid).first()
    if row is None:
        raise NotFound
    return row


def _staff_member(row: Staff) -> StaffMember:
    specialty, centre = row.specialty, row.centre
    return StaffMember(
        row.uid,
        row.role,
        row.name,
        row.name_hi,
        row.qualification,
        specialty.code if specialty else "",
        centre.code if centre else "",
    )
