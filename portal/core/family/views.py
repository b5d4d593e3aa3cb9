"""My medicines on the page of a visit."""

from flask import Blueprint

from portal.base.clock import now
from portal.core.family import medicines
from portal.core.family.medicines import Sheet
from portal.core.visits.models import Visit

bp = Blueprint("family", __name__)


@bp.app_template_global()
def medicines_of(visit: Visit) -> Sheet | None:
    """Give the page of a visit its medicines, as the rooms of visits know no prescriptions."""
    return medicines.sheet_of(visit, now())
