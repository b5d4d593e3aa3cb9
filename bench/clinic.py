"""A large clinic day for benchmarks: sessions full of waiting people, doctors on duty, everybody signed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from flask import Flask

from portal.base import clock, keys
from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.accounts.sign_ins import ABSOLUTE, SignedIn
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, ClinicSession, Specialty
from portal.core.visits.models import Duty, Transition, Visit
from portal.store.db import BaseModel, write
from portal.web import tickets
from portal.web.sessions import Seal

ROWS_AT_ONCE = 500
SIGNED_IN_BEFORE = timedelta(minutes=1)


@dataclass(frozen=True)
class Page:
    """An open live page: session cookie and ticket."""

    uid: str
    cookie: str
    address: str


def make_clinic(app: Flask, sessions: int, tokens: int, doctors: int, at: datetime) -> tuple[list[Page], list[Page]]:
    """Fill the database and return the open pages of patients and doctors."""
    patients: list[Page] = []
    boards: list[Page] = []
    with app.app_context(), write():
        centre = Centre.select().first()
        for number in range(sessions):
            session = _session(number, tokens, at)
            patients += _patients(app, session, number, tokens, centre, at)
            boards += _doctors(app, session, number, doctors, at)
    return patients, boards


def _session(number: int, tokens: int, at: datetime) -> ClinicSession:
    name = f"bench{number}"
    specialty = Specialty.create(code=name, prefix=f"B{number:02d}", name=name, name_hi=name)
    day = clock.clinic_day(at)
    return ClinicSession.create(
        specialty=specialty,
        day=day,
        opens_at=at - timedelta(hours=1),
        closes_at=at + timedelta(hours=6),
        quota=tokens,
        last_number=tokens,
    )


def _patients(app: Flask, session: ClinicSession, number: int, tokens: int, centre: Centre, at: datetime) -> list[Page]:
    people, signed_in = make_people(number * tokens, tokens, date(1985, 5, 5), centre, at)
    _insert(Visit, (_visit(session, n + 1, person, at) for n, person in enumerate(people)))
    visits = list(Visit.select().where(Visit.session == session).order_by(Visit.number))
    _insert(Transition, (_transition(visit, at) for visit in visits))
    return [_page(app, "visit", visit.uid, person) for visit, person in zip(visits, signed_in, strict=True)]


def make_people(
    first: int, count: int, born: date, centre: Centre, at: datetime
) -> tuple[list[Beneficiary], list[SignedIn]]:
    """Create registered people with serial numbers from `first`, each with a signed-in account."""
    _insert(Account, ({"mobile": f"+916{first + n:09d}", "created_at": at} for n in range(count)))
    accounts = list(Account.select().order_by(Account.id.desc()).limit(count))[::-1]
    _insert(RegisterEntry, (_entry(first + n, born, account, centre) for n, account in enumerate(accounts)))
    entries = list(RegisterEntry.select().order_by(RegisterEntry.id.desc()).limit(count))[::-1]
    both = enumerate(zip(accounts, entries, strict=True))
    _insert(Beneficiary, (_beneficiary(first + n, account, entry, at) for n, (account, entry) in both))
    people = list(Beneficiary.select().order_by(Beneficiary.id.desc()).limit(count))[::-1]
    return people, _signed_in([{"account": account} for account in accounts], at, ABSOLUTE["beneficiary"])


def _entry(serial: int, born: date, account: Account, centre: Centre) -> dict[str, Any]:
    return {
        "ben_id": f"B{serial:08d}",
        "name": f"Person {serial}",
        "name_hi": "व्यक्ति",
        "gender": "female",
        "date_of_birth": born,
        "mobile": account.mobile,
        "centre": centre,
    }


def _beneficiary(serial: int, account: Account, entry: RegisterEntry, at: datetime) -> dict[str, Any]:
    return {
        "entry": entry,
        "account": account,
        "patient_id": f"8{serial:012d}",
        "address": "New Delhi",
        "language": "en",
        "registered_at": at,
    }


def _visit(session: ClinicSession, number: int, person: Beneficiary, at: datetime) -> dict[str, Any]:
    return {
        "session": session,
        "number": number,
        "beneficiary": person,
        "complaint": "cough",
        "state": "waiting",
        "state_since": at,
        "requested_at": at,
        "here_until": at + timedelta(minutes=1),
        "live_key": str(person.id),
    }


def _transition(visit: Visit, at: datetime) -> dict[str, Any]:
    return {
        "visit": visit,
        "at": at,
        "from_state": "",
        "to_state": "waiting",
        "actor_kind": "system",
        "actor_uid": "",
    }


def _doctors(app: Flask, session: ClinicSession, number: int, doctors: int, at: datetime) -> list[Page]:
    _insert(Staff, (_doctor(session, f"bench.{number}.{n}", at) for n in range(doctors)))
    staff = list(Staff.select().where(Staff.specialty == session.specialty_id).order_by(Staff.id))
    _insert(Duty, ({"session": session, "doctor": doctor, "state": "on", "changed_at": at} for doctor in staff))
    signed_in = _signed_in([{"staff": doctor} for doctor in staff], at, ABSOLUTE["staff"])
    return [_page(app, "board", doctor.uid, person) for doctor, person in zip(staff, signed_in, strict=True)]


def _doctor(session: ClinicSession, username: str, at: datetime) -> dict[str, Any]:
    return {
        "username": username,
        "role": "doctor",
        "name": "Dr Bench",
        "name_hi": "डॉ. बेंच",
        "password_hash": "!",
        "specialty": session.specialty_id,
        "qualification": "MD",
        "registration_number": "B-1",
        "created_at": at,
    }


def _signed_in(people: list[dict[str, Any]], at: datetime, lasts: timedelta) -> list[SignedIn]:
    secrets = [keys.random_uid() for _ in people]
    hashes = [keys.fingerprint(secret) for secret in secrets]
    began = at - SIGNED_IN_BEFORE
    times = {"created_at": began, "seen_at": at, "stepped_up_at": began, "ends_at": began + lasts}
    _insert(
        SignIn,
        (
            {"account": None, "staff": None, "key_hash": hashed} | times | who
            for hashed, who in zip(hashes, people, strict=True)
        ),
    )
    rows = {row.key_hash: row for row in SignIn.select()}
    return [
        SignedIn(secret, rows[hashed], who.get("account"), who.get("staff"))
        for secret, hashed, who in zip(secrets, hashes, people, strict=True)
    ]


def _page(app: Flask, kind: str, uid: str, person: SignedIn) -> Page:
    return Page(uid, make_cookie(app, person), f"/live/{tickets.issue(kind, uid, person)}")


def make_cookie(app: Flask, person: SignedIn, **more: str) -> str:
    """Make a session cookie header."""
    contents = {"_user_id": person.key, "_fresh": True} | more
    return f"{app.config['SESSION_COOKIE_NAME']}={Seal().dumps(contents)}"


def _insert(model: type[BaseModel], rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, ROWS_AT_ONCE)):
        model.insert_many(part).execute()
