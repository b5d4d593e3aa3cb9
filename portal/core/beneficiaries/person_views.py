"""One member of the family: ABHA, and whether health records may be sent on."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.beneficiaries import abha, services
from portal.core.beneficiaries.consents import SHARING, current_consent, set_consent
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clock import now
from portal.core.db import write
from portal.core.errors import Invalid, NotFound
from portal.core.events import record
from portal.core.language import current
from portal.core.language import gettext as _
from portal.plugins import registry
from portal.web.access import actor, allow, signed_in
from portal.web.pages import page, see_other

bp = Blueprint("people", __name__)


@bp.route("/people/<uid>", methods=["GET", "POST"])
@allow("beneficiary")
def show(uid: str) -> ResponseReturnValue:
    """What the person may give, and take back, at any time."""
    person, errors = _own(uid), {}
    if request.method == "POST":
        try:
            _save(person)
            flash(_("Saved."), "success")
            return see_other(url_for("beneficiaries.family"))
        except Invalid as error:
            errors = error.fields
    return page(
        "beneficiaries/person.html", "form", status=422 if errors else 200, person=person, errors=errors,
        form=request.form if errors else _as_form(person), can_share=bool(registry().implementations("push_visit")),
    )  # fmt: skip


def _save(person: Beneficiary) -> None:
    """All or nothing. Raises Invalid with every wrong field."""
    problems: dict[str, str] = {}
    values: dict[str, str] = {}
    for field, normalise in (("abha_number", abha.normalise_number), ("abha_address", abha.normalise_address)):
        try:
            values[field] = normalise(request.form.get(field, ""))
        except Invalid as error:
            problems |= error.fields
    if problems:
        raise Invalid(problems)
    by, moment, agreed = actor(), now(), request.form.get("sharing") == "yes"
    with write():
        kept = {field: value or None for field, value in values.items()}
        if kept != {field: getattr(person, field) for field in kept}:
            Beneficiary.update(**kept).where(Beneficiary.id == person.id).execute()
            record("AbhaChanged", person.uid, by=by, now=moment)
        set_consent(person, SHARING, agreed, by=by, language=current(), now=moment)


def _as_form(person: Beneficiary) -> dict[str, str]:
    shares = "yes" if current_consent(person, SHARING) else ""
    number = abha.shown(person.abha_number or "")
    return {"abha_number": number, "abha_address": person.abha_address or "", "sharing": shares}


def _own(uid: str) -> Beneficiary:
    account = signed_in().account
    if account is None:
        raise NotFound
    return services.own(account, uid)
