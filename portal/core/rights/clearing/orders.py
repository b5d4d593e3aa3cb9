"""What an administrator orders: dry runs, and the confirmation without which nothing is deleted."""

from datetime import datetime

from portal.base.clock import clinic_day
from portal.base.errors import Conflict, NotFound
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.rights.clearing.models import RetentionRun
from portal.settings.clinic import RightsRules
from portal.store.db import claim, one_at_a_time, write
from portal.work import audit, jobs
from portal.work.audit import Actor

SHOWN = 20


def begin(*, is_dry: bool, staff: Staff | None, by: Actor, now: datetime) -> RetentionRun:
    """Order a run; one of this kind that is under way is the answer. Raises Conflict for a real one not confirmed."""
    rules = RightsRules.in_force()
    with write():
        one_at_a_time("retention")
        same = RetentionRun.finished_at.is_null() & (RetentionRun.is_dry == is_dry)
        under_way: RetentionRun | None = RetentionRun.get_or_none(same)
        if under_way is not None:
            return under_way
        if not is_dry and confirmation() is None:
            raise Conflict(_("Nothing is deleted before an administrator has confirmed a dry run."))
        made: RetentionRun = RetentionRun.create(
            is_dry=is_dry,
            day=clinic_day(now),
            years=rules.retain_clinical_years,
            child_until=rules.retain_child_until,
            asked_by=staff,
            started_at=now,
        )
        audit.note("RetentionBegun", made.uid, by=by, now=now, dry=is_dry)
        jobs.enqueue("go_on_retention", made.id)
    return made


def confirm(uid: str, staff: Staff, *, by: Actor, now: datetime) -> None:
    """Confirm a dry run: from now on what is due is deleted. Raises NotFound, Conflict for any but the newest."""
    run = find(uid)
    newest = newest_dry()
    if not run.is_dry or run.finished_at is None or newest is None or newest.id != run.id or not _covers(run):
        raise Conflict(_("Only the newest dry run can be confirmed, with the settings that it was made with."))
    with write():
        mine = (RetentionRun.id == run.id) & RetentionRun.confirmed_at.is_null()
        if claim(RetentionRun.update(confirmed_at=now, confirmed_by=staff).where(mine)):
            audit.note("RetentionConfirmed", run.uid, by=by, now=now, years=run.years, child_until=run.child_until)


def confirmation() -> RetentionRun | None:
    """Return the confirmed dry run that holds for the settings in force: these delete no more than it has shown."""
    rows = RetentionRun.select().where(RetentionRun.confirmed_at.is_null(False)).order_by(RetentionRun.id.desc())
    return next((run for run in rows if _covers(run)), None)


def newest_dry() -> RetentionRun | None:
    """Return the dry run that was ordered last."""
    found: RetentionRun | None = (
        RetentionRun.select().where(RetentionRun.is_dry).order_by(RetentionRun.id.desc()).first()
    )
    return found


def find(uid: str) -> RetentionRun:
    """Find a run. Raises NotFound."""
    found: RetentionRun | None = RetentionRun.get_or_none(RetentionRun.uid == uid)
    if found is None:
        raise NotFound
    return found


def newest_runs() -> list[RetentionRun]:
    """List the newest runs of both kinds."""
    return list(RetentionRun.select().order_by(RetentionRun.id.desc()).limit(SHOWN))


def _covers(run: RetentionRun) -> bool:
    rules = RightsRules.in_force()
    return bool(run.years <= rules.retain_clinical_years and run.child_until <= rules.retain_child_until)
