"""Verified identities of people, and their events."""

from dataclasses import dataclass
from typing import Annotated

import peewee

from portal.core.beneficiaries.models import Beneficiary
from portal.store.db import UidModel, UTCDateTimeField
from portal.work.catalogue import DomainEvent


class PersonIdentity(UidModel):
    """A number by which a person is known elsewhere: one of each system, and one person to a number.

    `system`: the URI of FHIR's Patient.identifier.system; `name`: what the number is called, in English.
    `verified_by`: the service that verified it, as the plugin names it.
    """

    beneficiary = peewee.ForeignKeyField(Beneficiary, on_delete="CASCADE", backref="identities")
    plugin = peewee.CharField(max_length=40)
    name = peewee.CharField(max_length=60)
    system = peewee.CharField(max_length=200)
    number = peewee.CharField(max_length=64)
    verified_by = peewee.CharField(max_length=80)
    verified_at = UTCDateTimeField()

    class Meta:
        indexes = ((("beneficiary", "system"), True), (("system", "number"), True))


def identities_of(person: Beneficiary) -> list[PersonIdentity]:
    """List the verified numbers of a person, the oldest first."""
    return list(PersonIdentity.select().where(PersonIdentity.beneficiary == person).order_by(PersonIdentity.id))


@dataclass(frozen=True)
class IdentityVerified(DomainEvent, about="the person"):
    """A plugin verified a number by which the person is known elsewhere."""

    plugin: Annotated[str, "the plugin that verified it"]


@dataclass(frozen=True)
class IdentityRefused(DomainEvent, about="the person"):
    """A plugin did not find a number to be the person's."""

    plugin: Annotated[str, "the plugin that refused it"]


@dataclass(frozen=True)
class IdentityRemoved(DomainEvent, about="the person"):
    """The family took a verified number away again."""

    plugin: Annotated[str, "the plugin that had verified it"]
