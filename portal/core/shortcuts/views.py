"""The page of a doctor's templates and phrases; the consult page inserts them."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.here import staff as doctor
from portal.core.shortcuts import services
from portal.core.shortcuts.models import ADVICE, INSTRUCTIONS, PHRASES, ROWS, Shortcut
from portal.web.access import allow
from portal.web.pages import page, see_other

bp = Blueprint("shortcuts", __name__)


@bp.app_template_global("shortcuts_of")
def mine(*kinds: str) -> list[Shortcut]:
    """List the signed-in doctor's shortcuts, for the consult page."""
    return services.of(doctor(), *kinds)


@bp.route("/shortcuts", methods=["GET", "POST"])
@allow("doctor")
def listed() -> ResponseReturnValue:
    """List templates and phrases; the form adds a phrase. Templates are kept on the consult page."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            services.keep_phrase(doctor(), request.form, now=now())
            return see_other(url_for("shortcuts.listed"))
        except Invalid as error:
            errors = error.fields
    return page(
        "shortcuts/listed.html",
        status=422 if errors else 200,
        templates=services.of(doctor(), ROWS),
        phrases=services.of(doctor(), *PHRASES),
        kinds={ADVICE: _("Advice"), INSTRUCTIONS: _("Instructions of a medicine")},
        form=request.form,
        errors=errors,
    )


@bp.post("/shortcuts/<uid>/delete")
@allow("doctor")
def delete(uid: str) -> ResponseReturnValue:
    """Delete an own template or phrase."""
    services.delete(doctor(), uid)
    return see_other(url_for("shortcuts.listed"))
