"""My medicines: a finished visit as the patient reads it, without opening the PDF."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import segno

from portal.base import language
from portal.base.clock import clinic_day
from portal.contracts import MedicineRecord
from portal.core.consults import diagnoses
from portal.core.dispensing.allowance import allowances
from portal.core.dispensing.history import Given, given
from portal.core.dispensing.indents.lists import waiting_of
from portal.core.dispensing.models import Indent
from portal.core.dispensing.parts import Part
from portal.core.paper.cards import Card, card_of
from portal.core.paper.content import Content
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit

QUIET_ZONE, DOT = 4, 8  # modules of white around the QR code (ISO/IEC 18004), pixels of one


@dataclass(frozen=True)
class Taken:
    """A medicine and how far the patient is with it, if it was begun when it was first given, or else when issued.

    `now`: how much of it may be collected today; `next_on`: from when the next part may be, None when there is none.
    """

    card: Card
    begun_on: date
    today: date
    to_collect: int
    is_collected: bool
    collect_until: date
    now: int = 0
    next_on: date | None = None

    @property
    def days_left(self) -> int | None:
        """Days for which it is still taken, today included; None for what is taken only when needed."""
        return None if self.card.course is None else max(0, self.card.course - (self.today - self.begun_on).days)


@dataclass(frozen=True)
class Sheet:
    """The newest version of a visit's prescription; `state` is valid, dispensed, expired or cancelled."""

    issued: Prescription
    content: Content
    medicines: tuple[Taken, ...]
    given: list[Given]
    orders: list[Indent]
    state: str

    @property
    def plain(self) -> str:
        """The diagnosis in plain words, where the doctor gave them."""
        return diagnoses.plain_in(self.content.plain, language.current())

    @property
    def qr(self) -> str:
        """The address of the prescription as a picture, large enough for a scanner at arm's length."""
        return _drawn(self.content.verify_url)


def sheet_of(visit: Visit, now: datetime) -> Sheet | None:
    """Compose the sheet in the current language; None when nothing is issued."""
    issued = reading.of_visit(visit)
    return None if issued is None else composed(issued, now)


@lru_cache(maxsize=512)
def _drawn(address: str) -> str:
    """Draw a QR code (cached: it costs more than the rest of the page)."""
    return str(segno.make(address, error="m").svg_data_uri(border=QUIET_ZONE, scale=DOT))


def composed(issued: Prescription, now: datetime) -> Sheet:
    """Compose the sheet of a prescription in the current language."""
    handed = given(issued)
    first = _first_given(handed)
    content, today = Content.from_json(issued.content), clinic_day(now)
    rows, day = zip(content.items, reading.items_of(issued), strict=True), clinic_day(issued.issued_at)
    parts = {position: allowed.part for position, allowed in allowances(issued, on=today).items()}
    medicines = tuple(
        _taken(printed, row, first.get(row.drug, day), today, parts[row.position]) for printed, row in rows
    )
    state = reading.status_of(issued, now)
    return Sheet(issued, content, medicines, handed, waiting_of(issued, on=today), state)


def _first_given(handed: Iterable[Given]) -> dict[str, date]:
    """Map each medicine to the day on which it was first given."""
    found: dict[str, date] = {}
    for one in handed:
        for line in one.lines:
            found.setdefault(line.medicine, clinic_day(one.at))
    return found


def _taken(printed: MedicineRecord, row: PrescribedItem, begun_on: date, today: date, part: Part) -> Taken:
    is_due_in_time = part.next_on is not None and part.next_on <= row.valid_until
    return Taken(
        card=card_of(printed, language.current()),
        begun_on=begun_on,
        today=today,
        to_collect=row.quantity - row.dispensed,
        is_collected=row.dispensed > 0,
        collect_until=row.valid_until,
        now=part.now,
        next_on=part.next_on if is_due_in_time else None,
    )
