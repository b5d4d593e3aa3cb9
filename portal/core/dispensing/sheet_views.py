"""The pharmacy's sheet of one prescription, opened by its code, and the page with the code field."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from flask import Blueprint, Response, request, session

from portal.base.clock import clinic_day, now
from portal.base.errors import NotAllowed, NotFound
from portal.base.language import current
from portal.base.language import gettext as _
from portal.contracts import MedicineRecord
from portal.core.accounts.here import staff
from portal.core.clinic.models import Centre
from portal.core.dispensing import collector, form, history, permission, reversing, services
from portal.core.dispensing.allowance import TooMuch as TooMuch  # for the pages of the sheet
from portal.core.dispensing.allowance import allowances
from portal.core.dispensing.indents import lists
from portal.core.dispensing.indents.words import order_words
from portal.core.dispensing.models import OPEN, READY
from portal.core.paper import codes
from portal.core.paper.cards import taken_in_words
from portal.core.paper.forms import form_in_words
from portal.core.prescriptions import reading as prescriptions
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.settings.pharmacy import PharmacyRules
from portal.web.access import actor
from portal.web.pages import page

bp = Blueprint("dispensing", __name__)
bp.app_template_filter("form_in_words")(lambda form: form_in_words(form, current()))
Texts = Mapping[str, str]


def centre_here() -> Centre:
    """Return the pharmacist's own centre. Raises NotAllowed without one."""
    centre = staff().centre
    if centre is None:
        raise NotAllowed
    return centre


def opened(number: str) -> Prescription:
    """Return the prescription of a form. Raises NotFound for a wrong code.

    Without a code the form is for the sheet that this browser opened last.
    """
    last = session.get("sheet") or {}
    code = request.form.get("code") or (last.get("code", "") if last.get("number") == number else "")
    issued = services.open_sheet(staff(), code, by=actor(), now=now())
    if issued.number != number:
        raise NotFound
    return issued


def index_page(code: str = "", errors: Texts | None = None, status: int = 200) -> Response:
    """Render the code field and today's list."""
    return page(
        "dispensing/index.html",
        "open",
        status=status,
        code=code,
        errors=errors,
        todays=services.todays(centre_here(), now=now()),
        centre=centre_here(),
        longest=codes.LONGEST_TYPED,
    )


def sheet_page(
    issued: Prescription,
    *,
    typed: Texts | None = None,
    ordered: Texts | None = None,
    errors: Texts | None = None,
    status: int = 200,
) -> Response:
    """Render the sheet; `typed`: the form that was refused, or was kept when the sign-in ended; `ordered`: an order."""
    moment, items = now(), prescriptions.items_of(issued)
    allowed = allowances(issued, on=clinic_day(moment))
    return page(
        "dispensing/sheet.html",
        "sheet",
        status=status,
        issued=issued,
        person=issued.beneficiary,
        form=typed or {},
        ordered=ordered or {},
        errors=errors,
        items=items,
        taken={item.position: taken_in_words(_printed(item), current()) for item in items},
        labels=_labels(items),
        allowed=allowed,
        orderable=[position for position, one in allowed.items() if one.part.now or one.part.is_extensible],
        order_fields={item.position: _order_fields(item.position) for item in items},
        identities=collector.identities(),
        today=clinic_day(moment),
        now=moment,
        centre=centre_here(),
        state=prescriptions.status_of(issued, moment),
        newest=prescriptions.newest_of(issued.visit.uid),
        **_past(issued),
        **_limits(),
    )


def _printed(item: PrescribedItem) -> MedicineRecord:
    return MedicineRecord(**{part.name: getattr(item, part.name) for part in fields(MedicineRecord)})


def _past(issued: Prescription) -> dict[str, Any]:
    """What was given, what of it can be reversed until when, and the indents."""
    centre, moment, given = centre_here(), now(), history.all_of(issued)
    mine = [one.row for one in given if one.row.centre_id == centre.id and one.row.reversed_at is None]
    until = {row.uid: reversing.reversible_until(row) for row in mine}
    orders = lists.indents_of(issued)
    own = [row for row in orders if row.centre_id == centre.id and row.prescription_id == issued.id]
    return {
        "given": given,
        "reversible": {uid: last for uid, last in until.items() if moment <= last},
        "orders": orders,
        "order_words": order_words(),
        "to_collect": [row for row in own if row.state == READY and clinic_day(moment) <= row.until],
        "to_come": [row for row in own if row.state in OPEN and row.state != READY],
    }


def _labels(items: list[PrescribedItem]) -> dict[str, str]:
    """Map the fields of each medicine to its name, for the summary of errors."""
    parts = [f"items-{{}}-{part}" for part in form.PARTS] + ["indent-{}-quantity"]
    named = {part.format(item.position): item.drug for item in items for part in parts}
    letters = [*permission.FIELDS, *(name for item in items for name in permission.fields_of(item.position))]
    return named | dict.fromkeys(letters, _("Written permission"))


def _order_fields(position: int) -> list[str]:
    """List the fields of the form that orders the medicine in this position."""
    return [f"indent-{position}-quantity", *permission.fields_of(position)]


def _limits() -> dict[str, int]:
    days = PharmacyRules.in_force().dispense_days_permitted
    return {"longest_brand": form.LONGEST_BRAND, "longest_reason": form.LONGEST_REASON, "permitted_days": days}
