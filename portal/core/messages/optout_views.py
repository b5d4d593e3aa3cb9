"""Page of SMS opt-outs."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.messages import kinds, optout
from portal.core.messages.channels.services import chosen, offers
from portal.store.versions import Changed, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form, yes_or_no
from portal.web.pages import page, see_other

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@allow("beneficiary")
def wanted() -> ResponseReturnValue:
    """List every kind of SMS: optional ones, and those that are always sent."""
    off, typed = optout.unwanted(account()), request.form  # kept when the sign-in expired
    if typed:
        off = {template for template in kinds.optional() if typed.get(f"wanted-{template}") != "yes"}
    return page(
        "messages/wanted.html",
        off=off,
        optional=kinds.optional(),
        always=kinds.always(),
        kinds=kinds.in_words(),
        mobile=account().mobile,
        offers=offers(),
        chosen=chosen(account()),
        version=typed.get("version") or version_of(optout.shown(account())),
    )


@bp.post("/messages")
@allow("beneficiary")
def choose() -> ResponseReturnValue:
    """Save the choice."""
    form = typed_form()
    wanted = [template for template in kinds.optional() if form.get(f"wanted-{template}") == "yes"]
    try:
        optout.choose(account(), wanted, form.get("version", ""), by=actor(), now=now())
    except Changed as error:
        labels = {f"wanted-{template}": kinds.in_words()[template] for template in kinds.optional()}
        return changed_page(error, labels, yes_or_no(*labels))
    flash(_("Your choice is saved."), "success")
    return see_other(url_for("messages.wanted"))
