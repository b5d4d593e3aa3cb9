"""Whose records are due for deletion, and which of them a legal hold leaves."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import peewee

from portal.base.clock import at_ist, clinic_day
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession
from portal.core.referrals.models import Referral
from portal.core.rights import retention
from portal.core.rights.clearing import standing
from portal.core.rights.clearing.models import Cleared, RetentionRun
from portal.core.rights.clearing.scope import Scope
from portal.core.visits.models import Visit


def people_after(run: RetentionRun, limit: int) -> Iterable[Beneficiary]:
    """List people who may be due, by id, from where the run stands; `scope_of` tells exactly."""
    since = retention.years_after(run.day, -run.years)
    moment = _begin(since + timedelta(days=1))
    later = Visit.select(peewee.SQL("1")).join(ClinicSession)
    later = later.where((Visit.beneficiary == Beneficiary.id) & (ClinicSession.day >= since))
    cleared = Cleared.select(peewee.SQL("1")).where((Cleared.beneficiary == Beneficiary.id) & (Cleared.at >= moment))
    rows = Beneficiary.select(Beneficiary, RegisterEntry).join(RegisterEntry)
    due = (Beneficiary.id > run.cursor) & (Beneficiary.registered_at < moment)
    quiet = ~peewee.fn.EXISTS(later) & ~peewee.fn.EXISTS(cleared)
    return rows.where(due & quiet).order_by(Beneficiary.id).limit(limit)


def scope_of(person: Beneficiary, day: date) -> Scope | None:
    """Return what may go of a person on this day; None while it must be kept, or all of it is held."""
    until, held = retention.kept_until(person), standing.held_visits(person)
    return Scope(person.entry, person, until, held) if until < day and held is not None else None


def entries_after(run: RetentionRun, limit: int) -> Iterable[RegisterEntry]:
    """List people with referrals who never registered on the portal, by id, from where the run stands."""
    registered = Beneficiary.select(peewee.SQL("1")).where(Beneficiary.entry == RegisterEntry.id)
    referred = Referral.select(peewee.SQL("1")).where((Referral.entry == RegisterEntry.id) & (Referral.reason != ""))
    known = peewee.fn.EXISTS(referred) & ~peewee.fn.EXISTS(registered)
    return RegisterEntry.select().where((RegisterEntry.id > run.cursor) & known).order_by(RegisterEntry.id).limit(limit)


def scope_of_entry(entry: RegisterEntry, day: date) -> Scope | None:
    """Return what may go of somebody who was referred and never registered; None while it must be kept."""
    newest: datetime = Referral.select(peewee.fn.MAX(Referral.issued_at)).where(Referral.entry == entry).scalar()
    until = retention.kept_from(clinic_day(newest), entry.date_of_birth)
    return Scope(entry, None, until) if until < day else None


def _begin(day: date) -> datetime:
    return at_ist(day, time())


def month_of(row: Any, years: int) -> str:
    """Return the month in which a text or a grievance became due, so many years later."""
    since: datetime = row.created_at if hasattr(row, "created_at") else row.answered_at
    return f"{retention.years_after(clinic_day(since), years) + timedelta(days=1):%Y-%m}"
