"""Dispensing against a prescription: never more than prescribed, also when centres dispense concurrently."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256

from portal.base.clock import at_ist, clinic_day
from portal.base.errors import NotFound, TooMany
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.identity import initials
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre
from portal.core.dispensing.allowance import (
    allowances,
    keep_letter,
    nothing_left,
    require_allowed,
    require_standing,
)
from portal.core.dispensing.events import MedicinesDispensed
from portal.core.dispensing.form import Line, Wanted, read
from portal.core.dispensing.history import letters_of
from portal.core.dispensing.indents.steps import collect
from portal.core.dispensing.locks import lock
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.dispensing.openers import opened_by_others
from portal.core.paper import codes
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import NEWEST, PrescribedItem, Prescription
from portal.store.db import claim, write
from portal.work import audit, throttle
from portal.work.audit import Actor
from portal.work.events import record

WRONG_CODES = 10
NO_CODES = 100  # a box's barcode is no guess, but whoever tries all numbers is rate-limited too (S09)
WRONG_CODES_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class TodayLine:
    """A row of today's list: number, initials, time, nothing more (S09)."""

    number: str
    initials: str
    issued_at: datetime


def todays(centre: Centre, *, now: datetime) -> list[TodayLine]:
    """List today's prescriptions of patients of this centre, newest first."""
    since = at_ist(clinic_day(now), time())
    # + 0: from the day to the people. By the index of the centre all its people and all their past would be read.
    here = (RegisterEntry.centre + 0) == centre.id
    rows = (
        Prescription.select(Prescription, Beneficiary, RegisterEntry)
        .join(Beneficiary)
        .join(RegisterEntry)
        .where(here & (Prescription.issued_at >= since) & NEWEST)
        .order_by(Prescription.issued_at.desc(), Prescription.id.desc())
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
            "There is no prescription code in this, or the family's code is used, over, withdrawn or for another "
            "centre. Scan the QR code of the prescription, type the four groups beside it, or ask the family for a new "
            "code."
        )
        raise NotFound(sentence)
    found = prescriptions.by_code(plain)
    if found is None:
        _count_guess(guesses, plain, now)
        audit.note("WrongCode", pharmacist.uid, by=by, now=now)
        raise NotFound(_("No prescription has this code. Please compare it with the paper, letter by letter."))
    audit.note("PrescriptionOpened", found.uid, by=by, now=now)
    return found


def dispense(
    issued: Prescription, pharmacist: Staff, centre: Centre, form: Mapping[str, str], *, by: Actor, now: datetime
) -> Dispensing:
    """Dispense what the form says, in one transaction: all of it or nothing.

    What is more than a part needs the letter that permits it (permission.py). Raises Invalid with every wrong field,
    TooMuch for more than may be given now, Conflict when the prescription has
    expired, or was dispensed, replaced or cancelled concurrently, or an indent is not there to be collected.
    """
    wanted = read(prescriptions.items_of(issued), form, on=clinic_day(now))
    with write():
        row = lock(issued)
        require_standing(row)
        allowed = allowances(row, on=clinic_day(now))
        beyond = {}
        for line in wanted.lines:
            may = allowed[line.item.position]
            beyond[line] = require_allowed(line.item, line.quantity, may, is_permitted=wanted.letter is not None)
            _take(line.item, line.quantity, may.promised)
        handed = _hand_over(row, pharmacist, centre, wanted, beyond, now)
        keep_letter(wanted.letter, sum(beyond.values()), handed)
        fetched = [collect(uid, handed, by=by, now=now) for uid in sorted(wanted.indents)]
        for indent in fetched:
            _take(indent.item, indent.quantity, 0)
            DispensedItem.create(dispensing=handed, item=indent.item, quantity=indent.quantity, beyond=indent.beyond)
        items = len(wanted.lines) + len(fetched)
        letters = ", ".join(letter.number for letter in letters_of(handed))
        told = MedicinesDispensed(row.uid, row.visit.uid, centre.code, items, permission=letters)
        record(told, handed.uid, by=by, now=now)
    return handed


def _hand_over(
    issued: Prescription, pharmacist: Staff, centre: Centre, wanted: Wanted, beyond: Mapping[Line, int], now: datetime
) -> Dispensing:
    who = wanted.collector
    handed: Dispensing = Dispensing.create(
        prescription=issued,
        centre=centre,
        pharmacist=pharmacist,
        collected_by=who.name,
        identity_kind=who.kind,
        identity_last4=who.last4,
        at=now,
    )
    for line in wanted.lines:
        row = {"quantity": line.quantity, "brand": line.brand, "brand_reason": line.brand_reason}
        DispensedItem.create(dispensing=handed, item=line.item, beyond=beyond[line], **row)
    return handed


def _count_guess(bucket: str, code: str, now: datetime) -> None:
    """Count a wrong code; a repetition, as by a scanner or a reload, is no new guess."""
    same = f"{bucket}:{sha256(code.encode()).hexdigest()[:16]}"
    if not throttle.count(same, within=WRONG_CODES_WITHIN, now=now):
        throttle.hit(same, now=now)
        throttle.hit(bucket, now=now)


def _take(item: PrescribedItem, quantity: int, promised: int) -> None:
    """Compare-and-set on the row itself: concurrent dispensing never adds up to more than was prescribed."""
    enough = (PrescribedItem.id == item.id) & (
        PrescribedItem.dispensed + quantity + promised <= PrescribedItem.quantity
    )
    if not claim(PrescribedItem.update(dispensed=PrescribedItem.dispensed + quantity).where(enough)):
        raise nothing_left(item)
