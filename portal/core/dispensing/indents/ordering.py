"""Indents: what is not in stock is ordered from the authorised local chemist for the patient (domain.md 2.4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from peewee import ModelSelect

from portal.base.clock import clinic_day, ist
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import Centre
from portal.core.dispensing.allowance import allowances, require_allowed, require_standing
from portal.core.dispensing.events import MedicineIndented
from portal.core.dispensing.form import quantities
from portal.core.dispensing.locks import lock
from portal.core.dispensing.models import OPEN, Indent
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.clinic import PharmacyRules
from portal.store.db import write
from portal.store.numbers import next_number
from portal.work.audit import Actor
from portal.work.events import record

ENDED_SHOWN = 100


def indent(
    issued: Prescription, pharmacist: Staff, centre: Centre, form: Mapping[str, str], *, by: Actor, now: datetime
) -> list[Indent]:
    """Order what the form says from the chemist; the quantity is promised to this patient from now on.

    Raises Invalid with every wrong field, TooMuch for more than may be given now, Conflict when the prescription was
    replaced or cancelled concurrently.
    """
    problems: dict[str, str] = {}
    lines = quantities(prescriptions.items_of(issued), form, problems)
    if not lines and not problems:
        problems[""] = _("Say how much to order.")
    if problems:
        raise Invalid(problems)
    with write():
        row = lock(issued)
        require_standing(row)
        allowed = allowances(row, on=clinic_day(now))
        for line in lines:
            require_allowed(line.item, line.quantity, allowed[line.item.position])
        return [_order(row, line.item, line.quantity, pharmacist, centre, by=by, now=now) for line in lines]


def indents_of(issued: Prescription) -> list[Indent]:
    """List the indents of every version of a prescription, the newest first."""
    rows = Indent.select(Indent, Prescription).join(Prescription)
    return list(rows.where(Prescription.visit == issued.visit_id).order_by(Indent.id.desc()))


def open_at(centre: Centre) -> list[Indent]:
    """List the open indents of a centre, the oldest first."""
    return list(_with_names().where((Indent.centre == centre) & Indent.state.in_(OPEN)).order_by(Indent.id))


def ended_at(centre: Centre, *, now: datetime) -> list[Indent]:
    """List the indents of a centre that ended in the last days, the newest first."""
    lately = Indent.ended_at > now - timedelta(days=PharmacyRules.in_force().indent_days)
    mine = (Indent.centre == centre) & Indent.state.not_in(OPEN) & lately
    return list(_with_names().where(mine).order_by(Indent.ended_at.desc()).limit(ENDED_SHOWN))


def _with_names() -> "ModelSelect[Indent]":
    rows = Indent.select(Indent, Prescription, Beneficiary, RegisterEntry, PrescribedItem)
    with_person = rows.join(Prescription).join(Beneficiary).join(RegisterEntry)
    return with_person.switch(Indent).join(PrescribedItem)


def _order(
    issued: Prescription,
    item: PrescribedItem,
    quantity: int,
    pharmacist: Staff,
    centre: Centre,
    *,
    by: Actor,
    now: datetime,
) -> Indent:
    month = f"{ist(now):%y%m}"
    row: Indent = Indent.create(
        number=f"IN-{month}-{next_number(f'indent-{month}'):06d}",
        prescription=issued,
        item=item,
        centre=centre,
        pharmacist=pharmacist,
        quantity=quantity,
        at=now,
        until=clinic_day(now) + timedelta(days=PharmacyRules.in_force().indent_days),
    )
    told = MedicineIndented(prescription=issued.uid, visit=issued.visit.uid, centre=centre.code, number=row.number)
    record(told, row.uid, by=by, now=now)
    return row
