"""The page of a doctor's templates and phrases; the consult page inserts them."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.accounts.here import staff as doctor
from portal.core.shortcuts import services, wording
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
    if request.method == "POST":
        try:
            services.keep_phrase(doctor(), request.form, now=now())
            return see_other(url_for("shortcuts.listed"))
        except Invalid as error:
            return _listed(errors=error.fields)
    return _listed()


@bp.post("/shortcuts/<uid>/wording")
@allow("doctor")
def keep_wording(uid: str) -> ResponseReturnValue:
    """Keep what the patient reads of an own template, in both languages."""
    try:
        services.keep_wording(doctor(), uid, request.form, now=now())
    except Invalid as error:
        return _listed(wrong=uid, wordings=error.fields)
    flash(_("Saved. The template now says it in the patient's language."), "success")
    return see_other(url_for("shortcuts.listed"))


def _listed(
    *, errors: Mapping[str, str] | None = None, wrong: str = "", wordings: Mapping[str, str] | None = None
) -> Response:
    """Build the page; `wordings` are the errors of the template `wrong`."""
    known = services.pairs(doctor())
    rows = services.of(doctor(), ROWS)
    return page(
        "shortcuts/listed.html",
        status=422 if errors or wordings else 200,
        templates=[(each, [wording.in_both(row, known) for row in each.rows]) for each in rows],
        wrong=wrong,
        wordings=wordings,
        phrases=services.of(doctor(), *PHRASES),
        kinds={ADVICE: _("Advice"), INSTRUCTIONS: _("Instructions of a medicine")},
        form=request.form,
        errors=errors or {},
    )


@bp.post("/shortcuts/<uid>/delete")
@allow("doctor")
def delete(uid: str) -> ResponseReturnValue:
    """Delete an own template or phrase."""
    services.delete(doctor(), uid)
    return see_other(url_for("shortcuts.listed"))
