"""The medical officer's pages: the referrals of the centre, a new one."""

from collections.abc import Mapping

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Invalid, NotAllowed
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.accounts.here import signed_in
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Specialty
from portal.core.referrals import services
from portal.core.referrals.checks import uses
from portal.core.referrals.models import Referral
from portal.settings.clinic import ReferralRules
from portal.store.listing import page_of
from portal.web.access import actor, allow
from portal.web.filters import in_language
from portal.web.pages import page, page_number, see_other
from portal.work import audit

bp = Blueprint("referrals", __name__)
PAGE = 25


@bp.get("/referrals")
@allow("medical_officer")
def index() -> ResponseReturnValue:
    """List the centre's referrals, newest first; search by Ben ID, number or name (audited)."""
    officer, moment = _officer(), now()
    query = request.args.get("q", "").strip()[:60]
    found = Referral.select(Referral, RegisterEntry).join(RegisterEntry).where(Referral.centre == officer.centre)
    if query:
        found = found.where(
            (RegisterEntry.ben_id == query) | (Referral.number == query.upper()) | RegisterEntry.name.contains(query)
        )
        audit.note("ReferralsSearched", str(officer.centre_id), by=actor(), now=moment)
    listed = page_of(found.order_by(Referral.id.desc()), page_number(), PAGE)
    rows = [(row, uses(row), _state(row)) for row in listed.rows]
    return page("referrals/index.html", rows=rows, query=query, listed=listed)


@bp.route("/referrals/new", methods=["GET", "POST"])
@allow("medical_officer")
def new() -> ResponseReturnValue:
    """Issue a referral: first the Ben ID, then reason and specialty."""
    if request.method == "GET":
        return _form_page()
    try:
        _refer(request.form)
    except Invalid as error:
        return _form_page(error.status, error.fields)
    except services.StillValid as error:
        return _form_page(error.status, still=error)
    return see_other(url_for("referrals.index"))


def _refer(form: Mapping[str, str]) -> None:
    """Issue, extend or replace a referral."""
    choice = services.Choice(form.get("slip", ""), form.get("existing", ""))
    referral = services.refer(
        _officer(),
        form.get("ben_id", ""),
        form.get("specialty", ""),
        form.get("reason", ""),
        urgent=form.get("urgent") == "yes",
        by=actor(),
        now=now(),
        choice=choice,
    )
    said = _("Referral %(number)s is valid until %(day)s.", number=referral.number, day=show_date(referral.valid_until))
    flash(said, "success")


def _form_page(
    status: int = 200, errors: Mapping[str, str] | None = None, still: services.StillValid | None = None
) -> ResponseReturnValue:
    form = request.form or request.args
    person = _person(_officer(), form.get("ben_id", ""))
    specialties = [
        (row.code, in_language(row)) for row in Specialty.select().where(Specialty.active).order_by(Specialty.id)
    ]
    return page(
        "referrals/new.html",
        status=status,
        form=form,
        errors=errors or {},
        person=person,
        specialties=specialties,
        today=clinic_day(now()),
        still=still,
        used=uses(still.referral) if still else 0,
        consults=ReferralRules.in_force().referral_max_consults,
    )


@bp.post("/referrals/<uid>/cancel")
@allow("medical_officer")
def cancel(uid: str) -> ResponseReturnValue:
    """Withdraw a referral."""
    services.cancel(_officer(), uid, by=actor(), now=now())
    return see_other(url_for("referrals.index"))


def _officer() -> Staff:
    staff = signed_in().staff
    if staff is None or staff.centre is None:
        raise NotAllowed
    return staff


def _person(officer: Staff, ben_id: str) -> RegisterEntry | None:
    """Find whose Ben ID this is, shown so that a typing error is noticed before the referral is issued."""
    try:
        return services.find_entry(officer, ben_id) if ben_id else None
    except Invalid:
        return None


def _state(referral: Referral) -> str:
    if referral.cancelled_at:
        return "cancelled"
    if referral.valid_until < clinic_day(now()):
        return "expired"
    return "used" if uses(referral) >= referral.max_consults else "valid"
