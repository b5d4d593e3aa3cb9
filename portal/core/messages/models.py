"""Tables and events of the outbox."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.accounts.models import Account
from portal.store.db import BaseModel, UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent
from portal.work.cause import LONGEST_ID


class Message(UidModel):
    """One text to one mobile. States: new leased unknown accepted sent delivered failed expired phone; forward only.

    `values` fill the template at the time of sending; an OTP row holds only its challenge's uid. `provider` is
    plugin/driver. `next_at`: when it may be sent or retried; `ask_at`: when to poll the operator for its state.
    `call_outcome`: of the last phone call in its place (phone_list.OUTCOMES). `request_id`: of the request that
    caused it.
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
    request_id = peewee.CharField(max_length=LONGEST_ID, default="")

    class Meta:
        indexes = (
            (("cause", "template", "to"), True),
            (("state", "next_at"), False),
            (("state", "created_at"), False),
            (("created_at", "state", "template"), False),
            (("provider", "reference"), False),
        )


class SendAttempt(BaseModel):
    """One attempt to send one message with one provider."""

    message = peewee.ForeignKeyField(Message, backref="attempts")
    provider = peewee.CharField(max_length=60)
    at = UTCDateTimeField()
    outcome = peewee.CharField(max_length=10)
    error = peewee.CharField(max_length=200, default="")


class EarlyReport(BaseModel):
    """Delivery report that came too early: its reference is not stored, or the attempt not finished (F21)."""

    uid = peewee.CharField(max_length=22, default="")
    attempt = peewee.IntegerField(default=0)
    provider = peewee.CharField(max_length=60)
    reference = peewee.CharField(max_length=80, default="")
    state = peewee.CharField(max_length=10)
    error = peewee.CharField(max_length=200, default="")
    at = UTCDateTimeField(index=True)


class Wording(BaseModel):
    """The clinic's own wording of a text in one language, and how it is registered with the operators.

    `registered`: the registered template, with {#...#} for each variable; `template_id`: its DLT ID.
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
    """Opt-out of one mobile from one kind of text."""

    account = peewee.ForeignKeyField(Account, backref="unwanted", on_delete="CASCADE")
    template = peewee.CharField(max_length=24)

    class Meta:
        indexes = ((("account", "template"), True),)


class StrayReceipt(BaseModel):
    """Daily count of unusable delivery reports. Kinds: `unknown` matches no text of ours, `unread` cannot be parsed.

    `detail`: the operator's reference of one of them, or the names of its fields (never their values).
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
    """The operator reports that a text was delivered."""


@dataclass(frozen=True)
class MessageFailed(DomainEvent, about="the message"):
    """A text failed: the operator reported it, or the maximum of retries was reached."""


@dataclass(frozen=True)
class MessageResent(DomainEvent, about="the message"):
    """Somebody re-sent a text."""


@dataclass(frozen=True)
class PatientPhoned(DomainEvent, about="the message"):
    """Somebody phoned in place of a text that did not arrive."""

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
    """A text has the default wording again."""
