"""What a change of the clinic's settings would do, in numbers from the database, before it is saved."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

import peewee

from portal.base.clock import at_ist, clinic_day
from portal.base.language import gettext as _
from portal.base.language import show_number
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.clinic.models import ClinicSession, Holiday
from portal.core.consults.models import Consult
from portal.core.referrals.models import Referral
from portal.core.rights.models import UNANSWERED, Case
from portal.core.rights.retention import years_after
from portal.core.visits.models import Visit

AHEAD = 60  # days of which the clinic days are counted
Effect = Callable[[str, str, date], Iterator[str]]


def effects_of(changes: Mapping[str, tuple[str, str]], now: datetime) -> dict[str, list[str]]:
    """Map each changed setting (text before, text after) that touches somebody to its sentences."""
    day = clinic_day(now)
    found = {
        key: list(_EFFECTS[key](before, after, day)) for key, (before, after) in changes.items() if key in _EFFECTS
    }
    return {key: sentences for key, sentences in found.items() if sentences}


def _exempt_age(before: str, after: str, day: date) -> Iterator[str]:
    low, high = sorted((int(before), int(after)))
    mine = _aged(low, high, day)
    count = RegisterEntry.select().where(mine).count()
    if not count:
        return
    if int(after) < int(before):
        yield _("%(count)s people no longer need a referral that do until now.", count=show_number(count))
        return
    stands = Referral.cancelled_at.is_null() & (Referral.valid_until >= day)
    holders = Referral.select(Referral.entry).join(RegisterEntry).where(mine & stands).distinct().count()
    yield _("%(count)s people need a referral that did not until now.", count=show_number(count))
    yield _("Of these, %(count)s hold a valid referral.", count=show_number(holders))


def _priority_age(before: str, after: str, day: date) -> Iterator[str]:
    low, high = sorted((int(before), int(after)))
    count = RegisterEntry.select().where(_aged(low, high, day)).count()
    if not count:
        return
    if int(after) < int(before):
        yield _("%(count)s more people are called first from their next token.", count=show_number(count))
    else:
        yield _("%(count)s people are no longer called first, from their next token.", count=show_number(count))


def _referrals_stay(_before: str, _after: str, day: date) -> Iterator[str]:
    if count := _valid(day).count():
        yield _(
            "%(count)s referrals are valid today and stay as they were issued. New ones follow this.",
            count=show_number(count),
        )


def _specialists(before: str, after: str, day: date) -> Iterator[str]:
    held = _valid(day).select(Referral.entry).group_by(Referral.entry)
    count = held.having(peewee.fn.COUNT(Referral.specialty.distinct()).between(int(after), int(before) - 1)).count()
    if count:
        yield _(
            "%(count)s people hold so many referrals already, and can be given no further one.",
            count=show_number(count),
        )


def _follow_ups(before: str, after: str, day: date) -> Iterator[str]:
    was, will = (_within(int(text), day) for text in (before, after))
    if was != will:
        yield _(
            "Follow-ups for which a token needs no new referral today: %(after)s instead of %(before)s.",
            after=will,
            before=was,
        )


def _quota(_before: str, after: str, day: date) -> Iterator[str]:
    ahead = (ClinicSession.day >= day) & (ClinicSession.quota != int(after))
    if count := ClinicSession.select().where(ahead).count():
        yield _(
            "%(count)s sessions exist already and keep their number of tokens. New ones follow this.",
            count=show_number(count),
        )


def _hours(_before: str, _after: str, day: date) -> Iterator[str]:
    if count := ClinicSession.select().where(ClinicSession.day >= day).count():
        yield _(
            "%(count)s sessions exist already and keep their hours. New ones follow this.", count=show_number(count)
        )


def _working_days(before: str, after: str, day: date) -> Iterator[str]:
    days = [day + timedelta(days=ahead) for ahead in range(AHEAD)]
    closed = {row.day for row in Holiday.select().where(Holiday.day.between(days[0], days[-1]))}
    open_days = [str(each.isoweekday()) for each in days if each not in closed]
    was, will = (sum(each in text for each in open_days) for text in (before, after))
    yield _("Clinic days in the next 60 days: %(after)s instead of %(before)s.", after=will, before=was)


def _retention(before: str, after: str, day: date) -> Iterator[str]:
    was, will = (_quiet_since(years_after(day, -int(text))) for text in (before, after))
    if was != will:
        yield _(
            "People without contact for so long, whose record may be deleted: %(after)s instead of %(before)s.",
            after=will,
            before=was,
        )


def _grievances(_before: str, _after: str, _day: date) -> Iterator[str]:
    if count := Case.select().where(Case.state.in_(UNANSWERED)).count():
        yield _("%(count)s open cases keep the day by which they are answered.", count=show_number(count))


def _aged(low: int, high: int, day: date) -> peewee.Expression:
    """Who is of the register, and of an age from `low` to below `high`."""
    born = (RegisterEntry.date_of_birth <= years_after(day, -low)) & (
        RegisterEntry.date_of_birth > years_after(day, -high)
    )
    return born & RegisterEntry.left_on.is_null()


def _valid(day: date) -> "peewee.ModelSelect[Referral]":
    return Referral.select().where(Referral.cancelled_at.is_null() & (Referral.valid_until >= day))


def _within(days: int, day: date) -> int:
    span = timedelta(days=days)
    due = Consult.follow_up_on.between(day - span, day + span) & Consult.withdrawn_at.is_null()
    return Consult.select().where(due).count() if days else 0


def _quiet_since(since: date) -> int:
    moment = at_ist(since, datetime.min.time())
    one = peewee.SQL("1")
    seen = Visit.select(one).join(ClinicSession)
    seen = seen.where((Visit.beneficiary == Beneficiary.id) & (ClinicSession.day >= since))
    referred = Referral.select(one).where((Referral.entry == Beneficiary.entry) & (Referral.issued_at >= moment))
    quiet = ~peewee.fn.EXISTS(seen) & ~peewee.fn.EXISTS(referred)
    return Beneficiary.select().where((Beneficiary.registered_at < moment) & quiet).count()


_EFFECTS: Mapping[str, Effect] = {
    "referral_exempt_age": _exempt_age,
    "referral_validity_days": _referrals_stay,
    "referral_max_consults": _referrals_stay,
    "referral_max_specialists": _specialists,
    "followup_days": _follow_ups,
    "working_days": _working_days,
    "opens_at": _hours,
    "closes_at": _hours,
    "session_quota": _quota,
    "priority_age": _priority_age,
    "retain_clinical_years": _retention,
    "grievance_days": _grievances,
}
