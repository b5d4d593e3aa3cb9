"""The medical officer's pages: the referrals of the centre, its people, and a new referral."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import clinic_day, now
from portal.base.errors import Conflict, Invalid, NotAllowed, Unavailable
from portal.base.language import gettext as _
from portal.base.language import in_language, show_date
from portal.core.accounts.here import account, signed_in
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.clinic.models import Specialty
from portal.core.privacy import doors
from portal.core.records import held, reading
from portal.core.records import services as records
from portal.core.records.held import NOTHING, Basket
from portal.core.records.uploads import limits
from portal.core.referrals import people, requests, services
from portal.core.referrals.checks import state_of, uses
from portal.core.referrals.models import Referral
from portal.core.referring import answers, family, slips, words
from portal.settings.clinic import ReferralRules
from portal.store.db import write
from portal.store.listing import page_of
from portal.web.access import actor, allow
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import is_fragment_request, page, page_number, see_other, send_bytes
from portal.work import audit

bp = Blueprint("referrals", __name__)
PAGE = 25


@bp.app_context_processor
def about_referrals() -> dict[str, Any]:
    """Add the words of states, for every page that shows a referral."""
    return {
        "referral_states": words.states(),
        "request_states": words.request_states(),
        "left_until": words.left_until,
    }


@bp.get("/referrals")
@allow("medical_officer")
def index() -> ResponseReturnValue:
    """List the referrals of the centre's people, newest first; search as for people, or by number (audited)."""
    officer, moment = require_officer(), now()
    query = request.args.get("q", "").strip()[: people.LONGEST]
    found = Referral.select(Referral, RegisterEntry, Specialty).join(Specialty).switch(Referral).join(RegisterEntry)
    found = found.where(RegisterEntry.centre == officer.centre)
    fresh = found.where(answers.is_answered(is_new=True)).count()
    shown = request.args.get("show", "")
    if shown in ("new", "answered"):
        found = found.where(answers.is_answered(is_new=shown == "new"))
    if query:
        person = people.matching(query)
        has_number = Referral.number == query.upper()
        found = found.where(has_number if person is None else has_number | person)
        audit.note("ReferralsSearched", str(officer.centre_id), by=actor(), now=moment)
    listed = page_of(found.order_by(Referral.id.desc()), page_number(), PAGE)
    return page(
        "referrals/index.html",
        rows=[(row, uses(row), state_of(row, clinic_day(moment))) for row in listed.rows],
        answered=answers.answered_at(listed.rows),
        query=query,
        shown=shown,
        fresh=fresh,
        listed=listed,
    )


@bp.get("/referrals/people")
@allow("medical_officer")
def find() -> ResponseReturnValue:
    """Find people of the centre (audited): a page, or the list under the form of a new referral."""
    text = request.args.get("q", "") or request.args.get("ben_id", "")
    as_choices = is_fragment_request()
    context: dict[str, Any] = {"form": request.args, "query": text, "found": _found(text), "as_choices": as_choices}
    return page("referrals/people.html", "found", **context, **_about_people())


@bp.route("/referrals/new", methods=["GET", "POST"])
@takes_files
@allow("medical_officer")
def new() -> ResponseReturnValue:
    """Issue a referral: who, which specialist, why, with papers. *Find* only shows who was found."""
    if request.method == "GET":
        return _form_page()
    try:
        uploads, before = request.files.getlist("records"), request.form.getlist("held")
        files = held.take_in(require_officer(), uploads, before, now=now())
    except Unavailable as error:
        return _form_page(error.status, {"records": error.message})
    return _form_page(errors=files.problems, files=files) if request.form.get("find") else _referred(files)


def _referred(files: Basket) -> ResponseReturnValue:
    try:
        with write():
            referral = _refer(request.form, files.problems)
            records.attach(referral, files, by=actor(), now=now())
    except Invalid as error:
        return _form_page(error.status, error.fields, files)
    except services.StillValid as error:
        return _form_page(error.status, files=files, still=error)
    except Conflict as error:
        return _form_page(error.status, {"": error.message}, files)
    _confirm(referral)
    return see_other(url_for("referrals.index"))


@bp.get("/referrals/<uid>")
@allow("medical_officer")
def show(uid: str) -> ResponseReturnValue:
    """Show a referral: what it permits, and what became of it."""
    return _show_page(uid)


@bp.post("/referrals/<uid>/cancel")
@allow("medical_officer")
def cancel(uid: str) -> ResponseReturnValue:
    """Withdraw a referral, with a reason that the family reads."""
    try:
        referral = services.cancel(require_officer(), uid, request.form.get("reason", ""), by=actor(), now=now())
    except (Invalid, Conflict) as error:
        fields = error.fields if isinstance(error, Invalid) else {"": error.message}
        return _show_page(uid, error.status, fields)
    flash(_("Referral %(number)s is withdrawn. The family gets a text.", number=referral.number), "success")
    return see_other(url_for("referrals.show", uid=uid))


