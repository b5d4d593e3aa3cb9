"""Copies of everything: asked for by the family, packed by the worker under a lease, deleted after some days.

The law allows 72 hours for a copy of a record (IMC Regulations 2002, 1.3.2); here it takes minutes.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO

import structlog

from portal.base.errors import NotFound, OutOfService, TooMany, Unavailable
from portal.base.language import gettext as _
from portal.base.language import speaking
from portal.core.accounts.models import Account
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.rights import contents, of_visits, packing
from portal.core.rights.models import DataCopy
from portal.settings.clinic import RightsRules
from portal.store import disk
from portal.store.db import one_at_a_time, require_no_transaction, write
from portal.store.filing import current
from portal.work import audit, jobs, throttle
from portal.work.audit import SYSTEM, Actor
from portal.work.leases import BackOff, Leases

A_DAY = 6  # copies that an account may ask for
LEASES = Leases(DataCopy, timedelta(minutes=10), BackOff(first=10, longest=900), is_open=DataCopy.stored_at.is_null())
log = structlog.get_logger(__name__)


def ask_copy(person: Beneficiary, *, with_private: bool, language: str, by: Actor, now: datetime) -> DataCopy:
    """Order a copy; one that is being made already is the answer to a second request.

    `with_private`: past visits to private specialties are open to who asks. Raises TooMany after A_DAY in a day.
    """
    bucket = f"data-copy:{person.account.uid}"
    with write():
        one_at_a_time(f"data copy {person.uid}")
        same = (DataCopy.beneficiary == person) & (DataCopy.with_private == with_private)
        under_way: DataCopy | None = DataCopy.get_or_none(same & DataCopy.stored_at.is_null())
        if under_way is not None:
            return under_way
        if throttle.count(bucket, within=timedelta(days=1), now=now) >= A_DAY:
            raise TooMany(_("So many copies cannot be made in a day. Please ask again tomorrow."), retry_after=86400)
        throttle.hit(bucket, now=now)
        made: DataCopy = DataCopy.create(
            account=person.account,
            beneficiary=person,
            with_private=with_private,
            language=language,
            asked_at=now,
        )
        audit.note("DataCopyAsked", person.uid, by=by, now=now, copy=made.uid, private=with_private)
        jobs.enqueue(make_copy, made.id)
    return made


@jobs.job
def make_copy(copy_id: int, now: datetime) -> None:
    """Pack one copy. Idempotent. A failed attempt releases its lease and is retried."""
    row = LEASES.take(copy_id, now)
    if row is None:
        return
    with LEASES.giving_back(row, now), speaking(row.language):
        require_no_transaction()
        if not disk.has_room():
            raise Unavailable(_("The portal has no room for files just now."), retry_after=900)
        person = row.beneficiary
        told = contents.told_of(person, is_opened=row.with_private, now=now)
        visits, files = of_visits.told_of(person, is_opened=row.with_private, now=now)
        DataCopy.update(total=len(files) + 1, done=0).where(DataCopy.id == row.id).execute()
        size, sha256 = packing.pack(_key(row), told | visits, files, done=lambda number: _tell(row, number))
    ends_at = now + timedelta(days=RightsRules.in_force().data_copy_days)
    with write():
        if LEASES.done(row, size=size, sha256=sha256, stored_at=now, ends_at=ends_at, done=len(files) + 1):
            audit.note("DataCopyMade", person.uid, by=SYSTEM, now=now, copy=row.uid)


def copies_of(account: Account, now: datetime) -> list[DataCopy]:
    """List the copies of this account's people that are under way or can be fetched, the newest first."""
    rows = DataCopy.select(DataCopy, Beneficiary, RegisterEntry).join(Beneficiary).join(RegisterEntry)
    standing = DataCopy.ends_at.is_null() | (DataCopy.ends_at > now)
    return list(rows.where((DataCopy.account == account) & standing).order_by(DataCopy.id.desc()))


def open_copy(
    account: Account, uid: str, opened: Collection[int], *, by: Actor, now: datetime
) -> tuple[DataCopy, IO[bytes]]:
    """Get the file of an own copy, verified, and audit that it was fetched.

    `opened`: the people whose private visits are open to who asks; a copy that holds such visits is fetched only then.
    Raises NotFound for anybody else's and after its end, Unavailable until it is made, OutOfService when it is damaged.
    """
    row: DataCopy | None = DataCopy.get_or_none((DataCopy.uid == uid) & (DataCopy.account == account))
    if row is None or (row.ends_at is not None and row.ends_at <= now) or is_closed(row, opened):
        raise NotFound
    if row.stored_at is None:
        raise Unavailable(_("The copy is being made. Please try again in a moment."), retry_after=5)
    file = current.fetched(_key(row), row.sha256)
    if file is None:
        log.error("data_copy_damaged", copy=row.uid)
        raise OutOfService(_("This file is not available. Please ask for a new copy."), retry_after=60)
    audit.note("DataCopyFetched", row.beneficiary.uid, by=by, now=now, copy=row.uid)
    return row, file


def is_closed(row: DataCopy, opened: Collection[int]) -> bool:
    """Tell whether a copy holds private visits that are not open to who asks."""
    return row.with_private and row.beneficiary_id not in opened


def delete_copy(account: Account, uid: str, *, by: Actor, now: datetime) -> None:
    """Delete an own copy before its end. Raises NotFound for anybody else's."""
    row: DataCopy | None = DataCopy.get_or_none((DataCopy.uid == uid) & (DataCopy.account == account))
    if row is None:
        raise NotFound
    _delete(row, by=by, now=now)


@jobs.sweep(every=30)
def sweep_copies(now: datetime) -> None:
    """Re-enqueue copies that a crash or a lost queue left unmade, and delete those that are over."""
    for row in DataCopy.select(DataCopy.id).where(LEASES.waiting(now)).order_by(DataCopy.id).limit(20):
        jobs.enqueue(make_copy, row.id)
    for row in DataCopy.select().where(DataCopy.ends_at <= now).limit(100):
        _delete(row, by=SYSTEM, now=now)


@jobs.sweep(every=3600)
def sweep_copy_files(now: datetime) -> None:
    """Delete files that no row names, as a crash between row and file leaves: a copy can be made anew."""
    known = {row.uid for row in DataCopy.select(DataCopy.uid)}
    for each in list(current.store().listed(current.COPIES)):
        if each.name.partition(".")[0] not in known:
            current.store().delete(each.key)


def _delete(row: DataCopy, *, by: Actor, now: datetime) -> None:
    """Delete the row, then its file: the sweep of files finishes what a crash leaves."""
    with write():
        if DataCopy.delete().where(DataCopy.id == row.id).execute():
            audit.note("DataCopyDeleted", row.beneficiary.uid, by=by, now=now, copy=row.uid)
    with suppress(OSError):
        current.store().delete(_key(row))


def _tell(row: DataCopy, number: int) -> None:
    DataCopy.update(done=number).where(DataCopy.id == row.id).execute()


def _key(row: DataCopy) -> str:
    return f"{current.COPIES}/{row.uid}.zip"
