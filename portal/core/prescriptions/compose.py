"""Composition of a prescription's content from the notes, the register and the clinic's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from portal.base.clock import clinic_day
from portal.base.units import spelt
from portal.contracts import GuardianRecord, MedicineRecord
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.identity import age_on, infant_months
from portal.core.consults import manner
from portal.core.consults.models import Consult
from portal.core.paper import content
from portal.core.paper.content import Content, Correction
from portal.core.prescribing.attending import PATIENT
from portal.core.prescribing.notes import Item, Notes
from portal.core.visits.models import Visit
from portal.settings.clinic import PageWords

# Labels and units as on Indian prescriptions; weight and height are printed beside the patient.
VITALS = {
    "pulse": ("Pulse", "/min"),
    "spo2": ("SpO2", "%"),
    "temperature": ("Temp.", "°C"),
    "glucose": ("Glucose", "mg/dL"),
}

AS_DIRECTED = {"en": "As directed: {reason}", "hi": "जैसा डॉक्टर ने बताया: {reason}"}
TAKEN_SINCE = {"en": "Taken since {since}, seen on paper", "hi": "{since} से ले रहे हैं, काग़ज़ पर देखा"}


@dataclass(frozen=True)
class Seal:
    """Identifiers of a prescription: number, verification code and URL, last valid day, and what it replaces."""

    number: str
    code: str
    address: str
    valid_until: date
    correction: Correction | None = None


def content_of(visit: Visit, doctor: Staff, consult: Consult, notes: Notes, seal: Seal, *, now: datetime) -> Content:
    """Compose everything that is printed, as of now."""
    return Content(
        number=seal.number,
        verification_code=seal.code,
        verify_url=seal.address,
        valid_until=seal.valid_until,
        issued_at=now,
        token=visit.token,
        mode=consult.mode,
        mode_stated=manner.is_stated(consult),
        kind=consult.kind,
        language=visit.beneficiary.language,
        doctor=_doctor(visit, doctor),
        patient=_patient(visit, notes, clinic_day(now)),
        centre=_centre(visit),
        referral=visit.referral.number if visit.referral else "",
        exemption=visit.exemption,
        complaints=spelt(notes.complaints),
        history=spelt(notes.history),
        findings=spelt(notes.findings),
        vitals=vitals_in_words(notes.vitals) + _last_period(notes),
        diagnosis=spelt(notes.diagnosis),
        plain=spelt(notes.plain),
        icd10=notes.icd10,
        investigations=spelt(notes.investigations),
        items=tuple(_issued(item, visit.beneficiary.language) for item in notes.items),
        advice=spelt(notes.advice),
        follow_up_on=notes.follow_up_on,
        seen_in_person_on=notes.seen_in_person_on if consult.kind == "follow_up" else None,
        present=notes.attending.present or PATIENT,
        guardian=_guardian(notes),
        correction=seal.correction,
    )


def instructions_of(item: Item, language: str) -> str:
    """Format a medicine's instructions: as directed with the reason, how, and since when it is taken."""
    spoken = "hi" if language == "hi" else "en"
    directed = AS_DIRECTED[spoken].format(reason=item.reason) if item.directed else ""
    taken = TAKEN_SINCE[spoken].format(since=item.taken_since) if item.taken_since else ""
    return " · ".join(part for part in (directed, item.instructions, taken) if part)


def vitals_in_words(vitals: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """Format the measured vitals as (name, value with unit), blood pressure first."""
    upper, lower = vitals.get("systolic"), vitals.get("diastolic")
    pressure = f"{_figure(upper)}/{_figure(lower)} mmHg" if upper or lower else ""
    others = ((name, f"{vitals[key]:g} {unit}") for key, (name, unit) in VITALS.items() if key in vitals)
    return ((("BP", pressure),) if pressure else ()) + tuple(others)


def _issued(item: Item, language: str) -> MedicineRecord:
    printed: dict[str, Any] = {part.name: getattr(item, part.name) for part in fields(MedicineRecord)}
    printed |= {"instructions": instructions_of(item, language)}
    printed |= {name: spelt(value) for name, value in printed.items() if isinstance(value, str)}
    return MedicineRecord(**printed)


def _doctor(visit: Visit, doctor: Staff) -> content.Doctor:
    specialty = visit.session.specialty
    clinic = PageWords.in_force()
    return content.Doctor(
        name=doctor.name,
        name_hi=doctor.name_hi,
        qualification=doctor.qualification,
        registration_number=doctor.registration_number,
        specialty=specialty.name,
        specialty_hi=specialty.name_hi,
        institution=clinic.institution,
        address=clinic.institution_address,
        phone=doctor.phone or clinic.helpline,
        email=doctor.email,
    )


def _patient(visit: Visit, notes: Notes, day: date) -> content.Patient:
    person, entry = visit.beneficiary, visit.beneficiary.entry
    return content.Patient(
        name=entry.name,
        name_hi=entry.name_hi,
        age=age_on(entry.date_of_birth, day),
        gender=entry.gender,
        ben_id=entry.ben_id,
        patient_id=person.patient_id,
        address=person.address,
        weight=_figure(notes.vitals.get("weight")),
        height=_figure(notes.vitals.get("height")),
        months=infant_months(entry.date_of_birth, day),
    )


def _guardian(notes: Notes) -> GuardianRecord | None:
    adult = notes.attending
    return GuardianRecord(adult.name, adult.relation, adult.identity) if adult.name else None


def _centre(visit: Visit) -> content.Centre:
    centre = visit.beneficiary.entry.centre
    return content.Centre(code=centre.code, name=centre.name, name_hi=centre.name_hi)


def _last_period(notes: Notes) -> tuple[tuple[str, str], ...]:
    """Format the last period (annexure 2 of the guidelines, where it applies) as one more measured value."""
    return (("LMP", f"{notes.last_period_on:%d.%m.%Y}"),) if notes.last_period_on else ()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
