"""What crosses the plugin door: frozen dataclasses, never rows, dicts or HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class PluginSettings(BaseModel):
    """Base of every plugin's settings; `title` and `description` of a field are its label and help."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


@dataclass(frozen=True)
class Attempt:
    """One try with one of a plugin's drivers that came to nothing."""

    driver: str
    outcome: Literal["temporary", "permanent", "unknown"]
    error: str


class GatewayError(Exception):
    """An outside call failed: `permanent` says never, otherwise it may be tried again.

    `unknown`: the request went out and no answer came, so it may have been done; nobody else is asked instead.
    `attempts`: what each of the plugin's drivers said, when it has several.
    """

    def __init__(
        self, text: str, *, permanent: bool = False, unknown: bool = False, attempts: tuple[Attempt, ...] = ()
    ) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.unknown = unknown
        self.attempts = attempts


@dataclass(frozen=True)
class Event:
    """Something that happened in the clinic: an event of docs/events.md. `data` holds ids and plain values only."""

    uid: str
    name: str
    subject: str
    at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One text to one mobile; `text` is final, `template` and `language` name where it came from.

    `dlt_…`: what the operators know of it: principal entity, header (the sender shown), template of this language.
    `attempt` counts our own tries. `driver`: send by this one only (the administrator tries it); empty: as configured.
    """

    uid: str
    to: str
    template: str
    language: str
    text: str
    expires_at: datetime
    dlt_entity: str = ""
    dlt_header: str = ""
    dlt_template: str = ""
    attempt: int = 1
    driver: str = ""


@dataclass(frozen=True)
class Receipt:
    """The gateway took the message; `reference` is its own number for it.

    `ask_at`: when to ask what became of it (hook `message_report`); None when the operator tells of itself.
    """

    reference: str
    state: Literal["accepted", "sent", "delivered"] = "accepted"
    driver: str = ""
    attempts: tuple[Attempt, ...] = ()
    ask_at: datetime | None = None


@dataclass(frozen=True)
class SentMessage:
    """A message that a plugin handed over, or may have: `reference` is empty when no answer came."""

    uid: str
    to: str
    attempt: int
    driver: str
    reference: str
    at: datetime


@dataclass(frozen=True)
class Report:
    """What became of a message. `unsent`: the operator has never heard of it. `ask_at`: when to ask again."""

    state: Literal["accepted", "sent", "delivered", "failed", "unsent"]
    reference: str = ""
    error: str = ""
    ask_at: datetime | None = None


@dataclass(frozen=True)
class VisitFact:
    """The little a plugin may know of a visit."""

    uid: str
    token: str
    specialty: str
    attempt: int


@dataclass(frozen=True)
class Room:
    """A room of one call attempt. `name` is random (at least 128 bits) and says nothing about anybody."""

    uid: str
    visit_uid: str
    attempt: int
    provider: str
    name: str


@dataclass(frozen=True)
class Participant:
    """Who enters a room: `role` decides the rights there, `name` is what the other side reads."""

    uid: str
    role: Literal["patient", "doctor"]
    name: str
    language: str


@dataclass(frozen=True)
class JoinLink:
    """How one participant enters, for one click.

    `embed`: an address of ours whose plain answer (no redirect) is an HTML fragment, which htmx loads into the page. It
    sends `portal:call` events with `detail.state` from its root; "left" means that somebody pressed "Leave call".
    `redirect`: an address that is opened in its own right.
    """

    kind: Literal["embed", "redirect"]
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class NavItem:
    """A link in the navigation of the given roles."""

    label: str
    url: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Action:
    """Something to do or to know on a visit's page: a link with a sentence beside it.

    htmx loads the answer of `url` into the page below the link; without it, the link leads to a page.
    """

    label: str
    url: str
    note: str = ""
    level: Literal["info", "success", "warn"] = "info"


@dataclass(frozen=True)
class HealthCheck:
    """A probe that raises with a sentence when something is wrong. Run by a task, never by a page."""

    name: str
    probe: Callable[[], None]


@dataclass(frozen=True)
class PatientRecord:
    """The person of a document, by the register's own numbers; the ABHA ones are empty when not given."""

    name: str
    gender: str
    birth_date: date
    ben_id: str
    patient_id: str
    abha_number: str
    abha_address: str


@dataclass(frozen=True)
class DoctorRecord:
    """Who wrote a document."""

    uid: str
    name: str
    qualification: str
    registration_number: str


@dataclass(frozen=True)
class MedicineRecord:
    """One prescribed medicine, as it was issued."""

    drug: str
    form: str
    strength: str
    dose: str
    frequency: str
    duration_days: int | None
    quantity: int
    instructions: str


@dataclass(frozen=True)
class VisitRecord:
    """A documented visit, all that may leave the clinic of it: the prescription as issued, and its notes.

    `uid` and `doctor.uid` are the portal's own; `valid_until` speaks of the medicines, None when there are none.
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


@dataclass(frozen=True)
class DocumentRef:
    """A document that may be sent outside: which, whose, which version. Its content is fetched when it is sent."""

    kind: Literal["prescription", "visit"]
    visit_uid: str
    patient_uid: str
    version: int


@dataclass(frozen=True)
class BridgeReceipt:
    """The bridge has the document on its list; asking again with the same one gives the same receipt."""

    reference: str
    state: Literal["queued", "sent"] = "queued"
