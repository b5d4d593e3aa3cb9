"""The register as a list: search, pages by keyset in the order of Ben IDs, and the same as CSV."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.base.errors import NotFound
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre
from portal.core.referrals.people import matching
from portal.core.register.columns import FIELDS
from portal.store.csv_file import csv_line

PAGE, BATCH = 25, 1_000


@dataclass(frozen=True)
class Wish:
    """Whom the list shows: who matches the text, of the centre with this code; "" is any."""

    text: str = ""
    centre: str = ""

    def address(self) -> dict[str, str]:
        """Build the query string."""
        return {key: value for key, value in (("q", self.text), ("centre", self.centre)) if value}


@dataclass(frozen=True)
class Page:
    """One page. `after`: the Ben ID it begins behind; `last`: the one the next page begins behind, or ""."""

    rows: list[RegisterEntry]
    registered: dict[int, Beneficiary]
    after: str = ""
    last: str = ""
    is_too_short: bool = False


def found(wish: Wish, after: str = "") -> Page:
    """Return a page of the register. Keyset pagination: any page is as fast as the first."""
    if wish.text and matching(wish.text) is None:
        return Page([], {}, is_too_short=True)
    rows = _after(wish, after, PAGE + 1)
    last = rows[PAGE - 1].ben_id if len(rows) > PAGE else ""
    shown = rows[:PAGE]
    people = Beneficiary.select().where(Beneficiary.entry.in_(shown))
    return Page(shown, {person.entry_id: person for person in people} if shown else {}, after, last)


def exported(wish: Wish) -> Iterator[str]:
    """Export as lines of CSV that an import reads; read in batches. A text that is too short gives nobody."""
    yield csv_line(FIELDS)
    last = ""
    while rows := _after(wish, last, BATCH):
        yield "".join(csv_line(_cells(row)) for row in rows)
        last = rows[-1].ben_id


def entry_of(row: int) -> RegisterEntry:
    """Find one person of the register. Raises NotFound."""
    entries = RegisterEntry.select(RegisterEntry, Centre).join(Centre)
    entry: RegisterEntry | None = entries.where(RegisterEntry.id == row).first()
    if entry is None:
        raise NotFound
    return entry


def registered_as(entry: RegisterEntry) -> Beneficiary | None:
    """Return who is registered from this entry."""
    person: Beneficiary | None = Beneficiary.get_or_none(Beneficiary.entry == entry)
    return person


def _after(wish: Wish, after: str, count: int) -> list[RegisterEntry]:
    rows = RegisterEntry.select(RegisterEntry, Centre).join(Centre).where(RegisterEntry.ben_id > after)
    if wish.text:
        condition = matching(wish.text)
        if condition is None:
            return []
        rows = rows.where(condition)
    if wish.centre:
        rows = rows.where(Centre.code == wish.centre)
    return list(rows.order_by(RegisterEntry.ben_id).limit(count))


def _cells(row: RegisterEntry) -> tuple[object, ...]:
    mobile = row.mobile.removeprefix("+91")  # a plus would be taken for a formula
    disability = "yes" if row.has_disability else "no"
    return row.ben_id, row.name, row.name_hi, row.gender, row.date_of_birth, mobile, row.centre.code, disability
