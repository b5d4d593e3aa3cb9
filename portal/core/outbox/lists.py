"""Lists of messages: pagination, CSV export, and who shares a mobile."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import peewee
from peewee import fn

from portal.base.clock import ist
from portal.base.mobile import mask
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary
from portal.core.messages.models import Message
from portal.core.outbox.filters import Filter, among
from portal.store.csv_file import csv_line

PAGE = 25
EXPORT_ROWS, BATCH = 50_000, 1_000
COLUMNS = (
    "message",
    "queued",
    "kind",
    "mobile",
    "language",
    "state",
    "tries",
    "sender",
    "delivered",
    "worth_until",
    "telephone",
    "error",
)
EXPORTED = (
    Message.id,
    Message.uid,
    Message.created_at,
    Message.template,
    Message.to,
    Message.language,
    Message.state,
    Message.tries,
    Message.provider,
    Message.delivered_at,
    Message.expires_at,
    Message.call_outcome,
    Message.error,
)


@dataclass(frozen=True)
class Rows:
    """One page, newest first. `before`: the cursor this page starts after; `last`: the cursor of the next page."""

    rows: list[Message]
    before: str
    last: str


def outbox(wanted: Filter, before: str = "") -> Rows:
    """Return a page: the newest messages, or those older than the message `before`. Keyset pagination: any page is as
    fast as the first.
    """
    above = Message.get_or_none(Message.uid == before) if before else None
    rows = list(_newest(wanted).where(_after(above)).limit(PAGE + 1))
    last = rows[PAGE - 1].uid if len(rows) > PAGE else ""
    return Rows(rows[:PAGE], above.uid if above else "", last)


def providers() -> list[str]:
    """List the providers that ever sent anything: one index seek for each."""
    found: list[str] = []
    while len(found) < 50:
        beyond = Message.select(fn.MIN(Message.provider)).where(Message.provider > (found[-1] if found else ""))
        name = beyond.scalar()
        if not name:
            break
        found.append(str(name))
    return found


def people_at(mobile: str) -> list[Beneficiary]:
    """List the beneficiaries who share this mobile: whom to ask for on the phone."""
    return list(Beneficiary.select().join(Account).where(Account.mobile == mobile).order_by(Beneficiary.id))


def exported(wanted: Filter) -> Iterator[str]:
    """Export as lines of CSV: columns in English, numbers masked, no texts, read in batches."""
    yield csv_line(COLUMNS)
    last: Message | None = None
    for _batch in range(EXPORT_ROWS // BATCH):
        rows = list(_newest(wanted, *EXPORTED).where(_after(last)).limit(BATCH))
        yield "".join(csv_line(_cells(row)) for row in rows)
        if len(rows) < BATCH:
            return
        last = rows[-1]


def _newest(wanted: Filter, *columns: peewee.Field) -> "peewee.ModelSelect[Message]":
    days = (Message.created_at >= wanted.begins) & (Message.created_at < wanted.ends)
    found = Message.select(*columns).where(days & among(wanted))
    if wanted.state:
        found = found.where(Message.state == wanted.state)
    return found.order_by(Message.created_at.desc(), Message.id.desc())


def _after(last: Message | None) -> peewee.Expression:
    if last is None:
        return Message.id > 0
    same = (Message.created_at == last.created_at) & (Message.id < last.id)
    found: peewee.Expression = (Message.created_at <= last.created_at) & ((Message.created_at < last.created_at) | same)
    return found


def _cells(row: Message) -> tuple[object, ...]:
    return (
        row.uid,
        _time(row.created_at),
        row.template,
        mask(row.to),
        row.language,
        row.state,
        row.tries,
        row.provider,
        _time(row.delivered_at),
        _time(row.expires_at),
        row.call_outcome,
        row.error,
    )


def _time(moment: datetime | None) -> str:
    return f"{ist(moment):%Y-%m-%d %H:%M:%S}" if moment else ""
