"""The step after registration in which a person's number elsewhere is confirmed; also from the person's page."""

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.beneficiaries.identities import services
from portal.core.beneficiaries.identities.steps import steps
from portal.core.beneficiaries.models import Beneficiary
from portal.core.beneficiaries.services import own
from portal.plugin_host.registry import registry
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("identities", __name__)


@bp.route("/people/<uid>/identity/<plugin>", methods=["GET", "POST"])
@allow("beneficiary")
def confirm(uid: str, plugin: str) -> ResponseReturnValue:
    """Ask for the number, then for the code if the other side sends one; the portal keeps what is verified."""
    person, step = own(account(), uid), steps().get(plugin)
    if step is None:
        raise NotFound
    errors: dict[str, str] = {}
    question = None
    if request.method == "POST":
        try:
            question = _confirm(person, plugin)
            if question is None:
                flash(_("Confirmed: %(name)s.", name=_(step.name)), "success")
                return see_other(f"/people/{person.uid}")
        except Invalid as error:
            errors = error.fields
        except Conflict as error:
            errors = {"number": error.message}
    return page(
        "beneficiaries/identity.html",
        "form",
        status=422 if errors else 200,
        errors=errors,
        form=request.form,
        person=person,
        step=step,
        question=question,
        ticket=question.ticket if question else "" if "number" in errors else request.form.get("ticket", ""),
        plugin=plugin,
        source=registry().title(plugin),
    )


@bp.post("/people/<uid>/identities/<identity>/remove")
@allow("beneficiary")
def remove(uid: str, identity: str) -> ResponseReturnValue:
    """Take a verified number away."""
    person = own(account(), uid)
    services.remove(person, identity, by=actor(), now=now())
    flash(_("The number is removed here. What was sent before stays there."), "success")
    return see_other(f"/people/{person.uid}")


def _confirm(person: Beneficiary, plugin: str) -> services.Question | None:
    form, by, moment = request.form, actor(), now()
    if form.get("ticket"):
        return services.confirm_with_code(person, plugin, form["ticket"], form.get("code", ""), by=by, now=moment)
    return services.confirm(person, plugin, form.get("number", ""), by=by, now=moment)
