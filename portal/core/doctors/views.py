"""The public list of doctors."""

import peewee
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.core.accounts.models import Staff
from portal.core.clinic.models import Specialty
from portal.core.doctors.planning.shown import specialties
from portal.store.listing import page_of
from portal.web.access import allow
from portal.web.pages import page, page_number

bp = Blueprint("doctors", __name__)
PAGE = 20


@bp.get("/doctors")
@allow("anyone")
def doctors() -> ResponseReturnValue:
    """List the doctors with qualification and registration number (TPG 2020 section 5), of one specialty or of all."""
    chosen = request.args.get("specialty", "")
    found = Staff.select(Staff, Specialty).join(Specialty, peewee.JOIN.LEFT_OUTER)
    found = found.where((Staff.role == "doctor") & Staff.disabled_at.is_null()).order_by(Staff.name, Staff.id)
    listed = page_of(found.where(Specialty.code == chosen) if chosen else found, page_number(), PAGE)
    return page("public/doctors.html", listed=listed, chosen=chosen, specialties=specialties())
