"""Listing and serving health records: who may read which."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import peewee
import structlog

from portal.base import clock
from portal.base.errors import NotFound, OutOfService
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, Staff
from portal.core.records import files, previews
from portal.core.records.cleaning import sandbox
from portal.core.records.models import READABLE, Record
from portal.core.records.uploads import limits
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.referrals.requests import OPEN as OPEN_REQUEST
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE, OPEN, READY
from portal.store.prepared import Prepared
from portal.store.versions import version_of
from portal.work import audit, damage
from portal.work.audit import Actor, AuditRow

SITTING = timedelta(minutes=15)
Holds = Callable[[Record], bool]
log = structlog.get_logger(__name__)
_held: list[Holds] = []


def holds_records(function: Holds) -> Holds:
    """Register a function that tells whether a record must not be removed now."""
    _held.append(function)
    return function


@Prepared
def _of_visit(visit: object) -> peewee.Select:
    return Record.select().where(Record.visit == visit).order_by(Record.id)


@Prepared
def _before_doctor(visit: object, referral: object) -> peewee.Select:
    """By a union: for an OR with a subquery, PostgreSQL reads every record there is."""
    ids = Record.select(Record.id)
    answered = ids.join(ReferralRequest).where(ReferralRequest.referral == referral)
    found = ids.where(Record.visit == visit) | ids.where(Record.referral == referral) | answered
    return Record.select().where(Record.id.in_(found)).order_by(Record.id)


def records_of(visit: Visit) -> list[Record]:
    """List the records of a visit, in the order they came."""
    return _of_visit.all(visit)


def before_doctor(visit: Visit) -> list[Record]:
    """List what the doctor reads of a visit: its records, and those that came with its referral."""
    return _before_doctor.all(visit, visit.referral_id or 0)


def on_referral(referral: Referral) -> list[Record]:
    """List what goes along with a referral: the officer's papers, and those of the request it answers."""
    return _before_doctor.all(0, referral)


def on_request(request: ReferralRequest) -> list[Record]:
    """List what the family sent with a request."""
    return list(Record.select().where(Record.request == request).order_by(Record.id))


def overview_of(visit: Visit) -> dict[str, Any]:
    """Return the records of a visit and the family's permissions, for its page."""
    found = [one for one in records_of(visit) if one.is_familys]
    return _listed(visit, found) | {
        "is_checking": any(one.state == "checking" for one in found),
        "may_remove": visit.state in READY,
        "may_add": visit.state in OPEN,
        **limits(),
    }


def papers_of(visit: Visit) -> dict[str, Any]:
    """Return what the doctor reads of a visit, and the limits of what the doctor gives."""
    return _listed(visit, before_doctor(visit)) | limits()


def _listed(visit: Visit, found: list[Record]) -> dict[str, Any]:
    """Return a list for its page; `seen` changes with it, and while the call lasts the page asks again."""
    states = {one.uid: f"{one.state} {one.refusal}" for one in found}
    return {
        "records": found,
        "thumbnails": previews.with_thumbnails(found),
        "is_live": visit.state in ACTIVE,
        "seen": version_of(states | {"visit": visit.state}),
    }


def visit_with(doctor: Staff, uid: str) -> Visit:
    """Get a visit that this doctor has now. Raises NotFound for any other, and afterwards."""
    mine = (Visit.uid == uid) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    found: Visit | None = Visit.get_or_none(mine)
    if found is None:
        raise NotFound
    return found


def is_over_with(doctor: Staff, uid: str) -> bool:
    """Tell whether this doctor had this visit, and it is over."""
    mine = (Visit.uid == uid) & (Visit.doctor == doctor) & Visit.state.not_in(ACTIVE)
    return Visit.select().where(mine).exists()


def may_remove(found: Record) -> bool:
    """Tell whether this record may still be removed: nobody has begun to rely on it, and nothing holds it."""
    if any(is_held(found) for is_held in _held):
        return False
    if found.given_by_id is not None:
        visit = found.visit
        return visit is not None and visit.state in ACTIVE and visit.doctor_id == found.given_by_id
    if found.visit is not None:
        return found.visit.state in READY
    if found.request is not None:
        return bool(found.request.state == OPEN_REQUEST)
    begun = (Visit.referral == found.referral) & Visit.state.not_in(READY)
    return not Visit.select().where(begun).exists()


