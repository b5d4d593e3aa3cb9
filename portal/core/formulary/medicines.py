"""The clinic's formulary: search, and what may be prescribed."""

from typing import Any

import peewee

from portal.core.formulary.classes import PROHIBITED
from portal.core.formulary.models import Drug

FOUND_AT_MOST = 40
LONGEST_SEARCH = 60


def prescribable() -> list[Drug]:
    """List every medicine that may be prescribed, by name."""
    return list(_listed().where(Drug.tele_class != PROHIBITED).order_by(Drug.name, Drug.form))


def search(text: str) -> list[Drug]:
    """Search by name or alias; prohibited medicines are included, so that one sees why."""
    wanted = " ".join(text.replace("\0", "").split())[:LONGEST_SEARCH]
    if not wanted:
        return []
    named = Drug.name.contains(wanted) | Drug.aliases.contains(wanted)
    return list(_listed().where(named).order_by(Drug.name, Drug.form).limit(FOUND_AT_MOST))


def _listed() -> "peewee.ModelSelect[Any]":
    return Drug.select().where(Drug.until.is_null())
