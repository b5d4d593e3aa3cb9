"""Which SMS people want."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.messages import optout
from portal.core.messages.words import kinds
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form, yes_or_no
from portal.web.pages import page, see_other

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@allow("beneficiary")
def wanted() -> ResponseReturnValue:
    """Every kind of SMS: those one may switch off, and those that are always sent."""
    off, typed = optout.unwanted(account()), request.form  # kept when a sign-in ended
    if typed:
        off = {template for template in optout.OPTIONAL if typed.get(f"wanted-{template}") != "yes"}
    return page(
        "messages/wanted.html",
        off=off,
        optional=optional(),
        always=always(),
        kinds=kinds(),
        mobile=account().mobile,
        version=typed.get("version") or version_of(optout.shown(account())),
    )


@bp.post("/messages")
@allow("beneficiary")
def choose() -> ResponseReturnValue:
    """Keep the choice."""
    form = typed_form()
    wanted = [template for template in optout.OPTIONAL if form.get(f"wanted-{template}") == "yes"]
    try:
        optout.choose(account(), wanted, form.get("version", ""), by=actor(), now=now())
    except Changed as error:
        labels = {f"wanted-{template}": kinds()[template] for template in optout.OPTIONAL}
        return changed_page(error, labels, yes_or_no(*labels))
    flash(_("Your choice is saved."), "success")
    return see_other(url_for("messages.wanted"))


def optional() -> dict[str, str]:
    """The kinds one may switch off, and what each is for."""
    said = {
        "near_turn": _("A few minutes before your turn, so that you can open the page."),
        "token": _("Your token and queue number, after you asked for one."),
        "prescription": _("When your prescription is ready to be read."),
        "announcement": _("When the doctor is late, or the clinic has a problem."),
        "registered": _("Your patient ID, once after registration."),
    }
    return {template: said[template] for template in optout.OPTIONAL}


def always() -> dict[str, str]:
    """The kinds that are always sent, and why."""
    said = {
        "otp": _("Without it nobody can sign in."),
        "your_turn": _("The doctor waits only a short time."),
        "missed_call": _("So that you know that your place is kept."),
        "transferred": _("Your token changes."),
        "misprint": _("A wrong unit on paper can harm you."),
        "session_cancelled": _("So that you do not wait in vain."),
        "not_held": _("So that you do not wait in vain."),
        "no_show": _("You need a new token."),
    }
    return {template: said[template] for template in optout.ALWAYS}
