"""Dispensing against a prescription: never more than prescribed, also when centres dispense concurrently."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Annotated

from portal.base.clock import at_ist, clinic_day
from portal.base.errors import Conflict, Invalid, NotFound, TooMany
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.base.plain_text import LONGEST_NAME
from portal.base.typed import clean, whole
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.identity import initials
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre
from portal.core.dispensing.history import handed
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.dispensing.openers import opened_by_others
from portal.core.dispensing.parts import Part, part_of
from portal.core.paper import codes
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import NEWEST, PrescribedItem, Prescription
from portal.store.db import claim, locked, write
from portal.work import audit, throttle
from portal.work.audit import Actor
from portal.work.catalogue import DomainEvent
from portal.work.events import record

WRONG_CODES = 10
NO_CODES = 100  # a box's barcode is no guess, but whoever tries all numbers is rate-limited too (S09)
WRONG_CODES_WITHIN = timedelta(minutes=10)
COLLECTED_BY_LIMIT = LONGEST_NAME
MOST_AT_ONCE = 999_999  # of one medicine, in tablets or other units


@dataclass(frozen=True)
class MedicinesDispensed(DomainEvent, about="the handing over"):
    """A pharmacist dispensed medicines."""

    prescription: Annotated[str, "uid of the prescription"]
    visit: Annotated[str, "uid of the visit"]
    centre: Annotated[str, "code of the wellness centre"]
    items: Annotated[int, "how many medicines were handed over, in part or whole"]


class TooMuch(Conflict):
    """More than is left, or than may be given at a time. `position`: of the medicine."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True)
class TodayLine:
    """A row of today's list: number, initials, time, nothing more (S09)."""

    number: str
    initials: str
    issued_at: datetime


def todays(centre: Centre, *, now: datetime) -> list[TodayLine]:
    """List today's prescriptions of patients of this centre, newest first."""
    since = at_ist(clinic_day(now), time())
    rows = (
        Prescription.select(Prescription, Beneficiary, RegisterEntry)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where((RegisterEntry.centre == centre) & (Prescription.issued_at >= since) & NEWEST)
        .order_by(Prescription.id.desc())
    )
    return [TodayLine(row.number, initials(row.beneficiary.name), row.issued_at) for row in rows]


def open_sheet(pharmacist: Staff, code: str, *, by: Actor, now: datetime) -> Prescription:
    """Get the prescription whose code is in this text; opening it is audited.

    Raises NotFound, and TooMany over the rate limit of wrong codes.
    """
    guesses, others = f"dispense:{pharmacist.uid}", f"no-code:{pharmacist.uid}"
    counted = [throttle.count(bucket, within=WRONG_CODES_WITHIN, now=now) for bucket in (guesses, others)]
    if counted[0] >= WRONG_CODES or counted[1] >= NO_CODES:
        wait = int(WRONG_CODES_WITHIN.total_seconds())
        raise TooMany(_("Too many wrong codes. Please try again in ten minutes."), retry_after=wait)
    plain = codes.normalise(code)
    if not plain and (shown := opened_by_others(code, pharmacist, by=by, now=now)):
        return shown
    if not plain:
        throttle.hit(others, now=now)
        sentence = _(
            "There is no prescription code in this. Scan the QR code of the prescription, or type the four groups of "
            "four letters and digits beside it."
        )
        raise NotFound(sentence)
    found = prescriptions.by_code(plain)
    if found is None:
        _count_guess(guesses, plain, now)
        audit.note("WrongCode", pharmacist.uid, by=by, now=now)
        raise NotFound(_("No prescription has this code. Please compare it with the paper, letter by letter."))
    audit.note("PrescriptionOpened", found.uid, by=by, now=now)
    return found


def parts_of(issued: Prescription, *, on: date) -> dict[int, Part]:
    """Map the position of each medicine to what may be given of it on this day."""
    history = handed(issued)
    return {
        item.position: part_of(item, history[item.position], item.quantity - item.dispensed, on=on)
        if on <= item.valid_until
        else Part(0, item.quantity - item.dispensed)
        for item in prescriptions.items_of(issued)
    }


