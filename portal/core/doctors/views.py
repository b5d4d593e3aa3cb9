"""The public list of doctors."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.core.accounts.models import Staff
from portal.web.access import allow
from portal.web.pages import page

bp = Blueprint("doctors", __name__)


@bp.get("/doctors")
@allow("anyone")
def doctors() -> ResponseReturnValue:
    """List the doctors with qualification and registration number (TPG 2020 section 5)."""
    listed = Staff.select().where((Staff.role == "doctor") & Staff.disabled_at.is_null()).order_by(Staff.name)
    return page("public/doctors.html", doctors=list(listed))
