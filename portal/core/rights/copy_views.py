"""Pages of copies of everything: ask, progress, fetch, delete."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Invalid, TooMany
from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.accounts.here import account, signed_in
from portal.core.beneficiaries import services
from portal.core.beneficiaries.holds import require_readable
from portal.core.beneficiaries.models import Beneficiary
from portal.core.privacy import doors
from portal.core.rights import copies
from portal.settings.clinic import RightsRules
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.pages import page, see_other

bp = Blueprint("copies", __name__)


@bp.get("/my/data")
@allow("beneficiary")
def shown() -> ResponseReturnValue:
    """Show the copies that are there or under way, and the form for a new one."""
    return _page()


@bp.post("/my/data")
@allow("beneficiary")
@once
def ask() -> ResponseReturnValue:
    """Order a copy of everything of one person."""
    try:
        person, moment = _chosen(), now()
        is_opened = person.id in _opened()
        copies.ask_copy(person, with_private=is_opened, language=current(), by=actor(), now=moment)
    except Invalid as error:
        return _page(errors=error.fields, status=error.status)
    except TooMany as error:
        response = _page(errors={"": error.message}, status=error.status)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return see_other(url_for("copies.shown"))


@bp.get("/my/data/<uid>.zip")
@allow("beneficiary", at_kiosk=False)
def fetch(uid: str) -> ResponseReturnValue:
    """Stream a copy to its owner."""
    moment = now()
    row, file = copies.open_copy(account(), uid, _opened(), by=actor(), now=moment)
    name = f"paramarsh-{row.beneficiary.patient_id}-{clinic_day(row.asked_at).isoformat()}.zip"
    response = send_file(file, "application/zip", as_attachment=True, download_name=name, etag=False)
    response.content_length = row.size
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/my/data/<uid>/delete")
@allow("beneficiary")
def delete(uid: str) -> ResponseReturnValue:
    """Delete a copy before its end."""
    copies.delete_copy(account(), uid, by=actor(), now=now())
    flash(_("This copy is deleted."), "success")
    return see_other(url_for("copies.shown"))


def _chosen() -> Beneficiary:
    """Return the person of the form: the only one of the account, or the one chosen. Raises Invalid, NotAllowed."""
    people = services.people_of(account())
    wanted = request.form.get("beneficiary", "")
    found = next((person for person in people if person.uid == wanted), None)
    if found is None:
        raise Invalid({"beneficiary": _("Choose one of the list.")})
    require_readable(found, now())
    return found


def _opened() -> frozenset[int]:
    return doors.opened(signed_in().row, now())


def _page(*, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    moment, opened = now(), _opened()
    rows = copies.copies_of(account(), moment)
    return page(
        "rights/copies.html",
        "copies",
        status=status,
        people=services.people_of(account()),
        copies=[(row, copies.is_closed(row, opened)) for row in rows],
        is_making=any(row.stored_at is None for row in rows),
        days=RightsRules.in_force().data_copy_days,
        errors=errors,
        form=request.form,
    )
