"""The page of announcements to waiting patients: for doctors (to their own), desk and administrator."""

from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.here import staff
from portal.core.clinic.models import Specialty
from portal.core.messages import announced
from portal.core.visits import announcements
from portal.web.access import actor, allow
from portal.web.pages import is_fragment_request, page, see_other, wants_json

bp = Blueprint("notices", __name__)


@bp.get("/announcements")
@allow("doctor", "desk", "admin")
def announcements_page() -> ResponseReturnValue:
    """List the current announcements, with a form for one more."""
    return _announcements(200)


@bp.post("/announcements")
@allow("doctor", "desk", "admin")
def announce() -> ResponseReturnValue:
    """Announce something to patients waiting for one specialty or all; or preview its SMS."""

    kind, text, text_hi = _written()
    if request.form.get("do") == "preview":
        return _announcements(200, None, "sms")

    def say() -> None:
        minutes = request.form.get("minutes", "30")
        announcements.announce(kind, text, text_hi, _audience(), minutes, by=actor(), now=now())

    return _attempt(say, "/board" if staff().role == "doctor" else "/announcements", _announcements)


@bp.post("/announcements/<uid>/withdraw")
@allow("doctor", "desk", "admin")
def withdraw(uid: str) -> ResponseReturnValue:
    """Withdraw an announcement."""
    row = announcements.find(uid, staff().specialty if staff().role == "doctor" else None)
    onward = "/board" if staff().role == "doctor" else "/announcements"
    return _attempt(lambda: announcements.withdraw(row, by=actor(), now=now()), onward, _announcements)


def _attempt(act: Callable[[], object], onward: str, again: Callable[..., ResponseReturnValue]) -> ResponseReturnValue:
    try:
        act()
    except (Conflict, Invalid) as error:
        if wants_json() or is_fragment_request():
            raise
        fields = error.fields if isinstance(error, Invalid) else {"": str(error)}
        return again(error.status, fields)
    return see_other(onward)


def _written() -> tuple[str, str, str]:
    """Return kind, text and Hindi text of the form."""
    return request.form.get("kind") or "late", request.form.get("text", ""), request.form.get("text_hi", "")


def _announcements(status: int, errors: dict[str, str] | None = None, *blocks: str) -> ResponseReturnValue:
    own = staff().specialty if staff().role == "doctor" else None
    kinds = announcements.kind_sentences()
    return page(
        "visits/announcements.html",
        *blocks,
        status=status,
        errors=errors or {},
        form=request.form,
        sms=announced.as_sent(*_written()),
        standing=[(row, announcements.sentence(row)) for row in announcements.standing(own.id if own else None, now())],
        own=own,
        kinds=[(kind, kinds[kind] or _("Something else")) for kind in announcements.KINDS],
        minutes=[(str(count), _("%(count)s minutes", count=count)) for count in announcements.MINUTES],
        specialties=[(row.code, in_language(row)) for row in Specialty.select().where(Specialty.active)],
        limit=announcements.TEXT_LIMIT,
    )


def _audience() -> Specialty | None:
    """Return the specialty addressed, None for all. Doctors address their own only. Raises Invalid."""
    if staff().role == "doctor":
        return staff().specialty
    code = request.form.get("specialty", "")
    specialty: Specialty | None = Specialty.get_or_none((Specialty.code == code) & Specialty.active)
    if code and specialty is None:
        raise Invalid({"specialty": _("Choose one of the list.")})
    return specialty
