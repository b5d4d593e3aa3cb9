"""Dry runs and runs: person by person, each in a transaction of its own, going on where a crash has stopped them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import structlog

from portal.base.clock import at_ist, clinic_day, ist
from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.rights import retention
from portal.core.rights.clearing import doomed, due, kinds, orders, standing, texts
from portal.core.rights.clearing.models import Cleared, RetentionRun
from portal.core.rights.clearing.scope import Scope
from portal.store.db import locked, write
from portal.work import audit, jobs
from portal.work.audit import SYSTEM
from portal.work.leases import BackOff, Leases

NIGHT = (20, 7)  # hours of the clinic's day between which a run begins by itself
PEOPLE, ENTRIES, TEXTS, CASES = "people", "entries", "texts", "cases"  # the phases of a run
AT_ONCE, ROWS_AT_ONCE = 25, 200
LEASES = Leases(
    RetentionRun, timedelta(minutes=10), BackOff(first=60, longest=3600), is_open=RetentionRun.finished_at.is_null()
)
Finds = Callable[[datetime, int, int], Iterable[Any]]
Clears = Callable[[Sequence[Any]], None]
log = structlog.get_logger(__name__)


@jobs.in_lane("records")
def go_on_retention(run_id: int, now: datetime) -> None:
    """Do one step of a run, and enqueue the next. Idempotent: what is done is done in the transaction that says so."""
    run = LEASES.take(run_id, now)
    if run is None:
        return
    with LEASES.giving_back(run, now):
        doomed.delete_doomed()
        is_over = not _may_go_on(run) or _step(run, now)
        doomed.delete_doomed()
    if is_over:
        _finish(run, now)
    else:
        LEASES.later(run, now, counted=False, at=now)
        jobs.enqueue(go_on_retention, run.id)


def run_at_once(*, is_dry: bool, now: datetime) -> RetentionRun:
    """Do all of a run, for the command. Raises Conflict when it is not confirmed, or while the worker has it."""
    made = orders.begin(is_dry=is_dry, staff=None, by=SYSTEM, now=now)
    while True:
        run: RetentionRun = RetentionRun.get_by_id(made.id)
        if run.finished_at is not None:
            return run
        if not RetentionRun.select().where((RetentionRun.id == run.id) & LEASES.waiting(now)).exists():
            raise Conflict(_("The worker is at it already. The page shows the report when it is done."))
        go_on_retention(made.id, now)


@jobs.sweep(every=300)
def sweep_retention(now: datetime) -> None:
    """Go on with what a crash has stopped, delete files left over, and begin tonight's run."""
    doomed.delete_doomed()
    for row in RetentionRun.select(RetentionRun.id).where(LEASES.waiting(now)).limit(5):
        jobs.enqueue(go_on_retention, row.id)
    begins, ends = NIGHT
    is_night = not ends <= ist(now).hour < begins
    tonight = (RetentionRun.day == clinic_day(now)) & ~RetentionRun.is_dry
    if is_night and orders.confirmation() is not None and not RetentionRun.select().where(tonight).exists():
        orders.begin(is_dry=False, staff=None, by=SYSTEM, now=now)


def _finish(run: RetentionRun, now: datetime) -> None:
    with write():
        if LEASES.done(run, finished_at=now):
            row = RetentionRun.get_by_id(run.id)
            told: Mapping[str, Any] = {"dry": row.is_dry, "people": row.people, "rows": row.total, "failed": row.failed}
            audit.note("RetentionRun", row.uid, by=SYSTEM, now=now, **told)
            log.info("retention_run", run=row.uid, **told)


def _may_go_on(run: RetentionRun) -> bool:
    """Tell whether a run may go on: a real one only while a confirmation holds for the settings in force."""
    return run.is_dry or orders.confirmation() is not None


def _step(run: RetentionRun, now: datetime) -> bool:
    """Look at the next rows of a run; True when there are none left. `run` is as it was read when it was leased."""
    if run.phase == PEOPLE:
        return _each(run, list(due.people_after(run, AT_ONCE)), ENTRIES, now)
    if run.phase == ENTRIES:
        return _each(run, list(due.entries_after(run, AT_ONCE)), TEXTS, now)
    if run.phase == TEXTS:
        return not _rows(run, texts.texts, texts.clear_texts, kinds.TEXTS) and _next(run, CASES)
    return not _rows(run, texts.grievances, texts.clear_cases, kinds.CASES)


def _each(run: RetentionRun, found: Iterable[Any], following: str, now: datetime) -> bool:
    rows = list(found)
    for row in rows:
        try:
            _one(run, row, now)
        except Exception as error:  # one person whose rows are in disorder does not stop the others
            log.exception("retention_failed", row=row.id, phase=run.phase, error=type(error).__name__)
            _advance(run, row.id, failed=1)
    return not rows and _next(run, following)


def _next(run: RetentionRun, phase: str) -> bool:
    """Go on with the next phase; False, as the run is not over."""
    RetentionRun.update(phase=phase, cursor=0).where(RetentionRun.id == run.id).execute()
    return False


def _one(run: RetentionRun, row: Beneficiary | RegisterEntry, now: datetime) -> None:
    """Count or delete what may go of one person; the counts are stored in the same transaction."""
    with write():
        if isinstance(row, Beneficiary):
            standing.lock(row)
            found = due.scope_of(row, run.day)
            held = found is None and retention.kept_until(row) < run.day
        else:
            found, held = due.scope_of_entry(row, run.day), False
        counts = _done(run, found, now) if found else {}
        is_held = held or bool(found and not found.is_whole)
        month = found.month if found else ""
        _advance(run, row.id, {(key, month): number for key, number in counts.items()}, held=is_held)


def _done(run: RetentionRun, found: Scope, now: datetime) -> dict[str, int]:
    if run.is_dry:
        return kinds.count(found)
    counts = kinds.clear(found, now=now)
    if found.person is not None and found.is_whole:
        Cleared.delete().where(Cleared.beneficiary == found.person).execute()
        Cleared.create(beneficiary=found.person, at=now)
    if counts:
        who = found.person.uid if found.person else found.entry.ben_id
        audit.note("RecordsCleared", who, by=SYSTEM, now=now, run=run.uid, rows=sum(counts.values()))
    return counts


def _rows(run: RetentionRun, found: Finds, clear: Clears, kind: str) -> int:
    """Empty old rows that belong to no person, or count them; return how many there were."""
    before = at_ist(retention.years_after(run.day, -run.years), time())
    rows = list(found(before, run.cursor, ROWS_AT_ONCE))
    months = Counter(due.month_of(row, run.years) for row in rows)
    with write():
        if not run.is_dry:
            clear(rows)
        if rows:
            counts = {(kind, month): number for month, number in months.items()}
            _advance(run, rows[-1].id, counts, person=False)
    return len(rows)


def _advance(
    run: RetentionRun,
    cursor: int,
    counts: Mapping[tuple[str, str], int] | None = None,
    *,
    person: bool = True,
    held: bool = False,
    failed: int = 0,
) -> None:
    """Add to the run's counts, and note where it stands."""
    row = locked(RetentionRun.select().where(RetentionRun.id == run.id)).get()
    for (key, month), number in (counts or {}).items():
        months = row.counts.setdefault(key, {})
        months[month] = months.get(month, 0) + number
    row.people += bool(counts) and person
    row.held += held
    row.failed += failed
    row.cursor = cursor
    only = (RetentionRun.counts, RetentionRun.people, RetentionRun.held, RetentionRun.failed, RetentionRun.cursor)
    row.save(only=only)
