"""Whether anybody can be treated here yet, as people are told at sign-in and at home."""

import peewee
from flask import current_app

from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.clinic.models import Specialty
from portal.settings.clinic import PageWords
from portal.settings.schema import default

KNOWN = "portal.has_opened"


def doctors_that_serve() -> "peewee.ModelSelect[Staff]":
    """Select the doctors with a registration number in an active specialty."""
    has_number = (Staff.registration_number != "") & Staff.disabled_at.is_null()
    return Staff.select().join(Specialty).where((Staff.role == "doctor") & has_number & Specialty.active)


def not_open_yet() -> str:
    """Return a sentence for people while no doctor is there to treat them, else "".

    The helpline is named once it is the clinic's own. A clinic that has opened is not asked about again: from then on
    the hours and the board say what is.
    """
    known = current_app.extensions
    if KNOWN in known or doctors_that_serve().exists():
        known[KNOWN] = True
        return ""
    number = PageWords.in_force().helpline
    if number == default(PageWords, "helpline"):
        return _("The clinic is not open yet: no doctor is here so far. Please ask at your wellness centre.")
    return _(
        "The clinic is not open yet: no doctor is here so far. Please call %(number)s to learn when it opens.",
        number=number,
    )