@bp.post("/referrals/<uid>/answer")
@allow("medical_officer")
def noted(uid: str) -> ResponseReturnValue:
    """Note that the answer is read."""
    services.note_answer(services.open_referral(require_officer(), uid), by=actor(), now=now())
    return see_other(url_for("referrals.index"))


@bp.get("/referrals/<uid>/slip.pdf")
@allow("beneficiary", "medical_officer", at_kiosk=False)
def slip(uid: str) -> ResponseReturnValue:
    """Serve the slip to the officer, and to the family unless it is closed (privacy)."""
    person = signed_in()
    referral = services.open_referral(require_officer(), uid) if person.staff else services.own_referral(account(), uid)
    if person.staff is None and family.is_closed(referral, doors.opened(person.row, now())):
        return see_other(url_for("home.family"))
    return send_bytes(slips.slip_of(referral), "application/pdf", f"{referral.number}.pdf", inline=True)


def require_officer() -> Staff:
    """Return the officer who is signed in. Raises NotAllowed for one without a centre."""
    staff = signed_in().staff
    if staff is None or staff.centre is None:
        raise NotAllowed
    return staff


def _refer(form: Mapping[str, str], problems: Mapping[str, str]) -> Referral:
    """Issue, extend or replace a referral. Raises Invalid with every wrong field, StillValid, Conflict."""
    officer, wrong, ben_id = require_officer(), dict(problems), ""
    try:
        ben_id = people.chosen_person(officer, form.get("ben_id", ""), form.get("chosen", ""))
    except Invalid as error:
        wrong |= error.fields
    try:
        referral = services.refer(
            officer,
            ben_id,
            form.get("specialty", ""),
            form.get("reason", ""),
            urgent=form.get("urgent") == "yes",
            by=actor(),
            now=now(),
            choice=services.Choice(form.get("slip", ""), form.get("existing", "")),
            request=form.get("request", ""),
        )
    except Invalid as error:
        raise Invalid(error.fields | wrong) from None
    if wrong:
        raise Invalid(wrong)
    return referral


def _confirm(referral: Referral) -> None:
    """Say for whom and what was referred: a person taken for another is seen at once."""
    entry, specialty = referral.entry, in_language(referral.specialty)
    whom = _(
        "%(name)s (%(ben_id)s) is referred to %(specialty)s.",
        name=in_language(entry),
        ben_id=entry.ben_id,
        specialty=specialty,
    )
    until = _(
        "Referral %(number)s is valid until %(day)s.", number=referral.number, day=show_date(referral.valid_until)
    )
    flash(f"{whom} {until}", "success")


def _form_page(
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    files: Basket = NOTHING,
    still: services.StillValid | None = None,
) -> ResponseReturnValue:
    form: Mapping[str, str] = request.form or request.args
    asked = requests.open_request(require_officer(), form["request"]) if form.get("request") else None
    if asked is not None and not request.form:
        form = {"ben_id": asked.beneficiary.entry.ben_id, "specialty": asked.specialty.code, "reason": asked.complaint}
    found = _found(form.get("ben_id", ""))
    specialties = [
        (row.code, in_language(row)) for row in Specialty.select().where(Specialty.active).order_by(Specialty.id)
    ]
    return page(
        "referrals/new.html",
        status=status,
        form=form,
        errors=errors or {},
        found=found,
        query=form.get("ben_id", ""),
        specialties=specialties,
        still=still,
        asked=asked,
        records=reading.on_request(asked) if asked else [],
        held=files.held,
        **limits(),
        used=uses(still.referral) if still else 0,
        consults=ReferralRules.in_force().referral_max_consults,
        **_about_people(),
    )


def _found(text: str) -> people.Found:
    """Find whom the text means, shown so that a mistake is noticed before the referral is issued (audited)."""
    officer = require_officer()
    if not text.strip():
        return people.NOBODY
    found = people.find_people(officer, text)
    audit.note("PeopleSearched", str(officer.centre_id), by=actor(), now=now(), found=len(found.people))
    return found


def _about_people() -> dict[str, Any]:
    day = clinic_day(now())
    return {"today": day, "valid_of": lambda entry: services.valid_referrals(entry, day)}


def _show_page(uid: str, status: int = 200, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    officer, moment = require_officer(), now()
    referral, day = services.open_referral(officer, uid), clinic_day(moment)
    state, used = state_of(referral, day), uses(referral)
    found = answers.answers_on(referral, officer, by=actor(), now=moment)
    return page(
        "referrals/show.html",
        status=status,
        errors=errors or {},
        form=request.form,
        referral=referral,
        state=state,
        used=used,
        today=day,
        limit=services.WITHDRAWAL_LIMIT,
        answers=found,
        records=reading.on_referral(referral),
        may_remove=not used and state == "valid",
        is_new=answers.is_new(referral, found),
    )
