"""Indents: what is not in stock is ordered from the authorised local chemist for the patient (domain.md 2.4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.base.clock import clinic_day, ist
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Centre
from portal.core.dispensing.allowance import allowances, require_allowed, require_standing
from portal.core.dispensing.events import MedicineIndented
from portal.core.dispensing.form import quantities
from portal.core.dispensing.locks import lock
from portal.core.dispensing.models import Indent
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.pharmacy import PharmacyRules
from portal.store.db import write
from portal.store.numbers import next_number
from portal.work.audit import Actor
from portal.work.events import record


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
