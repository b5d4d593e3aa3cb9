"""Where a family begins with its rights, and the pages of consents and nominees."""

from collections.abc import Iterable

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import current, in_language
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.beneficiaries import services
from portal.core.beneficiaries.consents import REGISTRATION, SHARING, current_consent, set_consent, widen_sharing
from portal.core.beneficiaries.models import Beneficiary
from portal.core.rights import nominees, retention, standing, words
from portal.web.access import actor, allow
from portal.web.pages import page, see_other

bp = Blueprint("rights", __name__)


@bp.app_template_global()
def choices_of(people: Iterable[Beneficiary]) -> list[tuple[str, str]]:
    """Return people as the options of a form."""
    return [(person.uid, in_language(person.entry)) for person in people]


@bp.get("/my/rights")
@allow("beneficiary")
def shown() -> ResponseReturnValue:
    """List what the family can do with its data, and until when records are kept."""
    people = services.people_of(account())
    lines = [(person, retention.kept_until(person), nominees.nominee_of(person)) for person in people]
    return page("rights/index.html", lines=lines)


@bp.route("/my/nominees/<uid>", methods=["GET", "POST"])
@allow("beneficiary")
def nominee(uid: str) -> ResponseReturnValue:
    """Show whom a person has named; name somebody, or withdraw it."""
    person, errors = services.own(account(), uid), {}
    if request.method == "POST":
        try:
            if request.form.get("state") == "withdrawn":
                nominees.withdraw_nominee(person, by=actor(), now=now())
                flash(_("Nobody is named any more."), "success")
            else:
                nominees.name_nominee(person, request.form, by=actor(), now=now())
                flash(_("Saved."), "success")
            return see_other(url_for("rights.nominee", uid=uid))
        except Invalid as error:
            errors = error.fields
    status = 422 if errors else 200
    named = nominees.nominee_of(person)
    return page("rights/nominee.html", status=status, person=person, named=named, errors=errors, form=request.form)


@bp.get("/my/consents")
@allow("beneficiary")
def consents() -> ResponseReturnValue:
    """List the consents of the family's people."""
    return _consents_page()


@bp.post("/my/consents")
@allow("beneficiary")
def change_consent() -> ResponseReturnValue:
    """Withdraw a consent, give the one to be registered again, or widen the one to share. Idempotent."""
    person = services.own(account(), request.form.get("beneficiary", ""))
    purpose, agreed = request.form.get("purpose", ""), request.form.get("agreed") == "yes"
    try:
        _set(person, purpose, agreed)
    except (Invalid, Conflict) as error:
        return _consents_page(error=str(error), status=error.status)
    flash(_("Your consent is on record.") if agreed else _("Your consent is withdrawn."), "success")
    return see_other(url_for("rights.consents"))


def _set(person: Beneficiary, purpose: str, agreed: bool) -> None:
    """Raises NotFound for what was never given, Invalid for what is given elsewhere, Conflict when a token needs it."""
    if agreed and purpose == SHARING and current_consent(person, SHARING):
        widen_sharing(person, by=actor(), language=current(), now=now())
        return
    if agreed and purpose != REGISTRATION:
        raise Invalid({"": _("This consent is given on the page where it is needed.")})
    if not standing.was_given(person, purpose):
        raise NotFound
    if not agreed and standing.is_needed(person, purpose):
        raise Conflict(_("There is a token for today. Cancel it first, then withdraw the consent."))
    set_consent(person, purpose, agreed, by=actor(), language=current(), now=now())


def _consents_page(*, error: str = "", status: int = 200) -> Response:
    people = services.people_of(account())
    return page(
        "rights/consents.html",
        status=status,
        families=[(person, standing.consents_of(person)) for person in people],
        purpose_of=words.purpose_of,
        effects=words.effects(),
        error=error,
    )
