"""What the chart says, as plain data: for the consult page and for the rules of prescribing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.core.accounts.models import Staff
from portal.core.clinic.models import Specialty


@dataclass(frozen=True)
class Allergy:
    """An allergy on record. `severity`: mild, severe, anaphylaxis, or "" when nobody knows."""

    substance: str
    reaction: str = ""
    severity: str = ""
    noted_on: date | None = None
    uid: str = ""


@dataclass(frozen=True)
class Medicine:
    """A medicine that the person takes. `told_by`: prescription, patient, caregiver or paper.

    `number` is that of the prescription; `since` in the words of whoever told; `until` the last day of its course.
    """

    name: str
    form: str = ""
    strength: str = ""
    how: str = ""
    since: str = ""
    told_by: str = "prescription"
    number: str = ""
    noted_on: date | None = None
    until: date | None = None
    uid: str = ""


@dataclass(frozen=True)
class Problem:
    """A problem that goes on, with its ICD-10 code where one was given."""

    name: str
    icd10: str = ""
    since: str = ""
    uid: str = ""


@dataclass(frozen=True)
class Known:
    """Allergies and present medicines of a person. `none_known_on`: when "no allergy known" was last asked."""

    allergies: tuple[Allergy, ...] = ()
    medicines: tuple[Medicine, ...] = ()
    none_known_on: date | None = None


@dataclass(frozen=True)
class PastVisit:
    """An earlier consultation. `may_open`: its notes are for this reader; else diagnosis and doctor are left out."""

    uid: str
    day: date
    specialty: Specialty | None = None
    doctor: Staff | None = None
    diagnosis: str = ""
    vitals: Mapping[str, float] = field(default_factory=dict)
    may_open: bool = False


def may_read(specialty: Specialty, author: Staff, reader: Staff) -> bool:
    """Tell whether notes are for this doctor: of another private specialty only the medicines are (issue 14.5)."""
    return not specialty.is_private or reader.specialty_id == specialty.id or reader.id == author.id
