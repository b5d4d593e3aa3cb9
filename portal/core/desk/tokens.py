"""Tokens with the help of the desk: taken for somebody who waits there or at the telephone, and answered for them."""

from datetime import datetime

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.language import in_language
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.beneficiaries.services import give_consent
from portal.core.boards.token_form import TokenRequest, require_plugins_agree
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.desk import words
from portal.core.referrals.checks import gate
from portal.core.visits import calling, services
from portal.core.visits.models import AT_DESK, BY_TELEPHONE, DeskHelp, Visit
from portal.core.visits.states import READY
from portal.store.db import write
from portal.work import audit
from portal.work.audit import Actor


def ways() -> dict[str, str]:
    """Return where somebody may wait, in the current language."""
    return {AT_DESK: _("Here at the centre"), BY_TELEPHONE: _("At home, by the telephone")}


def take_token(wanted: TokenRequest, desk: Staff, way: str, *, by: Actor, language: str, now: datetime) -> Visit:
    """Take a token for a person of the centre, who counts as present for the minutes of "I am here".

    `way`: one of `ways`. Raises Invalid when nothing permits a token, Conflict when the session is closed or full,
    LiveToken, Refused by a plugin.
    """
    already = services.live_visit(wanted.beneficiary)
    if already is not None:
        raise services.LiveToken(already)
    try:
        way_in = gate(wanted.beneficiary.entry, wanted.specialty, now)
    except Invalid as error:
        raise Invalid({"specialty": words.no_referral(in_language(wanted.beneficiary.entry))}) from error
    require_plugins_agree(wanted, way_in, now)
    with write():
        visit = services.request_token(
            wanted.beneficiary, wanted.specialty, wanted.complaint, gate=way_in, by=by, now=now
        )
        give_consent(wanted.beneficiary, "consultation", by=by, language=language, now=now)
        DeskHelp.create(visit=visit, staff=desk, way=way)
        services.mark_here(visit, by=by, now=now)
    return visit


def visit_of(desk: Staff, uid: str, *, on: datetime | None = None) -> Visit:
    """Find a visit with which the desk of this centre helps, with `on` one of that day. Raises NotFound for others."""
    helped = _helped(desk).where(Visit.uid == uid)
    found: Visit | None = (helped.where(ClinicSession.day == clinic_day(on)) if on else helped).first()
    if found is None:
        raise NotFound
    return found


def help_with(person: Beneficiary, desk: Staff, *, is_card_seen: bool, by: Actor, now: datetime) -> Visit:
    """Help with the open token of a person who is here at the desk, whoever took it (audited).

    Raises Invalid unless the card was seen, Conflict without an open token.
    """
    visit = taken_by(person, now)
    if visit is None:
        raise Conflict(_("This person has no token of today that is not over."))
    if not is_card_seen:
        raise Invalid({"card_seen": _("See the card first: the person on it must be the one who is here.")})
    values = {DeskHelp.staff: desk, DeskHelp.way: AT_DESK}
    with write():
        audit.note("CardSeen", person.uid, by=by, now=now)
        audit.note("TokenHelped", visit.uid, by=by, now=now)
        row = DeskHelp.insert({DeskHelp.visit: visit, **values})
        row.on_conflict(conflict_target=[DeskHelp.visit], update=values).execute()
        if visit.state in READY:
            services.mark_here(visit, by=by, now=now)
    return visit


def taken_by(person: Beneficiary, now: datetime) -> Visit | None:
    """Return the open token of this person for today, with its help if any desk helps."""
    visit = services.live_visit(person)
    return visit if visit is not None and visit.session.day == clinic_day(now) else None


def helped_with(desk: Staff, visit: Visit) -> Visit | None:
    """Return the visit when this desk helps with it, else None."""
    found: Visit | None = _helped(desk).where(Visit.id == visit.id).first()
    return found


def still_here(desk: Staff, uid: str, *, by: Actor, now: datetime) -> None:
    """Keep somebody present, or put them back into the queue after a missed call. Raises NotFound, Conflict."""
    services.mark_here(visit_of(desk, uid), by=by, now=now)


def answer_call(desk: Staff, uid: str, *, by: Actor, now: datetime) -> Visit:
    """Answer the doctor's call for somebody. Raises NotFound, Conflict when there is no call."""
    visit = visit_of(desk, uid)
    try:
        calling.accept_call(visit, by=by, now=now)
    except Conflict as error:
        raise Conflict(words.no_call()) from error
    return visit


def helped_today(desk: Staff, now: datetime) -> list[Visit]:
    """List today's visits with which the desk of this centre helps, in the order of asking; each with its `help`."""
    return list(_helped(desk).where(ClinicSession.day == clinic_day(now)).order_by(Visit.id))


def _helped(desk: Staff) -> peewee.Select:
    """Select visits with the help of any colleague of this centre."""
    colleagues = Staff.select(Staff.id).where(Staff.centre == desk.centre)
    return (
        Visit.select(Visit, ClinicSession, Specialty, Beneficiary, RegisterEntry, DeskHelp)
        .join(ClinicSession)
        .join(Specialty)
        .switch(Visit)
        .join(Beneficiary)
        .join(RegisterEntry)
        .switch(Visit)
        .join(DeskHelp, on=(DeskHelp.visit == Visit.id), attr="help")
        .where(DeskHelp.staff.in_(colleagues))
    )
