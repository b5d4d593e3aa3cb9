"""The page of a family member: ABHA, and consent to share health records."""

from collections.abc import Mapping

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid
from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.accounts.here import account
from portal.core.beneficiaries import abha, services
from portal.core.beneficiaries.consents import SHARING, current_consent, is_whole, set_consent
from portal.core.beneficiaries.events import AbhaChanged
from portal.core.beneficiaries.identities.models import identities_of
from portal.core.beneficiaries.identities.steps import steps
from portal.core.beneficiaries.models import Beneficiary
from portal.plugin_host.registry import registry
from portal.store.db import write
from portal.store.versions import Changed, require_seen, version_of
from portal.web.access import actor, allow
from portal.web.forms.changed import changed_page, typed_form, yes_or_no
from portal.web.pages import page, see_other
from portal.work.events import record

bp = Blueprint("people", __name__)


@bp.route("/people/<uid>", methods=["GET", "POST"])
@allow("beneficiary")
def show(uid: str) -> ResponseReturnValue:
    """Show and change ABHA and the consent to share."""
    person, errors = _own(uid), {}
    if request.method == "POST":
        try:
            _save(person, typed_form())
            flash(_("Saved."), "success")
            return see_other(url_for("home.family"))
        except Changed as error:
            return changed_page(error, _labels(), yes_or_no("sharing"))
        except Invalid as error:
            errors = error.fields
    return page(
        "beneficiaries/person.html",
        "form",
        status=422 if errors else 200,
        person=person,
        errors=errors,
        form=request.form or _as_form(person),
        version=request.form.get("version") or version_of(_as_form(person)),
        is_narrow=bool((standing := current_consent(person, SHARING)) and not is_whole(standing)),
        can_share=bool(registry().implementations("push_visit")),
        identities=identities_of(person),
        steps=steps(),
    )


def _save(person: Beneficiary, form: Mapping[str, str]) -> None:
    """Save in one transaction. Raises Invalid with every wrong field, Changed when the form's version is stale."""
    problems: dict[str, str] = {}
    values: dict[str, str] = {}
    for field, normalise in (("abha_number", abha.normalise_number), ("abha_address", abha.normalise_address)):
        try:
            values[field] = normalise(form.get(field, ""))
        except Invalid as error:
            problems |= error.fields
    if problems:
        raise Invalid(problems)
    by, moment, agreed = actor(), now(), form.get("sharing") == "yes"
    with write():
        typed = values | {"abha_number": abha.shown(values["abha_number"]), "sharing": "yes" if agreed else ""}
        read = lambda: _as_form(Beneficiary.get_by_id(person.id))  # noqa: E731
        require_seen(f"person {person.uid}", form.get("version", ""), read, typed)
        kept = {field: value or None for field, value in values.items()}
        if kept != {field: getattr(person, field) for field in kept}:
            Beneficiary.update(**kept).where(Beneficiary.id == person.id).execute()
            record(AbhaChanged(), person.uid, by=by, now=moment)
        set_consent(person, SHARING, agreed, by=by, language=current(), now=moment)


def _as_form(person: Beneficiary) -> dict[str, str]:
    shares = "yes" if current_consent(person, SHARING) else ""
    number = abha.shown(person.abha_number or "")
    return {"abha_number": number, "abha_address": person.abha_address or "", "sharing": shares}


def _labels() -> dict[str, str]:
    return {
        "abha_number": _("ABHA number"),
        "abha_address": _("ABHA address"),
        "sharing": _("My prescriptions, notes and medicines given may be sent to the connected health-record system"),
    }


def _own(uid: str) -> Beneficiary:
    return services.own(account(), uid)
