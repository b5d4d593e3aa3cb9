"""What is under a legal hold now."""

from typing import Any

import peewee

from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.rights.clearing.hold_models import LegalHold
from portal.store.db import one_at_a_time

STANDING = LegalHold.released_at.is_null()


def lock(person: Beneficiary) -> None:
    """Let nobody place a hold on this person, or delete what is kept, until the transaction ends."""
    one_at_a_time(f"clearing {person.uid}")


def held_visits(person: Beneficiary) -> frozenset[int] | None:
    """Return the ids of the person's visits that are held; None when all that is kept of the person is."""
    rows = list(LegalHold.select().where((LegalHold.beneficiary == person) & STANDING))
    visits: frozenset[Any] = frozenset(row.visit_id for row in rows)
    return None if None in visits else visits


def is_held(person: Beneficiary) -> bool:
    """Tell whether anything of this person is held."""
    return held_visits(person) != frozenset()


def accounts_held(column: Any) -> "peewee.ModelSelect[Account]":
    """Select a column of the accounts of people of whom anything is held."""
    return Account.select(column).join(Beneficiary).join(LegalHold).where(STANDING)
