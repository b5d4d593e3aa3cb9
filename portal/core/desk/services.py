"""What the desk does for somebody who is there or on the telephone: registration, a token, the answer to a call."""

from datetime import datetime

import peewee

from portal.base.clock import clinic_day
from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.beneficiaries.services import Application, give_consent, register_seen
from portal.core.boards.token_form import TokenRequest
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.referrals.checks import gate
from portal.core.visits import services as visits
from portal.core.visits.helped import WAYS, DeskHelp
from portal.core.visits.models import Visit
from portal.store.db import write
from portal.work import audit
from portal.work.audit import Actor


def register_present(
    entry: RegisterEntry, form: Application, *, is_card_seen: bool, by: Actor, now: datetime
) -> Beneficiary:
    """Register somebody whose card the desk has seen, on the account of the register's mobile (audited).

    Raises Invalid with every wrong field, Conflict when that account is closed.
    """
    if not is_card_seen:
        raise Invalid({"card_seen": _("See the card first: the person on it must be the one who is here.")})
    with write():
        person = register_seen(entry, form, by=by, now=now)
        audit.note("CardSeen", person.uid, by=by, now=now)
    return person


def take_token(wanted: TokenRequest, desk: Staff, way: str, *, by: Actor, language: str, now: datetime) -> Visit:
    """Take a token for a person of the centre, who counts as present for the minutes of "I am here".

    Raises Invalid without a way of waiting or when nothing permits a token, Conflict when the session is closed or
    full, LiveToken.
    """
    if way not in WAYS:
        raise Invalid({"way": _("Say where the person waits.")})
    already = visits.live_visit(wanted.beneficiary)
    if already is not None:
        raise visits.LiveToken(already)
    way_in = gate(wanted.beneficiary.entry, wanted.specialty, now)
    with write():
        visit = visits.request_token(
            wanted.beneficiary, wanted.specialty, wanted.complaint, gate=way_in, by=by, now=now
        )
        give_consent(wanted.beneficiary, "consultation", by=by, language=language, now=now)
        DeskHelp.create(visit=visit, staff=desk, way=way)
        visits.mark_here(visit, by=by, now=now)
    return visit


def person_of(desk: Staff, uid: str) -> Beneficiary:
    """Find a registered person of the desk's centre. Raises NotFound for anybody else."""
    people = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry)
    found: Beneficiary | None = people.where((Beneficiary.uid == uid) & (RegisterEntry.centre == desk.centre)).first()
    if found is None:
        raise NotFound
    return found


def registered(entries: list[RegisterEntry]) -> dict[int, Beneficiary]:
    """Map the ids of these entries to the people who are registered."""
    return {person.entry_id: person for person in Beneficiary.select().where(Beneficiary.entry.in_(entries))}


def visit_of(desk: Staff, uid: str) -> Visit:
    """Find a visit with which the desk of this centre helps. Raises NotFound for any other."""
    found: Visit | None = _helped(desk).where(Visit.uid == uid).first()
    if found is None:
        raise NotFound
    return found


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
