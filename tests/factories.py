"""Factories of rows: each fills in what the test does not set."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from portal.base import clock
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre, ClinicSession, Specialty
from portal.core.lists.models import ListDraft
from portal.core.records.models import Record
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.register.models import RegisterImport
from portal.core.rights import cases
from portal.core.rights.clearing import holds
from portal.core.rights.clearing.hold_models import LegalHold
from portal.core.rights.models import Case
from portal.core.visits.models import Duty, Transition, Visit
from portal.work.audit import SYSTEM

_serial = count(1)


def make_centre(code: str = "01", **fields: Any) -> Centre:
    """Get or create a wellness centre by code."""
    found = Centre.get_or_none(Centre.code == code)
    return found or Centre.create(**{"code": code, "name": f"Centre {code}", "name_hi": f"केंद्र {code}"} | fields)


def make_specialty(code: str = "medicine", **fields: Any) -> Specialty:
    """Get or create a specialty by code."""
    found = Specialty.get_or_none(Specialty.code == code)
    names = {"code": code, "prefix": code[:3].upper(), "name": code.title(), "name_hi": "मेडिसिन"}
    defaults = names | {"is_private": code == "psychiatry"}
    return found or Specialty.create(**defaults | fields)


def make_account(mobile: str = "", **fields: Any) -> Account:
    """Get or create an account by mobile."""
    mobile = mobile or f"+9198{next(_serial):08d}"
    found = Account.get_or_none(Account.mobile == mobile)
    return found or Account.create(**{"mobile": mobile, "language": "en", "created_at": clock.now()} | fields)


def make_entry(**fields: Any) -> RegisterEntry:
    """Create a person of the register, 41 years old."""
    number = next(_serial)
    defaults = {
        "ben_id": f"{1000000 + number}",
        "name": "Ramesh Kumar",
        "name_hi": "रमेश कुमार",
        "gender": "male",
        "date_of_birth": date(1985, 5, 5),
        "mobile": f"+9197{number:08d}",
        "centre": fields.get("centre") or make_centre(),
    }
    return RegisterEntry.create(**defaults | fields)


def make_beneficiary(**fields: Any) -> Beneficiary:
    """Create a registered person with an account on the register's mobile. Fields of the register may be given."""
    own = {key: fields.pop(key) for key in ("address", "language", "patient_id", "account") if key in fields}
    entry = fields.pop("entry", None) or make_entry(**fields)
    defaults = {
        "entry": entry,
        "account": own.get("account") or make_account(entry.mobile),
        "patient_id": f"{next(_serial):013d}",
        "address": "12 Lodhi Road, New Delhi",
        "language": "en",
        "registered_at": clock.now(),
    }
    return Beneficiary.create(**defaults | own)


def make_register_import(**fields: Any) -> RegisterImport:
    """Create an import of the register whose columns are to be chosen."""
    columns = ["ben_id", "name", "name_hi", "gender", "date_of_birth", "mobile", "centre"]
    defaults = {"file": "register.csv", "language": "en", "columns": columns, "asked_at": clock.now()}
    return RegisterImport.create(**defaults | fields)


def make_list_draft(**fields: Any) -> ListDraft:
    """Create a file of barred medicines, of one line, that waits for a confirmation."""
    cells = {"name": "Zeburol", "aliases": "", "law": "NDPS narcotic", "entry": "", "source": "S.O. 1", "sign_off": ""}
    defaults = {"kind": "barred", "file": "barred.csv", "lines": [[2, cells, ""]], "asked_at": clock.now()}
    return ListDraft.create(**defaults | fields)


def make_staff(role: str = "doctor", **fields: Any) -> Staff:
    """Create a member of staff; default specialty medicine for doctors, centre 01 for officers and pharmacists."""
    defaults: dict[str, Any] = {
        "username": f"{role}.{next(_serial)}",
        "role": role,
        "name": "Dr Asha Verma" if role == "doctor" else "Sunil Rao",
        "password_hash": "!",
        "created_at": clock.now(),
    }
    if role == "doctor":
        defaults |= {"specialty": make_specialty(), "qualification": "MD", "registration_number": "DMC-1234"}
    if role in {"medical_officer", "pharmacist", "desk"}:
        defaults["centre"] = make_centre()
    return Staff.create(**defaults | fields)


