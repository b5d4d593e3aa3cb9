"""Confirming a number that a person has elsewhere: the plugin is asked outside any transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import one_line
from portal.contracts import IdentityAnswer, IdentityClaim
from portal.core.beneficiaries.identities.models import (
    IdentityRefused,
    IdentityRemoved,
    IdentityVerified,
    PersonIdentity,
)
from portal.core.beneficiaries.identities.steps import ask, steps
from portal.core.beneficiaries.identities.tickets import read_ticket, write_ticket
from portal.core.beneficiaries.models import Beneficiary
from portal.settings.sign_in import SignInRules
from portal.store.db import write
from portal.work import throttle
from portal.work.audit import Actor
from portal.work.events import record

LONGEST = 64


@dataclass(frozen=True)
class Question:
    """What the other side asks for, such as the code that it sent; `ticket` goes with the answer."""

    text: str
    ticket: str


def confirm(person: Beneficiary, plugin: str, number: str, *, by: Actor, now: datetime) -> Question | None:
    """Have a plugin verify a number as this person's. Returns what the other side asks for, None once it is kept.

    Raises NotFound for a plugin that offers this no longer, Invalid with a sentence when it is not verified or is
    somebody else's. Tries are limited per account and day, also those that only have a code sent.
    """
    typed = one_line(number)
    if not 3 <= len(typed) <= LONGEST:
        raise Invalid({"number": _("Give the number in 3 to %(limit)s characters.", limit=LONGEST)})
    return _ask(person, plugin, typed, "", "", by, now)


def confirm_with_code(
    person: Beneficiary, plugin: str, ticket: str, code: str, *, by: Actor, now: datetime
) -> Question | None:
    """Answer a Question. Like `confirm`; raises Invalid also for a ticket that is not of this person and plugin."""
    number, reference = read_ticket(ticket, person.uid, plugin)
    typed = one_line(code)
    if not 0 < len(typed) <= LONGEST:
        raise Invalid({"code": _("Type the code.")})
    return _ask(person, plugin, number, typed, reference, by, now)


def remove(person: Beneficiary, uid: str, *, by: Actor, now: datetime) -> None:
    """Take a verified number away. Raises NotFound for somebody else's."""
    mine = (PersonIdentity.uid == uid) & (PersonIdentity.beneficiary == person)
    found = PersonIdentity.get_or_none(mine)
    if found is None:
        raise NotFound
    with write():
        if PersonIdentity.delete().where(mine).execute():
            record(IdentityRemoved(plugin=found.plugin), person.uid, by=by, now=now)


def _ask(
    person: Beneficiary, plugin: str, number: str, code: str, reference: str, by: Actor, now: datetime
) -> Question | None:
    step = steps().get(plugin)
    if step is None:
        raise NotFound
    _count_try(person, now)
    entry = person.entry
    claim = IdentityClaim(
        person.uid,
        entry.ben_id,
        entry.name,
        entry.gender,
        entry.date_of_birth,
        person.account.mobile,
        number,
        code,
        reference,
    )
    answer = ask(plugin, claim, now)
    if answer is None:
        raise Invalid({"": _("This cannot be checked just now. Nothing is lost: you can do it later from this page.")})
    if answer.state == "verified":
        row = {"plugin": plugin, "name": step.name, "system": step.system}
        _keep(person, row, answer, by, now)
        return None
    if answer.state == "asks":
        return Question(answer.text, write_ticket(person.uid, plugin, number, answer.reference))
    with write():
        record(IdentityRefused(plugin=plugin), person.uid, by=by, now=now)
    raise Invalid({"code" if code else "number": answer.text})


def _keep(person: Beneficiary, row: dict[str, str], answer: IdentityAnswer, by: Actor, now: datetime) -> None:
    """Keep a verified number in the place of an earlier one of the same system. Raises Conflict: it is another's."""
    mine = (PersonIdentity.beneficiary == person) & (PersonIdentity.system == row["system"])
    said = {"number": answer.number, "verified_by": answer.verified_by, "verified_at": now}
    try:
        with write():
            PersonIdentity.delete().where(mine).execute()
            PersonIdentity.create(beneficiary=person, **row, **said)
            record(IdentityVerified(plugin=row["plugin"]), person.uid, by=by, now=now)
    except peewee.IntegrityError as error:
        raise Conflict(
            _("This number is confirmed for another person here. The wellness centre can help, with the card.")
        ) from error


def _count_try(person: Beneficiary, now: datetime) -> None:
    bucket = f"identity:{person.account.uid}"
    if throttle.count(bucket, within=timedelta(days=1), now=now) >= SignInRules.in_force().registration_tries_per_day:
        raise Invalid({"": _("Too many attempts today. You get care here without it; try again tomorrow.")})
    throttle.hit(bucket, now=now)
