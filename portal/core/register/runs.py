"""The worker's part of imports: reading, comparing, writing, undoing; it goes on where a crash has stopped it."""

from datetime import datetime, timedelta

import structlog

from portal.base.clock import clinic_day, monotonic
from portal.base.errors import Invalid
from portal.base.language import speaking
from portal.core.clinic.events import Imported
from portal.core.register import applying, columns, models, staging
from portal.core.register.models import RegisterChange, RegisterImport, RegisterUpload
from portal.sandbox import spreadsheets
from portal.store.db import claim, write
from portal.work import jobs
from portal.work.audit import SYSTEM, Actor
from portal.work.events import record
from portal.work.leases import BackOff, Leases

LEASE, MOST_TRIES = timedelta(minutes=10), 5
STEP_SECONDS = 20.0
KEPT_DAYS, PREVIEW_DAYS = 90, 7  # how long an import can be undone, and an unconfirmed one waits
DELETED_AT_ONCE = 5_000
STUCK = "stuck"
BACK_OFF = BackOff(first=5, longest=600)
LEASES = Leases(RegisterImport, LEASE, BACK_OFF, is_open=RegisterImport.state.in_(models.WORKING), most=MOST_TRIES)
log = structlog.get_logger(__name__)


@jobs.in_lane("records")
def go_on_register_import(import_id: int, now: datetime) -> None:
    """Do one step of an import, and enqueue the next. Idempotent: what is done is in the transaction that says so."""
    batch = LEASES.take(import_id, now)
    if batch is None:
        return
    with LEASES.giving_back(batch, now), speaking(batch.language):
        step(batch, now)
    if RegisterImport.get_by_id(batch.id).is_working:
        LEASES.later(batch, now, counted=False, at=now)
        jobs.enqueue(go_on_register_import, batch.id)


@jobs.sweep(every=10)
def sweep_register_imports(now: datetime) -> None:
    """Go on with what a crash or a lost queue has stopped; say what has failed too often."""
    for row in (
        RegisterImport.select().where(RegisterImport.state.in_(models.WORKING)).order_by(RegisterImport.id).limit(5)
    ):
        if LEASES.is_dead(row, now):
            mine = (RegisterImport.id == row.id) & (RegisterImport.problem == "")
            if claim(RegisterImport.update(problem=STUCK).where(mine)):
                log.error("register_import_stuck", number=row.id, state=row.state)
        elif row.lease_until is None or row.lease_until < now:
            jobs.enqueue(go_on_register_import, row.id)


@jobs.sweep(every=3600)
def sweep_old_imports(now: datetime) -> None:
    """Forget previews that nobody confirmed, and what is needed to undo imports long past."""
    waiting = RegisterImport.state.in_((models.COLUMNS, models.READY, models.FAILED))
    stale = waiting & (RegisterImport.asked_at < now - timedelta(days=PREVIEW_DAYS))
    over = RegisterImport.finished_at < now - timedelta(days=KEPT_DAYS)
    for batch in RegisterImport.select().where(stale | over).order_by(RegisterImport.id.desc()).limit(20):
        delete_changes(batch)
        if batch.finished_at is None:
            batch.delete_instance()


def step(batch: RegisterImport, now: datetime) -> None:
    """Work on an import for some seconds."""
    until = monotonic() + STEP_SECONDS
    while batch.is_working and monotonic() < until:
        if batch.state == models.OPENING:
            _open(batch)
        elif batch.state == models.READING:
            _read(batch, now)
        elif batch.state == models.COMPARING:
            if staging.stage_gone(batch, clinic_day(now)):
                _end(batch, models.READY)
        elif batch.state == models.APPLYING:
            if applying.apply_batch(batch):
                finish(batch, by=_confirmer(batch), now=now)
        elif applying.undo_batch(batch):
            _end(batch, models.UNDONE)


def finish(batch: RegisterImport, *, by: Actor, now: datetime) -> None:
    """Note an import as done, with its event."""
    delete_changes(batch, models.SAME)
    with write():
        refused = batch.counts.get(models.REFUSED, 0)
        taken = sum(batch.counts.get(kind, 0) for kind in (models.NEW, models.CHANGED, models.SAME))
        batch.finished_at = now
        batch.save(only=(RegisterImport.finished_at,))
        _end(batch, models.DONE)
        record(Imported(taken=taken, refused=refused), "beneficiaries", by=by, now=now)


def delete_changes(batch: RegisterImport, kind: str = "") -> None:
    """Delete what is kept row by row of an import, all or of a kind, some thousands at a time."""
    mine = RegisterChange.batch == batch
    wanted = mine & (RegisterChange.kind == kind) if kind else mine
    while found := [row.id for row in RegisterChange.select(RegisterChange.id).where(wanted).limit(DELETED_AT_ONCE)]:
        RegisterChange.delete().where(RegisterChange.id.in_(found)).execute()


def _open(batch: RegisterImport) -> None:
    try:
        columns.propose(batch, _content(batch))
    except Invalid as error:
        log.warning("register_not_read", number=batch.id, reason=error.message)
        _end(batch, models.FAILED, problem="unreadable")
        return
    with write():
        told = (RegisterImport.columns, RegisterImport.sample, RegisterImport.mapping, RegisterImport.day_first)
        batch.save(only=told)
        _end(batch, models.COLUMNS)


def _content(batch: RegisterImport) -> bytes:
    file = RegisterUpload.get_or_none(RegisterUpload.batch == batch)
    return bytes(file.content) if file else b""


def _read(batch: RegisterImport, now: datetime) -> None:
    try:
        sheet = spreadsheets.read_sheet(_content(batch))
    except Invalid as error:
        log.warning("register_not_read", number=batch.id, reason=error.message)
        _end(batch, models.FAILED, problem="unreadable")
        return
    lines = columns.lines_of(sheet.rows, batch.mapping, len(batch.columns), day_first=batch.day_first)
    staging.stage_lines(batch, lines, clinic_day(now))
    with write():
        RegisterUpload.delete().where(RegisterUpload.batch == batch).execute()
        _end(batch, models.COMPARING)


def _confirmer(batch: RegisterImport) -> Actor:
    return Actor("staff", batch.confirmed_by.uid) if batch.confirmed_by else SYSTEM


def _end(batch: RegisterImport, state: str, *, problem: str = "") -> None:
    batch.state, batch.problem = state, problem
    if not batch.is_working:
        batch.lease_until = None
    batch.save(only=(RegisterImport.state, RegisterImport.problem, RegisterImport.lease_until))
