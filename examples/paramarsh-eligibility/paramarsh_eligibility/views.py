"""The page that says where to go, and the words of the refusals."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.api import plugin
from portal.api.base import gettext as _
from portal.api.web import allow, page

from .settings import EligibilitySettings

NAME = "paramarsh_eligibility"
bp = Blueprint(NAME, __name__, template_folder="templates")


@bp.get("/")
@allow("beneficiary", "desk")
def where() -> ResponseReturnValue:
    """Say where to go, and what to take along."""
    return page(f"{NAME}/where.html", office=plugin.settings(NAME, EligibilitySettings).office)


def words(reason: str) -> str:
    """Return the sentence for the patient, in the language spoken now."""
    return {
        "expired": _("This card is no longer valid. Have it renewed, then ask for the token again."),
        "unpaid": _("The contribution for this card is open. Pay it, then ask for the token again."),
        "suspended": _("This card is suspended. The office can tell you why."),
    }[reason]