def make_session(**fields: Any) -> ClinicSession:
    """Get or create today's session of a specialty, 09:00 to 12:00 in India."""
    now = clock.now()
    day = clock.clinic_day(now)
    start = clock.at_ist(day, datetime.min.time())
    defaults = {
        "specialty": fields.get("specialty") or make_specialty(),
        "day": day,
        "opens_at": start + timedelta(hours=9),
        "closes_at": start + timedelta(hours=12),
        "quota": 60,
    }
    defaults["prefix"] = defaults["specialty"].token_prefix
    found = ClinicSession.get_or_none((ClinicSession.specialty == defaults["specialty"]) & (ClinicSession.day == day))
    return found or ClinicSession.create(**defaults | fields)


def make_duty(doctor: Staff, session: ClinicSession, state: str = "on") -> Duty:
    """Create a doctor's duty in a session."""
    return Duty.create(session=session, doctor=doctor, state=state, changed_at=clock.now())


def make_referral(entry: RegisterEntry, **fields: Any) -> Referral:
    """Create a valid referral to medicine by an officer of the person's centre."""
    now = clock.now()
    defaults = {
        "number": f"REF-{next(_serial):06d}",
        "entry": entry,
        "specialty": fields.get("specialty") or make_specialty(),
        "centre": entry.centre,
        "officer": fields.get("officer") or make_staff("medical_officer", centre=entry.centre),
        "reason": "Blood pressure not controlled",
        "issued_at": now,
        "valid_until": clock.clinic_day(now) + timedelta(days=90),
        "max_consults": 6,
    }
    return Referral.create(**defaults | fields)


def make_request(person: Beneficiary, **fields: Any) -> ReferralRequest:
    """Create a request of a person for a referral to medicine, that waits for an answer."""
    specialty = fields.pop("specialty", None) or make_specialty()
    defaults = {"complaint": "Headache for three days", "asked_at": clock.now(), "state": "open"} | fields
    key = f"{person.id}-{specialty.id}" if defaults["state"] == "open" else None
    return ReferralRequest.create(beneficiary=person, specialty=specialty, open_key=key, **defaults)


def make_visit(state: str = "waiting", **fields: Any) -> Visit:
    """Create a visit in a state, with the next number of its session; `doctor` where the state needs one."""
    session = fields.get("session") or make_session()
    ClinicSession.update(last_number=ClinicSession.last_number + 1).where(ClinicSession.id == session.id).execute()
    number = ClinicSession.get_by_id(session.id).last_number
    beneficiary = fields.get("beneficiary") or make_beneficiary()
    open_states = {"waiting", "awaiting_recall", "called", "in_call", "writing"}
    now = clock.now()
    defaults: dict[str, Any] = {
        "session": session,
        "number": number,
        "beneficiary": beneficiary,
        "complaint": "Headache for three days",
        "state": state,
        "state_since": now,
        "requested_at": now,
        "here_until": now + timedelta(minutes=1),
        "live_key": str(beneficiary.id) if state in open_states else None,
    }
    if state in {"called", "in_call", "writing", "completed"}:
        defaults |= {
            "doctor": fields.get("doctor") or make_staff("doctor"),
            "attempt": 1,
            "lease_until": now + timedelta(minutes=1),
        }
    if state == "called":
        defaults["call_deadline"] = now + timedelta(seconds=120)
    visit = Visit.create(**defaults | fields)
    Transition.create(visit=visit, at=now, from_state="", to_state=state, actor_kind="system", actor_uid="")
    return visit


def make_case(person: Beneficiary, kind: str = "grievance") -> Case:
    """Open a case of a person's account."""
    form = {"text": "The call was cut twice on Monday."}
    return cases.open_case(person.account, kind, person, form, by=SYSTEM, now=clock.now())


def make_record(person: Beneficiary) -> Record:
    """Create a picture of a person's that is ready; its file is gone from the disk."""
    file = {"kind": "jpeg", "stored_name": "none", "size": 1, "sha256": "", "state": "ready"}
    record: Record = Record.create(beneficiary=person, title="x-ray", uploaded_at=clock.now(), **file)
    return record


def make_hold(person: Beneficiary) -> LegalHold:
    """Place a legal hold on everything of a person."""
    form = {"number": person.patient_id, "reason": "Order 12/2026 of the High Court"}
    return holds.place_hold(form, make_staff("admin"), by=SYSTEM, now=clock.now())
