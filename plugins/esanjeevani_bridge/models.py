"""Tables of the outbox, the inbox, hand-overs, credentials, and the LGD table; the bridge's events."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.api.storage import BaseModel, SealedField, UidModel, UTCDateTimeField
from portal.api.work import DomainEvent


class Outgoing(UidModel):
    """One version of one document to be sent. It has ids only: the content is composed when it is sent.

    `subject`: the dispensing, for kind `dispensing`; its `source_version` is 1, and 2 once it is reversed.
    """

    kind = peewee.CharField(max_length=12)
    visit_uid = peewee.CharField(max_length=22)
    patient_uid = peewee.CharField(max_length=22)
    version = peewee.IntegerField()
    source_version = peewee.IntegerField()
    state = peewee.CharField(max_length=8, default="waiting")
    tries = peewee.IntegerField(default=0)
    next_at = UTCDateTimeField()
    lease_until = UTCDateTimeField(null=True)
    error = peewee.CharField(max_length=200, default="")
    reference = peewee.CharField(max_length=200, default="")
    subject = peewee.CharField(max_length=22, default="")
    created_at = UTCDateTimeField()
    ended_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "esanjeevani_bridge_outgoing"
        indexes = (
            (("kind", "visit_uid", "version"), True),
            (("state", "next_at"), False),
            (("patient_uid", "state"), False),
        )


class Incoming(UidModel):
    """One update from outside, as received. `number` is the sender's own; a duplicate must have the same content."""

    kind = peewee.CharField(max_length=10)
    number = peewee.CharField(max_length=64)
    version = peewee.IntegerField()
    digest = peewee.CharField(max_length=64)
    payload = peewee.JSONField()
    way = peewee.CharField(max_length=8)
    state = peewee.CharField(max_length=10, default="new", index=True)
    reason = peewee.CharField(max_length=200, default="")
    centre = peewee.CharField(max_length=8, default="")
    subject = peewee.CharField(max_length=40, default="")
    received_at = UTCDateTimeField()
    settled_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "esanjeevani_bridge_incoming"
        indexes = ((("kind", "number", "version", "digest"), True),)


class Credential(BaseModel):
    """A member of staff's credentials at e-Sanjeevani, encrypted. Of the password only its SHA-512 is stored."""

    staff_uid = peewee.CharField(max_length=22, unique=True)
    username = peewee.CharField(max_length=100)
    secret = SealedField("esanjeevani sign-ins")
    changed_at = UTCDateTimeField()

    class Meta:
        table_name = "esanjeevani_bridge_credential"


class Handover(UidModel):
    """Hand-over of a patient to e-Sanjeevani for a visit: by whom, why, with which consent, and its outcome."""

    visit_uid = peewee.CharField(max_length=22, index=True)
    patient_uid = peewee.CharField(max_length=22)
    staff_uid = peewee.CharField(max_length=22, index=True)
    reason = peewee.CharField(max_length=16)
    consent_uid = peewee.CharField(max_length=22)
    place = peewee.CharField(max_length=10)
    state = peewee.CharField(max_length=10, default="begun")
    answer = peewee.CharField(max_length=10, default="")
    error = peewee.CharField(max_length=200, default="")
    outcome = peewee.CharField(max_length=500, default="")
    begun_at = UTCDateTimeField(index=True)
    ended_at = UTCDateTimeField(null=True)

    class Meta:
        table_name = "esanjeevani_bridge_handover"


class Place(BaseModel):
    """A sub-district of the Local Government Directory (LGD) with its district and state."""

    code = peewee.CharField(max_length=10, unique=True)
    name = peewee.CharField(max_length=80)
    district_code = peewee.CharField(max_length=10)
    district = peewee.CharField(max_length=80)
    state_code = peewee.CharField(max_length=10)
    state = peewee.CharField(max_length=80)

    class Meta:
        table_name = "esanjeevani_bridge_place"


class Seen(BaseModel):
    """Idempotency key of a webhook call."""

    digest = peewee.CharField(max_length=64, unique=True)
    at = UTCDateTimeField(index=True)

    class Meta:
        table_name = "esanjeevani_bridge_seen"


class Mark(BaseModel):
    """A stored timestamp: last success, lease or rate limit."""

    name = peewee.CharField(max_length=20, unique=True)
    at = UTCDateTimeField()
    text = peewee.CharField(max_length=200, default="")

    class Meta:
        table_name = "esanjeevani_bridge_mark"


@dataclass(frozen=True)
class DocumentOfVisit(DomainEvent):
    """Base of the events of a document to be sent."""

    kind: Annotated[str, "prescription, visit or dispensing"]
    visit: Annotated[str, "uid of the visit"]
    version: Annotated[int, "the document's own, from 1"]
    document: Annotated[str, "uid of the document"]


@dataclass(frozen=True)
class DocumentSent(DocumentOfVisit, about="the visit"):
    """The endpoint accepted a document."""


@dataclass(frozen=True)
class DocumentRefused(DocumentOfVisit, about="the visit"):
    """The endpoint refused a document permanently, or the maximum of retries was reached."""


@dataclass(frozen=True)
class DocumentResent(DocumentOfVisit, about="the visit"):
    """Somebody retried a refused document, or sent a document again as a new version."""


@dataclass(frozen=True)
class DocumentDropped(DocumentOfVisit, about="the visit"):
    """A document is not sent, as the consent was withdrawn."""


@dataclass(frozen=True)
class HandoverBegun(DomainEvent, about="the visit"):
    """A hand-over to e-Sanjeevani began, with the patient's consent."""

    visit: Annotated[str, "uid of the visit"]
    reason: Annotated[str, "code of the reason"]
    handover: Annotated[str, "uid of the hand-over"]


@dataclass(frozen=True)
class HandoverLaunched(DomainEvent, about="the visit"):
    """e-Sanjeevani knows the patient and returned a launch URL."""

    visit: Annotated[str, "uid of the visit"]
    handover: Annotated[str, "uid of the hand-over"]


@dataclass(frozen=True)
class HandoverFailed(DomainEvent, about="the visit"):
    """e-Sanjeevani did not accept the patient."""

    visit: Annotated[str, "uid of the visit"]
    handover: Annotated[str, "uid of the hand-over"]


@dataclass(frozen=True)
class SanjeevaniLoginKept(DomainEvent, about="the member of staff"):
    """A member of staff stored credentials at e-Sanjeevani."""


@dataclass(frozen=True)
class PlacesImported(DomainEvent, about="the list: lgd"):
    """The LGD table was replaced."""

    rows: Annotated[int, "places in the list"]


@dataclass(frozen=True)
class UpdateReceived(DomainEvent, about="the update"):
    """An update on a referral or an outcome was received."""

    kind: Annotated[str, "referral, outcome or unknown"]
    way: Annotated[str, "pull (we asked) or webhook"]


@dataclass(frozen=True)
class UpdateSettled(DomainEvent, about="the update"):
    """An update was matched: its state says what follows."""

    kind: Annotated[str, "referral, outcome or unknown"]
    state: Annotated[str, "what became of it, such as waiting, applied or dead"]


@dataclass(frozen=True)
class UpdateReplayed(DomainEvent, about="the update"):
    """The administrator retried an update."""


@dataclass(frozen=True)
class UpdateAccepted(DomainEvent, about="the update"):
    """The medical officer accepted an update as a referral."""

    referral: Annotated[str, "uid of the referral"]


@dataclass(frozen=True)
class UpdateClosed(DomainEvent, about="the update"):
    """An update was closed: nothing follows from it."""