def open_for_officer(officer: Staff, uid: str, *, by: Actor, now: datetime) -> Record:
    """Get a cleaned record of a request or referral of the officer's centre, audited. Raises NotFound otherwise."""
    found = Record.get_or_none((Record.uid == uid) & Record.state.in_(READABLE))
    if found is None or _centre_of(found) != officer.centre_id:
        raise NotFound
    _note_reading(uid, by, now)
    return found


def attached_by_centre(officer: Staff, uid: str) -> Record:
    """Get a record that an officer of this centre attached to a referral. Raises NotFound for any other."""
    found: Record | None = Record.get_or_none((Record.uid == uid) & Record.referral.is_null(False))
    if found is None or _centre_of(found) != officer.centre_id:
        raise NotFound
    return found


def given_by(doctor: Staff, uid: str) -> Record:
    """Get a record that this doctor gave to a patient. Raises NotFound for any other."""
    found: Record | None = Record.get_or_none((Record.uid == uid) & (Record.given_by == doctor))
    if found is None:
        raise NotFound
    return found


def open_for_account(account: Account, uid: str) -> Record:
    """Get a record of a beneficiary of this account. Raises NotFound for anybody else's, and for what a doctor gave
    before it is checked.
    """
    found = Record.get_or_none(Record.uid == uid)
    if found is None or found.beneficiary is None or found.beneficiary.account_id != account.id:
        raise NotFound
    if not found.is_familys:
        raise NotFound
    return found


def open_for_doctor(doctor: Staff, uid: str, *, by: Actor, now: datetime) -> Record:
    """Get a cleaned record of the doctor's current patient, and audit it. Raises NotFound otherwise.

    Its thumbnail and its pages come by requests of their own: all of one sitting are one reading.
    """
    found = Record.get_or_none((Record.uid == uid) & Record.state.in_(READABLE))
    if found is None or found.beneficiary is None or not _is_treating(doctor, found.beneficiary):
        raise NotFound
    _note_reading(uid, by, now)
    return found


def pages_of(found: Record) -> int:
    """Return how many pages a record has to be shown; none where that cannot be found out."""
    if found.kind != "pdf":
        return 1
    return _drawn(found, 0)[0] if found.pages is None else found.pages


def picture_of(found: Record, number: int) -> tuple[bytes, str]:
    """Return the picture of a page, counted from 1, or with THUMBNAIL of the first one in small; and its kind.

    One that was not stored is drawn in the sandbox. Raises NotFound where there is none.
    """
    stored = previews.picture_of(found, number)
    if stored:
        return stored, "jpeg"
    if found.kind != "pdf" and number == 1:
        return content(found), found.kind
    picture = _drawn(found, number)[1] if found.kind == "pdf" else b""
    if not picture:
        raise NotFound
    return picture, "jpeg"


def _drawn(found: Record, number: int) -> tuple[int, bytes]:
    """Draw a page of a PDF. None, and no picture, where the sandbox fails: the file itself can still be opened."""
    try:
        return sandbox.page_of(content(found), number)
    except sandbox.SandboxFailed as error:
        log.warning("page_not_drawn", record=found.uid, error=str(error))
        return 0, b""


def content(found: Record) -> bytes:
    """Read the file and verify its checksum. Raises OutOfService and an alarm when it is damaged."""
    data = files.intact(found.stored_name, found.sha256)
    damage.note(files.FOLDER, found.stored_name, is_intact=data is not None, now=clock.now())
    if data is None:
        log.error("record_damaged", record=found.uid)
        raise OutOfService(_("This file is not available. Please call the helpline."), retry_after=3600)
    return data


def _note_reading(uid: str, by: Actor, now: datetime) -> None:
    lately = (AuditRow.subject == uid) & (AuditRow.actor_uid == by.uid) & (AuditRow.at > now - SITTING)
    if not AuditRow.select().where(lately & (AuditRow.action == "RecordRead")).exists():
        audit.note("RecordRead", uid, by=by, now=now)


def _is_treating(doctor: Staff, person: object) -> bool:
    mine = (Visit.beneficiary == person) & (Visit.doctor == doctor) & Visit.state.in_(ACTIVE)
    return bool(Visit.select().where(mine).exists())


def _centre_of(found: Record) -> int | None:
    """Return the centre whose officers deal with a record: the person's, of a request or a referral; else None."""
    if found.request is not None:
        return int(found.request.beneficiary.entry.centre_id)
    return int(found.referral.entry.centre_id) if found.referral is not None else None
