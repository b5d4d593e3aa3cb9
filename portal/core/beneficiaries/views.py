"""The registration page of a family member."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base import typed
from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import LANGUAGES, current, in_language
from portal.base.language import gettext as _
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries import person_views, services
from portal.core.beneficiaries.identities.steps import steps
from portal.core.beneficiaries.identity import age_in_words, age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import Centre
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("beneficiaries", __name__)
bp.register_blueprint(person_views.bp)
bp.app_template_filter("age")(age_on)
bp.app_template_filter("age_words")(age_in_words)


@bp.route("/register", methods=["GET", "POST"])
@allow("beneficiary")
def register() -> ResponseReturnValue:
    """Register a person; name, gender and centre are for the person's own check and not validated."""
    form, errors = request.form, {}
    if request.method == "POST":
        address, language, consent = (form.get(key, "") for key in ("address", "language", "consent"))
        born = typed.boxes_of(form, "date_of_birth")
        wanted = services.Application(form.get("ben_id", ""), born, address, language, consent)
        try:
            person = services.register(account(), wanted, by=actor(), now=now())
            return see_other(_next_step(person))
        except Invalid as error:
            errors = error.fields
    return page(
        "beneficiaries/register.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        centres=[(row.code, f"{row.code} {in_language(row)}") for row in Centre.select().order_by(Centre.code)],
        genders=[("male", _("Male")), ("female", _("Female")), ("other", _("Other"))],
        languages=list(LANGUAGES.items()),
        language=form.get("language", current()),
        mobile=signed_in().display_name,
        has_people=bool(services.people_of(account())),
        born=typed.shown_in_boxes(form, "date_of_birth"),
    )


def _next_step(person: Beneficiary) -> str:
    """Lead on to the first plugin that verifies a number elsewhere, if any is on."""
    offered = next(iter(steps()), None)
    return url_for("identities.confirm", uid=person.uid, plugin=offered) if offered else url_for("home.family")
