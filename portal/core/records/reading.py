"""Listing and serving health records: who may read which."""

from datetime import datetime
from typing import Any

import peewee
import structlog

from portal.base import clock
from portal.base.errors import NotFound, OutOfService
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, Staff
from portal.core.records import files
from portal.core.records.cleaning import sandbox
from portal.core.records.models import READABLE, Record
from portal.core.records.uploads import limits
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE, OPEN, READY
from portal.store.prepared import Prepared
from portal.work import audit, damage
from portal.work.audit import Actor

log = structlog.get_logger(__name__)


@Prepared
def _of_visit(visit: object) -> peewee.Select:
    return Record.select().where(Record.visit == visit).order_by(Record.id)


def records_of(visit: Visit) -> list[Record]:
    """List the records of a visit, in the order they came."""
    return _of_visit.all(visit)


def overview_of(visit: Visit) -> dict[str, Any]:
    """Return the records of a visit and the family's permissions, for its page."""
    found = records_of(visit)
    return {
        "records": found,
        "is_checking": any(one.state == "checking" for one in found),
        "may_remove": may_remove(visit),
        "may_add": visit.state in OPEN,
        **limits(),
    }


def may_remove(visit: Visit) -> bool:
    """Tell whether the family may still remove records of this visit."""
    return visit.state in READY


def open_for_account(account: Account, uid: str) -> Record:
    """Get a record of a beneficiary of this account. Raises NotFound for anybody else's."""
    found = Record.get_or_none(Record.uid == uid)
    if found is None or found.beneficiary.account_id != account.id:
        raise NotFound
    return found


def open_for_doctor(doctor: Staff, uid: str, *, by: Actor, now: datetime) -> Record:
    """Get a cleaned record of the doctor's current patient, and audit it. Raises NotFound otherwise."""
    found = Record.get_or_none((Record.uid == uid) & Record.state.in_(READABLE))
    if found is None or not _is_treating(doctor, found.beneficiary):
        raise NotFound
    audit.note("RecordRead", uid, by=by, now=now)
    return found


def page_of(found: Record, number: int) -> tuple[int, bytes]:
    """Return how many pages a PDF has, and one of them as a picture, drawn in the sandbox.

    None, and no picture, where the sandbox fails: the file itself can still be opened.
    """
    try:
        return sandbox.page_of(content(found), number)
    except sandbox.SandboxFailed as error:
        log.warning("page_not_drawn", record=found.uid, error=str(error))
        return 0, b""


def content(found: Record) -> bytes:
    """Read the file and verify its checksum. Raises OutOfService and an alarm when it is damaged."""
    data = files.intact(found.stored_name, found.sha256)
    damage.note("record", found.uid, is_intact=data is not None, now=clock.now())
    if data is None:
        log.error("record_damaged", record=found.uid)
        raise OutOfService(_("This file is not available. Please call the helpline."), retry_after=3600)
    return data


def _is_treating(doctor: Staff, person: object) -> bool:
    mine = (Visit.beneficiary == person) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    return bool(Visit.select().where(mine).exists())
