"""Documents of visits, as plugins that send them outside read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True)
class PatientIdentity:
    """A number of the patient elsewhere that a plugin has verified: `system` is FHIR's, `name` what it is called."""

    name: str
    system: str
    number: str


@dataclass(frozen=True)
class PatientRecord:
    """The patient of a document, with the register's ids; the ABHA ones are empty when not given, and only typed."""

    name: str
    gender: str
    birth_date: date
    ben_id: str
    patient_id: str
    abha_number: str
    abha_address: str
    identities: tuple[PatientIdentity, ...] = ()


@dataclass(frozen=True)
class DoctorRecord:
    """The author of a document."""

    uid: str
    name: str
    qualification: str
    registration_number: str


@dataclass(frozen=True)
class GuardianRecord:
    """The adult who came with the patient: a minor's, or a caregiver. `identity`: the kind of document seen."""

    name: str
    relation: str
    identity: str


@dataclass(frozen=True)
class MedicineRecord:
    """One prescribed medicine, as it was issued. `purpose`: what it is for, in words for the patient."""

    drug: str
    form: str
    strength: str
    dose: str
    frequency: str
    duration_days: int | None
    quantity: int
    instructions: str
    purpose: str = ""


@dataclass(frozen=True)
class VisitRecord:
    """All of a documented visit that may be exported: the prescription as issued, and its notes.

    `uid` and `doctor.uid` are the portal's own; `valid_until` is of the medicines, None when there are none.
    `present`: patient or caregiver, "" when it was not asked; `guardian`: the adult who came along.
    `replaces`: the number of the version before, empty for the first. `collect_until`: the last day of each medicine at
    the pharmacy; when it is empty, `valid_until` is that of all.
    """

    uid: str
    number: str
    version: int
    cancelled: bool
    issued_at: datetime
    valid_until: date | None
    started_at: datetime
    ended_at: datetime
    mode: str
    kind: str
    specialty: str
    specialty_name: str
    institution: str
    centre_code: str
    centre_name: str
    referral: str
    patient: PatientRecord
    doctor: DoctorRecord
    complaints: str
    history: str
    findings: str
    vitals: tuple[tuple[str, float], ...]
    diagnosis: str
    icd10: str
    investigations: str
    medicines: tuple[MedicineRecord, ...]
    advice: str
    follow_up_on: date | None
    pdf: bytes
    present: str = ""
    guardian: GuardianRecord | None = None
    replaces: str = ""
    collect_until: tuple[date, ...] = ()


@dataclass(frozen=True)
class OrderRecord:
    """The investigations of one version of a prescription, as an order. `lines`: each as the doctor wrote it.

    `uid` is the order's own, the same at every retry. With `cancelled` it is taken back: the prescription was
    cancelled, or a further version replaced it, whose order follows.
    """

    uid: str
    visit_uid: str
    number: str
    cancelled: bool
    issued_at: datetime
    patient_uid: str
    patient: PatientRecord
    doctor: DoctorRecord
    centre_code: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class OutsideRecord:
    """A file of a patient from outside: PDF, JPEG, PNG, HEIC, WebP or DICOM, cleaned before anybody sees it.

    `reference` is its id at the plugin: one that was taken already is not taken again. `title` is the file's name.
    """

    reference: str
    title: str
    content: bytes


@dataclass(frozen=True)
class Attachment:
    """A file in a letter: its name, media type such as application/pdf, and content."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """An e-mail of the clinic to its own staff, never to patients. `uid` is the same at every retry.

    `to`: each gets it, and sees the others; `text` is plain, in the language of the setting.
    """

    uid: str
    to: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class DocumentRef:
    """Reference to a document that may be exported; its content is fetched when it is sent."""

    kind: Literal["prescription", "visit"]
    visit_uid: str
    patient_uid: str
    version: int


@dataclass(frozen=True)
class BridgeReceipt:
    """The bridge has queued the document. Idempotent: the same document gives the same receipt."""

    reference: str
    state: Literal["queued", "sent"] = "queued"
