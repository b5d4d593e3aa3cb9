"""What the administrator reads of backups and restores: the age of the newest, what fails, what a restore has lost."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from portal.base.language import gettext as _
from portal.base.language import show_date, show_moment
from portal.core.clinic.models import ClinicSession, Specialty
from portal.keeping import generation, schedule
from portal.keeping.generation import Lost

# How numbers are printed, by the beginning of their series; {0} is the series' month or year.
SHAPES = {
    "referral": "REF-{1:06d}",
    "rx": "RX-{0}-{1:06d}",
    "indent": "IN-{0}-{1:06d}",
    "case": "G-{0}-{1:06d}",
}


def age(now: datetime) -> str:
    """Return how old the newest verified backup is, as a sentence; empty when there is none."""
    newest = schedule.newest()
    if newest is None:
        return ""
    hours = (now - newest.taken_at) // timedelta(hours=1)
    return _("Last backup: %(moment)s (%(hours)s hours ago)", moment=show_moment(newest.taken_at), hours=hours)


def problems(now: datetime) -> Iterator[str]:
    """Say that the newest backup is too old, or what is missing in it."""
    newest = schedule.newest()
    if schedule.is_stale(now):
        if newest is None:
            yield _("No backup has been made yet in %(place)s. The worker's log says why.", place=schedule.where_to())
        else:
            hours = (now - newest.taken_at) // timedelta(hours=1)
            yield _("The last backup that was verified is %(hours)s hours old. The worker's log says why.", hours=hours)
    if newest is not None and newest.problem:
        yield _("The last backup lacks something: %(what)s", what=newest.problem)


def of_restore(now: datetime) -> Iterator[str]:
    """Say for a week what a restore has lost: the numbers that were told and are not given again."""
    found = generation.newest()
    if found is None or not generation.is_recent(found[0], now):
        return
    row, lost = found
    moments = {"restored": show_moment(row.restored_at), "taken": show_moment(row.taken_at)}
    yield _("On %(restored)s the backup of %(taken)s was restored. What came after it is not here.", **moments)
    if lost:
        numbers = "; ".join(_shown(each) for each in lost)
        yield _("Numbers that people were told since, and that are not given again: %(numbers)s.", numbers=numbers)


def _shown(lost: Lost) -> str:
    stem, day = generation.day_of(lost.series)
    if day is not None:
        return _tokens(lost, stem, day)
    if lost.series == "patient":
        return _("patient IDs: %(count)s", count=lost.count)
    kind, _dash, dated = stem.partition("-")
    shape = SHAPES.get(kind, stem + " {1}")
    first, last = shape.format(dated, lost.first), shape.format(dated, lost.last)
    return first if lost.count == 1 else _("%(first)s to %(last)s", first=first, last=last)


def _prefix(specialty: Specialty, day: date) -> str:
    """Return that day's prefix; a session that is lost too had the specialty's."""
    session = ClinicSession.get_or_none((ClinicSession.specialty == specialty) & (ClinicSession.day == day))
    return str(session.token_prefix if session else specialty.token_prefix)


def _tokens(lost: Lost, code: str, day: date) -> str:
    specialty = Specialty.get_or_none(Specialty.code == code)
    prefix = _prefix(specialty, day) if specialty else code
    first, last = f"{prefix}-{lost.first:03d}", f"{prefix}-{lost.last:03d}"
    told = first if lost.count == 1 else _("%(first)s to %(last)s", first=first, last=last)
    return _("%(numbers)s of %(day)s", numbers=told, day=show_date(day))
