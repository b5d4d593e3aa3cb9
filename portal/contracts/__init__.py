"""Data types of the plugin API: frozen dataclasses, never rows, dicts or HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from portal.contracts.channels import ChannelMessage, ChannelTemplate, MessageChannel
from portal.contracts.clinic import (
    IdentityAnswer,
    IdentityClaim,
    IdentityStep,
    Level,
    Panel,
    PanelFact,
    Refusal,
    ReportTable,
    SignInWay,
    TokenWish,
    VerifiedIdentity,
)
from portal.contracts.documents import (
    Attachment,
    BridgeReceipt,
    DoctorRecord,
    DocumentRef,
    GuardianRecord,
    Letter,
    MedicineRecord,
    OrderRecord,
    OutsideRecord,
    PatientIdentity,
    PatientRecord,
    VisitRecord,
)

__all__ = [
    "Action",
    "Attachment",
    "Attempt",
    "BridgeReceipt",
    "ChannelMessage",
    "ChannelTemplate",
    "DoctorRecord",
    "DocumentRef",
    "Event",
    "GatewayError",
    "GuardianRecord",
    "HealthCheck",
    "IdentityAnswer",
    "IdentityClaim",
    "IdentityStep",
    "JoinLink",
    "Letter",
    "Level",
    "MedicineRecord",
    "Message",
    "MessageChannel",
    "NavItem",
    "OrderRecord",
    "OutsideRecord",
    "Panel",
    "PanelFact",
    "Participant",
    "PatientIdentity",
    "PatientRecord",
    "PluginSettings",
    "Receipt",
    "Refusal",
    "Report",
    "ReportTable",
    "Room",
    "SentMessage",
    "Shown",
    "SignInWay",
    "TokenWish",
    "VerifiedIdentity",
    "VisitFact",
    "VisitRecord",
]


class PluginSettings(BaseModel):
    """Base of every plugin's settings; `title` and `description` of a field are its label and help."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


@dataclass(frozen=True)
class Attempt:
    """A failed try with one of a plugin's drivers."""

    driver: str
    outcome: Literal["temporary", "permanent", "unknown"]
    error: str


class GatewayError(Exception):
    """A call to another server failed: `permanent` means never retry, else it may be retried.

    `unknown`: the request was sent and no response came, so it may have taken effect; there is no failover.
    `attempts`: the errors of the plugin's drivers, when it has several.
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
    """An event of docs/events.md. `data` holds ids and plain values only."""

    uid: str
    name: str
    subject: str
    at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """One SMS to one mobile; `text` is final, `template` and `language` name its origin.

    `dlt_…`: its DLT registration: principal entity, header (the sender shown), template of this language. `attempt`
    counts our own tries. `driver`: send by this one only (the administrator tests it); empty: as configured.
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
    """The gateway accepted the message; `reference` is its id there.

    `ask_at`: when to poll its delivery status (hook `message_report`); None when the operator reports by webhook.
    """

    reference: str
    state: Literal["accepted", "sent", "delivered"] = "accepted"
    driver: str = ""
    attempts: tuple[Attempt, ...] = ()
    ask_at: datetime | None = None


@dataclass(frozen=True)
class Shown:
    """Whether a message `is_shown` on its reader's screen; if not, `until` when it may be: then it is asked again."""

    is_shown: bool = False
    until: datetime | None = None


@dataclass(frozen=True)
class SentMessage:
    """A message that a plugin sent, or may have sent: `reference` is empty when no response came."""

    uid: str
    to: str
    attempt: int
    driver: str
    reference: str
    at: datetime


@dataclass(frozen=True)
class Report:
    """Delivery status of a message. `unsent`: unknown to the operator. `ask_at`: when to poll again."""

    state: Literal["accepted", "sent", "delivered", "failed", "unsent"]
    reference: str = ""
    error: str = ""
    ask_at: datetime | None = None


@dataclass(frozen=True)
class VisitFact:
    """What a video plugin may know of a visit."""

    uid: str
    token: str
    specialty: str
    attempt: int


@dataclass(frozen=True)
class Room:
    """A room of one call attempt. `name` is random (at least 128 bits), without personal data."""

    uid: str
    visit_uid: str
    attempt: int
    provider: str
    name: str


@dataclass(frozen=True)
class Participant:
    """A participant of a room: `role` decides the permissions there, `name` is shown to the other side."""

    uid: str
    role: Literal["patient", "doctor"]
    name: str
    language: str


@dataclass(frozen=True)
class JoinLink:
    """How one participant enters a room; single use.

    `embed`: a URL of ours whose direct response (no redirect) is an HTML fragment that htmx loads into the page. It
    sends `portal:call` events with `detail.state` from its root; "left" means that somebody pressed "Leave call".
    `redirect`: a URL to open by itself.
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
    """A link with a sentence beside it on a visit's page.

    htmx loads the response of `url` into the page below the link; without htmx, the link opens a page.
    """

    label: str
    url: str
    note: str = ""
    level: Literal["info", "success", "warn"] = "info"


@dataclass(frozen=True)
class HealthCheck:
    """A probe that raises with a sentence when something is wrong. Run by a background job, never by a page."""

    name: str
    probe: Callable[[], None]
