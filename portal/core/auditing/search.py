"""Rows of the audit log that match, the newest first. Every page costs the same in a log of ten million rows.

Each query walks one index whose rows come in the order of the page and stops after it (migration 0056): of the
subjects, of the actor, or of each action by itself, which are then merged. Pagination is by keyset.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import peewee
from peewee import SQL, NodeList

from portal.core.auditing.actions import actions_of
from portal.core.auditing.subjects import subjects_of
from portal.core.auditing.wanted import Wanted
from portal.store.db import is_sqlite
from portal.work.audit import AuditRow

PAGE = 50
SEEN = (  # by these somebody saw what is known of a person
    "AuditSearched",
    "CallHelped",
    "CardSeen",
    "ChartRead",
    "ConsultRead",
    "DataCopyFetched",
    "DocumentDownloaded",
    "DocumentSent",
    "HandoverLaunched",
    "NumberShown",
    "PermissionRead",
    "PrescriptionOpened",
    "PrescriptionRead",
    "PrivateVisitsOpened",
    "RecordRead",
    "ShareOpened",
    "VisitExported",
)


@dataclass(frozen=True)
class Found:
    """One page. `before`: the row it starts after, `last`: the row that the next page starts after; 0 without."""

    rows: list[AuditRow]
    before: int
    last: int


def search(wanted: Wanted, before: int = 0) -> Found:
    """Return a page of rows."""
    above = AuditRow.get_or_none(AuditRow.id == before) if before else None
    rows = newest(wanted, above, PAGE + 1)
    last = rows[PAGE - 1].id if len(rows) > PAGE else 0
    return Found(rows[:PAGE], above.id if above else 0, last)


def newest(wanted: Wanted, above: AuditRow | None, most: int) -> list[AuditRow]:
    """Return the newest rows that match, at most so many; those older than the row `above`."""
    actions = _actions(wanted)
    within = _within(wanted, above)
    subjects = subjects_of(wanted.kind, wanted.key) if wanted.about else None
    if subjects is not None:
        found = AuditRow.subject == subjects[0] if len(subjects) == 1 else AuditRow.subject.in_(subjects)
        return _rows(found & _by(wanted) & _of(actions) & within, most) if subjects else []
    if wanted.by:
        return _rows((AuditRow.actor_uid == wanted.by) & _of(actions) & within, most)
    if actions:
        return _merged((_rows((AuditRow.action == action) & within, most) for action in actions), most)
    return _rows(within, most)


def _actions(wanted: Wanted) -> list[str]:
    found = actions_of(wanted.action) if wanted.action else []
    if not wanted.seen:
        return found
    return [action for action in found if action in SEEN] or ([""] if found else list(SEEN))


def _within(wanted: Wanted, above: AuditRow | None) -> peewee.Expression:
    found = AuditRow.id > 0
    if wanted.begins:
        found &= AuditRow.at >= wanted.begins
    if wanted.ends:
        found &= AuditRow.at < wanted.ends
    if above is not None:
        found &= (AuditRow.at <= above.at) & ((AuditRow.at < above.at) | (AuditRow.id < above.id))
    return found


def _of(actions: list[str]) -> peewee.Expression:
    return _aside(AuditRow.action).in_(actions) if actions else AuditRow.id > 0


def _by(wanted: Wanted) -> peewee.Expression:
    return _aside(AuditRow.actor_uid) == wanted.by if wanted.by else AuditRow.id > 0


def _aside(column: peewee.Field) -> Any:
    """Keep SQLite, which has no statistics, from taking the index of this column; PostgreSQL knows better by itself."""
    return NodeList((SQL("+"), column)) if is_sqlite() else column


def _rows(where: peewee.Expression, most: int) -> list[AuditRow]:
    return list(AuditRow.select().where(where).order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(most))


def _merged(parts: Iterable[list[AuditRow]], most: int) -> list[AuditRow]:
    return list(islice(heapq.merge(*parts, key=lambda row: (row.at, row.id), reverse=True), most))
