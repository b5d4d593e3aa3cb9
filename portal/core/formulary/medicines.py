"""The clinic's formulary: search, and the view of the rules."""

from portal.core.formulary.classes import PROHIBITED, Medicine
from portal.core.formulary.models import Drug

FOUND_AT_MOST = 40
LONGEST_SEARCH = 60


def medicines() -> tuple[Medicine, ...]:
    """Return the whole list as the rules see it."""
    return tuple(Medicine(row.name, row.form, row.tele_class, aliases_of(row)) for row in Drug.select())


def prescribable() -> list[Drug]:
    """List every medicine that may be prescribed, by name."""
    return list(Drug.select().where(Drug.tele_class != PROHIBITED).order_by(Drug.name, Drug.form))


def search(text: str) -> list[Drug]:
    """Search by name or alias; prohibited medicines are included, so that one sees why."""
    wanted = " ".join(text.replace("\0", "").split())[:LONGEST_SEARCH]
    if not wanted:
        return []
    named = Drug.name.contains(wanted) | Drug.aliases.contains(wanted)
    return list(Drug.select().where(named).order_by(Drug.name, Drug.form).limit(FOUND_AT_MOST))


def aliases_of(row: Drug) -> tuple[str, ...]:
    """Return the other spellings of a medicine."""
    return tuple(alias.strip() for alias in row.aliases.split("|") if alias.strip())