def dispense(
    issued: Prescription, pharmacist: Staff, centre: Centre, form: Mapping[str, str], *, by: Actor, now: datetime
) -> Dispensing:
    """Dispense what the form says, in one transaction: all of it or nothing.

    Raises Invalid with every wrong field, TooMuch for more than may be given now, Conflict when the prescription has
    expired, or was dispensed, replaced or cancelled concurrently.
    """
    quantities = _quantities(prescriptions.items_of(issued), form)
    with write():
        _require_valid(locked(Prescription.select().where(Prescription.id == issued.id)).get(), now)
        parts = parts_of(issued, on=clinic_day(now))
        for item, quantity in quantities:
            _require_allowed(item, quantity, parts[item.position], on=clinic_day(now))
            _take(item, quantity)
        handed = Dispensing.create(
            prescription=issued,
            centre=centre,
            pharmacist=pharmacist,
            collected_by=clean(form.get("collected_by", "")),
            at=now,
        )
        for item, quantity in quantities:
            DispensedItem.create(dispensing=handed, item=item, quantity=quantity)
        record(
            MedicinesDispensed(
                prescription=issued.uid, visit=issued.visit.uid, centre=centre.code, items=len(quantities)
            ),
            handed.uid,
            by=by,
            now=now,
        )
    return handed


def _count_guess(bucket: str, code: str, now: datetime) -> None:
    """Count a wrong code; a repetition, as by a scanner or a reload, is no new guess."""
    same = f"{bucket}:{sha256(code.encode()).hexdigest()[:16]}"
    if not throttle.count(same, within=WRONG_CODES_WITHIN, now=now):
        throttle.hit(same, now=now)
        throttle.hit(bucket, now=now)


def _require_allowed(item: PrescribedItem, quantity: int, part: Part, *, on: date) -> None:
    if on > item.valid_until:
        sentence = _(
            "%(medicine)s could be collected until %(day)s.", medicine=item.drug, day=show_date(item.valid_until)
        )
        raise TooMuch(sentence, item.position)
    if part.now < quantity <= part.left and part.now:
        sentence = _(
            "At most %(count)s of %(medicine)s may be given now; nothing was written down.",
            count=part.now,
            medicine=item.drug,
        )
        raise TooMuch(sentence, item.position)
    if part.now < quantity <= part.left and part.next_on:
        sentence = _(
            "More of %(medicine)s may be given from %(day)s; nothing was written down.",
            medicine=item.drug,
            day=show_date(part.next_on),
        )
        raise TooMuch(sentence, item.position)


def _take(item: PrescribedItem, quantity: int) -> None:
    """Compare-and-set on the row itself: concurrent dispensing never adds up to more than was prescribed."""
    enough = (PrescribedItem.id == item.id) & (PrescribedItem.dispensed + quantity <= PrescribedItem.quantity)
    if not claim(PrescribedItem.update(dispensed=PrescribedItem.dispensed + quantity).where(enough)):
        sentence = _(
            "Not so much of %(medicine)s is left to give; nothing was written down. The page now shows what is left.",
            medicine=item.drug,
        )
        raise TooMuch(sentence, item.position)


def _require_valid(issued: Prescription, now: datetime) -> None:
    """Refuse one that no longer holds; its row is locked, so that nobody replaces or cancels it meanwhile."""
    if issued.replaced_at:
        newest = prescriptions.newest_of(issued.visit.uid)
        raise Conflict(
            _(
                "This prescription was replaced by %(number)s; nothing was written down. Give by the new one.",
                number=newest.number,
            )
        )
    if issued.cancelled_at:
        raise Conflict(_("This prescription was cancelled. Give nothing on it; nothing was written down."))
    if clinic_day(now) > issued.valid_until:
        raise Conflict(_("This prescription was valid until %(day)s.", day=show_date(issued.valid_until)))


def _quantities(items: list[PrescribedItem], form: Mapping[str, str]) -> list[tuple[PrescribedItem, int]]:
    """Validate the quantities; return the items with something to dispense."""
    problems: dict[str, str] = {}
    by_position = {item.position: item for item in items}
    known = {f"items-{position}-quantity" for position in by_position}
    if any(name.startswith("items-") and name not in known for name in form):
        problems[""] = _("This form belongs to another prescription. Please open it again.")
    found = [(item, _quantity(f"items-{position}-quantity", form, problems)) for position, item in by_position.items()]
    if len(clean(form.get("collected_by", ""))) > COLLECTED_BY_LIMIT:
        problems["collected_by"] = _("Write at most %(limit)s characters here.", limit=COLLECTED_BY_LIMIT)
    wanted = [(item, quantity) for item, quantity in found if quantity]
    if not wanted and not problems:
        problems[""] = _("Give the quantity of at least one medicine.")
    if problems:
        raise Invalid(problems)
    return wanted


def _quantity(name: str, form: Mapping[str, str], problems: dict[str, str]) -> int:
    text = form.get(name, "").strip()
    if not text:
        return 0
    quantity = whole(text, 0, MOST_AT_ONCE)
    if quantity is None:
        problems[name] = _("Give a whole number, 0 or more.")
    return quantity or 0
