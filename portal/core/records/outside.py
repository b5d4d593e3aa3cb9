"""Files that plugins bring from outside: taken once each, within the limits of an upload, cleaned like every upload."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import structlog
from werkzeug.datastructures import FileStorage

from portal.contracts import OutsideRecord, VisitFact
from portal.core.records.held import take_in
from portal.core.records.models import OutsideFetch, OutsideFile, Record
from portal.core.records.services import attach
from portal.core.visits.events import TokenIssued
from portal.core.visits.models import Visit
from portal.plugin_host.capabilities import fetches_records
from portal.plugin_host.registry import registry
from portal.store.db import joined, write
from portal.work import jobs
from portal.work.audit import SYSTEM
from portal.work.events import Event, listener
from portal.work.leases import BackOff, Leases

LONGEST, MAX_TRIES = 80, 12  # characters of a reference; tries
LEASES = Leases(
    OutsideFetch,
    timedelta(minutes=3),
    BackOff(first=10, longest=3600, spread=0.3),
    is_open=OutsideFetch.is_due == True,  # noqa: E712
)
log = structlog.get_logger(__name__)


@listener(TokenIssued)
def bring_for_token(event: Event, now: datetime) -> None:
    """Ask the plugins for files of somebody who has asked for a token."""
    bring_of(event.subject)


@fetches_records
def bring_of(visit_uid: str) -> None:
    """Enqueue a job for each plugin that brings files: none waits for another. Joins the caller's transaction."""
    bringers = [name for name, _function in registry().implementations("record_in")]
    if not bringers:
        return
    visit = Visit.get(Visit.uid == visit_uid)
    again: dict[Any, Any] = {OutsideFetch.is_due: True, OutsideFetch.tries: 0, OutsideFetch.next_at: None}
    again[OutsideFetch.asks] = OutsideFetch.asks + 1
    for name in bringers:
        mine = [OutsideFetch.visit, OutsideFetch.plugin]
        with joined():
            OutsideFetch.insert(visit=visit, plugin=name).on_conflict(conflict_target=mine, update=again).execute()
            row = OutsideFetch.get((OutsideFetch.visit == visit) & (OutsideFetch.plugin == name))
        jobs.enqueue(bring_files, row.id)


@jobs.in_lane("texts")
def bring_files(row_id: int, now: datetime) -> None:
    """Fetch the files of one plugin and attach the new ones to the visit. In the lane for slow servers."""
    row = LEASES.take(row_id, now)
    if row is None:
        return
    try:
        if registry().is_on(row.plugin):
            _bring(row.visit, row.plugin, now)
    except Exception as error:  # noqa: BLE001 whatever a plugin breaks with is a failed try
        log.warning("outside_files_not_brought", plugin=row.plugin, error=type(error).__name__)
        if row.tries < MAX_TRIES:
            LEASES.later(row, now)
            return
    if LEASES.done(row, is_due=False, next_at=None):
        OutsideFetch.update(is_due=True).where((OutsideFetch.id == row.id) & (OutsideFetch.asks != row.asks)).execute()


@jobs.sweep(every=30)
def sweep_outside_files(now: datetime) -> None:
    """Re-enqueue what failed, or what a crash or a lost queue left."""
    for row in OutsideFetch.select(OutsideFetch.id).where(LEASES.waiting(now)).order_by(OutsideFetch.id).limit(20):
        jobs.enqueue(bring_files, row.id)


def _bring(visit: Visit, plugin: str, now: datetime) -> None:
    fact = VisitFact(visit.uid, visit.token, visit.session.specialty.code, visit.attempt)
    for one in registry().ask(plugin, "record_in", visit=fact) or []:
        if isinstance(one, OutsideRecord) and 0 < len(one.reference) <= LONGEST:
            _take(visit, plugin, one, now)
        else:
            log.error("plugin_answer_refused", plugin=plugin, hook="record_in")


def _take(visit: Visit, plugin: str, one: OutsideRecord, now: datetime) -> Record | None:
    mine = (OutsideFile.plugin == plugin) & (OutsideFile.reference == one.reference)
    if OutsideFile.select().where(mine).exists():
        return None
    upload = FileStorage(BytesIO(one.content), filename=one.title)
    basket = take_in(visit.beneficiary.account, [upload], [], now=now)
    for refusal in basket.refused:
        log.error("outside_file_refused", plugin=plugin, status=refusal.status)
    if not basket.held:
        return None
    with write():
        (kept,) = attach(visit, basket, by=SYSTEM, now=now)
        OutsideFile.create(plugin=plugin, reference=one.reference, record=kept, taken_at=now)
    return kept
