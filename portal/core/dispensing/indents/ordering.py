"""Indents: what is not in stock is ordered from the authorised local chemist for the patient (domain.md 2.4)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.base.clock import clinic_day, ist
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Centre
from portal.core.dispensing.allowance import allowances, keep_letter, require_allowed, require_standing
from portal.core.dispensing.events import MedicineIndented
from portal.core.dispensing.form import Line, quantities
from portal.core.dispensing.locks import lock
from portal.core.dispensing.models import Indent
from portal.core.dispensing.permission import Letter, at_order, read_letter
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import Prescription
from portal.settings.pharmacy import PharmacyRules
from portal.store.db import write
from portal.store.numbers import next_number
from portal.work.audit import Actor
from portal.work.events import record


def indent(
    issued: Prescription, pharmacist: Staff, centre: Centre, form: Mapping[str, str], *, by: Actor, now: datetime
) -> list[Indent]:
    """Order what the form says from the chemist; the quantity is promised to this patient from now on.

    More than a part needs the letter that permits it (permission.py), as at the counter. Raises Invalid with every
    wrong field, TooMuch for more than may be given now, Conflict when the prescription was replaced or cancelled
    concurrently.
    """
    problems: dict[str, str] = {}
    on = clinic_day(now)
    lines = quantities(prescriptions.items_of(issued), form, problems)
    letters = {line: read_letter(form, problems, on=on, at=at_order(line.item.position)) for line in lines}
    if not lines and not problems:
        problems[""] = _("Say how much to order.")
    if problems:
        raise Invalid(problems)
    with write():
        row = lock(issued)
        require_standing(row)
        allowed = allowances(row, on=on)
        beyond = {}
        for line, letter in letters.items():
            may = allowed[line.item.position]
            beyond[line] = require_allowed(line.item, line.quantity, may, is_permitted=letter is not None)
        return [_order(row, line, letters[line], more, pharmacist, centre, by, now) for line, more in beyond.items()]


def _order(
    issued: Prescription,
    line: Line,
    letter: Letter | None,
    beyond: int,
    pharmacist: Staff,
    centre: Centre,
    by: Actor,
    now: datetime,
) -> Indent:
    """Write the order down, with the letter that permits what goes `beyond` a part."""
    month = f"{ist(now):%y%m}"
    row: Indent = Indent.create(
        number=f"IN-{month}-{next_number(f'indent-{month}'):06d}",
        prescription=issued,
        item=line.item,
        centre=centre,
        pharmacist=pharmacist,
        quantity=line.quantity,
        beyond=beyond,
        at=now,
        until=clinic_day(now) + timedelta(days=PharmacyRules.in_force().indent_days),
    )
    keep_letter(letter, beyond, row, at=at_order(line.item.position))
    told = MedicineIndented(
        prescription=issued.uid,
        visit=issued.visit.uid,
        centre=centre.code,
        number=row.number,
        permission=letter.number if letter else "",
    )
    record(told, row.uid, by=by, now=now)
    return row
