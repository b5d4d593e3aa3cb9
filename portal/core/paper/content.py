"""Immutable content of an issued prescription: all that is printed (TPG 2020, annexure 2)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from portal.contracts import GuardianRecord, MedicineRecord

# Fields that the first prescriptions do not have.
_LATER = ("seen_in_person_on", "mode_stated", "present", "guardian", "correction", "plain")


@dataclass(frozen=True)
class Doctor:
    """The prescriber (field 1 of the annexure)."""

    name: str
    name_hi: str
    qualification: str
    registration_number: str
    specialty: str
    specialty_hi: str
    institution: str
    address: str
    phone: str
    email: str


@dataclass(frozen=True)
class Patient:
    """The patient (field 3), with the scheme's own numbers. `months`: the age of an infant, below two years."""

    name: str
    name_hi: str
    age: int
    gender: str
    ben_id: str
    patient_id: str
    address: str
    weight: str
    height: str
    months: int | None = None


@dataclass(frozen=True)
class Centre:
    """Wellness centre of record."""

    code: str
    name: str
    name_hi: str


@dataclass(frozen=True)
class Correction:
    """What a further version says of itself: which version it is, what it replaces, why, and what it gives more of."""

    version: int
    replaces: str
    replaces_of: date
    reason: str
    raised: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """A whole prescription. `mode` is video, audio, phone, text or "" (nobody said), `mode_stated` when the doctor said
    it and not the call log; `kind` first or follow_up; `language` en or hi.
    `present`: patient or caregiver, with the adult in `guardian`; "" on prescriptions from before it was asked.

    `plain`: the diagnosis in plain words; it and the medicines' purposes stand on the patient's sheet.
    `items` have the shape in which they leave the clinic: what is sent is what is printed.
    """

    number: str
    issued_at: datetime
    verification_code: str
    verify_url: str
    token: str
    mode: str
    kind: str
    language: str
    doctor: Doctor
    patient: Patient
    centre: Centre
    referral: str
    exemption: str
    complaints: str
    history: str
    findings: str
    vitals: tuple[tuple[str, str], ...]
    diagnosis: str
    icd10: str
    investigations: str
    items: tuple[MedicineRecord, ...]
    advice: str
    follow_up_on: date | None
    valid_until: date
    seen_in_person_on: date | None = None
    mode_stated: bool = False
    present: str = ""
    guardian: GuardianRecord | None = None
    correction: Correction | None = None
    plain: str = ""

    def to_json(self) -> dict[str, Any]:
        """Serialise to JSON values, what came later only when given; `from_json` is the inverse."""
        plain = asdict(self)
        plain["issued_at"] = self.issued_at.isoformat()
        plain["follow_up_on"] = self.follow_up_on.isoformat() if self.follow_up_on else None
        plain["valid_until"] = self.valid_until.isoformat()
        plain["vitals"] = [list(pair) for pair in self.vitals]
        plain["items"] = [_without_later(asdict(item)) for item in self.items]
        plain["seen_in_person_on"] = self.seen_in_person_on.isoformat() if self.seen_in_person_on else None
        if self.correction:
            plain["correction"]["replaces_of"] = self.correction.replaces_of.isoformat()
        if self.patient.months is None:
            del plain["patient"]["months"]
        return {name: value for name, value in plain.items() if value or name not in _LATER}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Content":
        """Deserialise the content as it was issued."""
        values = dict(plain)
        follow_up, seen = plain["follow_up_on"], plain.get("seen_in_person_on")
        values |= {
            "issued_at": datetime.fromisoformat(plain["issued_at"]),
            "follow_up_on": date.fromisoformat(follow_up) if follow_up else None,
            "valid_until": date.fromisoformat(plain["valid_until"]),
            "seen_in_person_on": date.fromisoformat(seen) if seen else None,
            "correction": _correction(plain.get("correction")),
            "doctor": Doctor(**plain["doctor"]),
            "patient": Patient(**plain["patient"]),
            "centre": Centre(**plain["centre"]),
            "vitals": tuple((name, value) for name, value in plain["vitals"]),
            "items": tuple(MedicineRecord(**item) for item in plain["items"]),
            "guardian": GuardianRecord(**plain["guardian"]) if plain.get("guardian") else None,
        }
        return cls(**values)


def _without_later(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value or name != "purpose"}


def _correction(plain: Mapping[str, Any] | None) -> Correction | None:
    if not plain:
        return None
    own = {"replaces_of": date.fromisoformat(plain["replaces_of"]), "raised": tuple(plain.get("raised", ()))}
    return Correction(**{**plain, **own})
