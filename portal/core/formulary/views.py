"""The doctor's search of the formulary: a page, the options under a medicine's name, or JSON."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.formulary import search, usual, ways
from portal.core.formulary.classes import PROHIBITED, several_of
from portal.core.formulary.models import Drug
from portal.core.formulary.search import Found
from portal.web.access import allow
from portal.web.pages import json_answer, page, wants_json

bp = Blueprint("formulary", __name__)


@bp.get("/formulary")
@allow("doctor")
def find() -> ResponseReturnValue:
    """Search the clinic's formulary; without a word, what this doctor prescribes most.

    `part=options`: as the list under the name on the consult page.
    """
    wanted = request.args.get("q", "")
    found = search.find(wanted) if wanted.strip() else usual.of(staff(), now())
    if wants_json():
        return json_answer([_as_json(each) for each in found])
    if request.args.get("part") == "options":
        return page("formulary/_options.html", found=found, classes=class_words(), instructions=_instructions)
    return page("formulary/search.html", "found", wanted=wanted, found=found, classes=class_words())


def class_words() -> dict[str, str]:
    """Name each class for the doctor."""
    return {
        "O": _("List O: any consultation"),
        "A": _("List A: by video, or as a refill"),
        "B": _("List B: added in a follow-up"),
        PROHIBITED: _("May not be prescribed"),
        "": _("In no list: your judgement"),
    }


def _as_json(found: Found) -> dict[str, object]:
    drug = found.drug
    return {
        "name": drug.name,
        "form": drug.form,
        "strengths": several_of(drug.strengths),
        "class": drug.standing_class,
        "brand": found.brand,
        "route": drug.route,
        "frequency": drug.default_frequency,
    }


def _instructions(drug: Drug) -> str:
    """Return the route where the form does not tell it: into which tissue something is injected."""
    return str(drug.route) if "injected" in ways.ways_of(drug.form) else ""
