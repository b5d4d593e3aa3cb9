"""The outbox of texts."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Account
from portal.store.db import BaseModel, UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class Message(UidModel):
    """One text to one mobile. States: new leased unknown accepted sent delivered failed expired phone; forward only.

    `values` fill the template when sending; an OTP row holds only its challenge's uid. `provider` is plugin/driver.
    `next_at`: when it may be sent, again too; `ask_at`: when to ask the operator what became of it. `call_outcome`:
    what the last telephone call in its place came to (phone_list.OUTCOMES).
    """

    cause = peewee.CharField(max_length=40)
    to = peewee.CharField(max_length=16)
    template = peewee.CharField(max_length=24)
    language = peewee.CharField(max_length=2)
    values = peewee.JSONField()
    state = peewee.CharField(max_length=10, default="new")
    created_at = UTCDateTimeField()
    expires_at = UTCDateTimeField()
    next_at = UTCDateTimeField()
    lease_until = UTCDateTimeField(null=True)
    ask_at = UTCDateTimeField(null=True, index=True)
    tries = peewee.IntegerField(default=0)
    provider = peewee.CharField(max_length=60, default="")
    reference = peewee.CharField(max_length=80, default="")
    error = peewee.CharField(max_length=200, default="")
    delivered_at = UTCDateTimeField(null=True)
    call_outcome = peewee.CharField(max_length=12, default="")
    called_at = UTCDateTimeField(null=True)

    class Meta:
        indexes = (
            (("cause", "template", "to"), True),
            (("state", "next_at"), False),
            (("state", "created_at"), False),
            (("created_at", "state", "template"), False),
            (("provider", "reference"), False),
        )


class SendAttempt(BaseModel):
    """One try of one message with one provider."""

    message = peewee.ForeignKeyField(Message, backref="attempts")
    provider = peewee.CharField(max_length=60)
    at = UTCDateTimeField()
    outcome = peewee.CharField(max_length=10)
    error = peewee.CharField(max_length=200, default="")


class EarlyReport(BaseModel):
    """News of a text that cannot be understood yet: its reference is not stored, or its sending not finished (F21)."""

    uid = peewee.CharField(max_length=22, default="")
    attempt = peewee.IntegerField(default=0)
    provider = peewee.CharField(max_length=60)
    reference = peewee.CharField(max_length=80, default="")
    state = peewee.CharField(max_length=10)
    error = peewee.CharField(max_length=200, default="")
    at = UTCDateTimeField(index=True)


class Wording(BaseModel):
    """A text as this clinic words it in one language, instead of the catalogue's, and as the operators registered it.

    `registered`: their copy, with {#...#} for each value; `template_id`: their number for it.
    """

    template = peewee.CharField(max_length=24)
    language = peewee.CharField(max_length=2)
    text = peewee.TextField()
    registered = peewee.TextField(default="")
    template_id = peewee.CharField(max_length=19, default="")
    changed_at = UTCDateTimeField()
    changed_by = peewee.CharField(max_length=22)

    class Meta:
        indexes = ((("template", "language"), True),)


class MessageOptOut(BaseModel):
    """A kind of text that the people of one mobile do not want."""

    account = peewee.ForeignKeyField(Account, backref="unwanted", on_delete="CASCADE")
    template = peewee.CharField(max_length=24)

    class Meta:
        indexes = ((("account", "template"), True),)


class StrayReceipt(BaseModel):
    """Receipts of one day that told us nothing, counted. Kinds: `unknown` names no text of ours, `unread` no state.

    `detail`: of one of them, the operator's number, or the names of its fields (never what stood in them).
    """

    provider = peewee.CharField(max_length=60)
    day = peewee.DateField()
    kind = peewee.CharField(max_length=8)
    count = peewee.IntegerField(default=0)
    detail = peewee.CharField(max_length=200, default="")

    class Meta:
        indexes = ((("provider", "day", "kind"), True),)


@dataclass(frozen=True)
class MessageDelivered(DomainEvent, about="the message"):
    """The operator says that a text has reached the telephone."""


@dataclass(frozen=True)
class MessageFailed(DomainEvent, about="the message"):
    """A text will not arrive: the operator says so, or it was tried as often as is allowed."""


@dataclass(frozen=True)
class MessageResent(DomainEvent, about="the message"):
    """Somebody has a text sent again."""


@dataclass(frozen=True)
class PatientPhoned(DomainEvent, about="the message"):
    """Somebody phoned in the place of a text that did not arrive."""

    outcome: Annotated[str, "reached, not_reached or wrong_number"]


@dataclass(frozen=True)
class MessageKindsChosen(DomainEvent, about="the account"):
    """The owner of a mobile chose which texts to get."""

    off: Annotated[list[str], "the kinds that are not wanted"]


@dataclass(frozen=True)
class WordingChanged(DomainEvent, about="kind and language, such as token.hi"):
    """The administrator changed the wording of a text."""

    text: Annotated[str, "the wording from now on"]
    template_id: Annotated[str, "its number at the operators (DLT); empty while it has none"]


@dataclass(frozen=True)
class WordingReset(DomainEvent, about="kind and language, such as token.hi"):
    """A text has the catalogue's wording again."""
