"""Coming back: the follow-ups that specialists set, their reminders, and what permits their tokens (domain.md 2.3)."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

import peewee

from portal.base.clock import at_ist, clinic_day
from portal.base.errors import Invalid
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import is_working_day, next_working_day
from portal.core.consults import editions
from portal.core.consults.models import Consult
from portal.core.referrals import checks
from portal.core.referrals.checks import EXEMPT_AGE, EXEMPT_FOLLOWUP, tells_follow_up
from portal.core.referrals.models import Referral
from portal.core.referring.events import FollowUpDue
from portal.core.referring.lines import ComingFollowUp
from portal.core.referring.models import FollowUpReminder
from portal.core.visits.models import Visit
from portal.core.visits.states import COMPLETED, NOT_COMPLETED, OPEN
from portal.settings.clinic import ComingBack
from portal.store.db import one_at_a_time, write
from portal.store.prepared import Prepared
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import record

LOOK_BACK = timedelta(days=14)  # over which holidays may move a follow-up to the next clinic day
SHOWN_AHEAD = timedelta(days=60)
WAYS = {"": "referral", EXEMPT_AGE: "age", EXEMPT_FOLLOWUP: "follow_up"}
NO_WAY = "none"


def _standing() -> peewee.Select:
    """Select the notes whose follow-up stands: issued, not cancelled, and nobody has come back since."""
    later, later_session = Visit.alias(), ClinicSession.alias()
    returned = later.select(later.id).join(later_session, on=later.session == later_session.id)
    returned = returned.where(
        (later.beneficiary == Visit.beneficiary)
        & (later_session.specialty == ClinicSession.specialty)
        & (later.id > Visit.id)
        & later.state.in_((COMPLETED, *OPEN))
    )
    stands = Visit.state.not_in(NOT_COMPLETED) & Visit.issued_at.is_null(False) & Consult.withdrawn_at.is_null()
    rows = Consult.select(Consult, Visit, ClinicSession, Specialty, Beneficiary, RegisterEntry).join(Visit)
    rows = rows.join(ClinicSession).join(Specialty).switch(Visit).join(Beneficiary).join(RegisterEntry)
    return rows.where(stands & editions.is_last() & ~peewee.fn.EXISTS(returned))


@Prepared
def _in_family(account: object, first: object, last: object) -> peewee.Select:
    due = (Consult.follow_up_on >= first) & (Consult.follow_up_on <= last)
    return _standing().where((Beneficiary.account == account) & due).order_by(Consult.follow_up_on, Consult.id)


def coming(account: Account, day: date, opened: Collection[int] = ()) -> list[ComingFollowUp]:
    """List the family's follow-ups of the next weeks, and those of the last days, the nearest first.

    `opened`: the people whose private visits a code has opened.
    """
    since = day - timedelta(days=ComingBack.in_force().followup_days)
    return [_coming(row, opened) for row in _in_family.all(account, since, day + SHOWN_AHEAD)]


@tells_follow_up
def permits(entry: RegisterEntry, specialty: Specialty, day: date) -> Referral | None:
    """Return the referral of the consultation that set a follow-up around this day, though its last day has passed.

    None when it was withdrawn, or all its consultations are used: then a new one is needed.
    """
    days = timedelta(days=ComingBack.in_force().followup_days)
    if not days:
        return None
    mine = (Beneficiary.entry == entry) & (ClinicSession.specialty == specialty)
    row = _standing().where(mine & Consult.follow_up_on.between(day - days, day + days)).first()
    referral: Referral | None = row.visit.referral if row else None
    if referral is None or referral.cancelled_at or checks.uses(referral) >= referral.max_consults:
        return None
    return referral


@jobs.sweep(every=600)
def remind(now: datetime) -> None:
    """Remind of each follow-up on the day before its clinic day, once; after an outage still on the day itself."""
    if ComingBack.in_force().followup_reminder != "yes":
        return
    today = clinic_day(now)
    near = Consult.follow_up_on.between(today - LOOK_BACK, today + timedelta(days=1))
    reminded = FollowUpReminder.select().where(
        (FollowUpReminder.visit == Visit.id) & (FollowUpReminder.day == Consult.follow_up_on)
    )
    for row in list(_standing().where(near & ~peewee.fn.EXISTS(reminded)).order_by(Consult.id)):
        day = clinic_day_of(row.follow_up_on)
        if row.visit.session.day < day and today <= day <= today + timedelta(days=1):
            _remind(row, day, now)


def clinic_day_of(on: date) -> date:
    """Return the first day with clinic from this date on."""
    return on if is_working_day(on) else next_working_day(on) or on


def _remind(row: Consult, day: date, now: datetime) -> None:
    with write():
        one_at_a_time(f"follow-up {row.visit.uid}")
        mine = (FollowUpReminder.visit == row.visit) & (FollowUpReminder.day == row.follow_up_on)
        if FollowUpReminder.select().where(mine).exists():
            return
        FollowUpReminder.create(visit=row.visit, day=row.follow_up_on, at=now)
        way = way_of(row.visit.beneficiary.entry, row.visit.session.specialty, day)
        record(FollowUpDue(day=day.isoformat(), way=way), row.visit.uid, by=SYSTEM, now=now)


def way_of(entry: RegisterEntry, specialty: Specialty, day: date) -> str:
    """Say what permits a person's token on a day: referral, age, follow_up or none."""
    try:
        return WAYS[checks.gate(entry, specialty, at_ist(day, time(12))).exemption]
    except Invalid:
        return NO_WAY


def _coming(row: Consult, opened: Collection[int]) -> ComingFollowUp:
    person, specialty = row.visit.beneficiary, row.visit.session.specialty
    is_closed = specialty.is_private and person.id not in opened
    on: date = row.follow_up_on  # type: ignore[assignment]  # the query asks for those with a date
    day = clinic_day_of(on)
    return ComingFollowUp(person, None if is_closed else specialty, on, day, way_of(person.entry, specialty, day))
