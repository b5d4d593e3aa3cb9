"""Attaching, unlocking and removing health records, of visits, requests and referrals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO

from portal.base.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from portal.base.language import gettext as _
from portal.core.accounts.models import Account, Staff
from portal.core.beneficiaries.events import BeneficiaryRegistered
from portal.core.beneficiaries.models import Beneficiary
from portal.core.records import files, previews, reading
from portal.core.records.checking import clean_record
from portal.core.records.cleaning import sandbox
from portal.core.records.cleaning.outcome import Refused
from portal.core.records.events import RecordRemoved, RecordUnlocked, RecordUploaded
from portal.core.records.held import Basket
from portal.core.records.models import HeldUpload, Record
from portal.core.records.reading import content, may_remove, open_for_account
from portal.core.records.uploads import Refusal
from portal.core.referrals.checks import hands_over
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.core.visits.successors import moves_with_visit
from portal.store.db import release, write
from portal.work import jobs, throttle
from portal.work.audit import Actor
from portal.work.events import Event, listener, record

Place = Visit | ReferralRequest | Referral
PASSWORD_TRIES = 20  # rate limit an hour, per account: each costs a process
HOUR = timedelta(hours=1)


def attach(place: Place, basket: Basket, *, by: Actor, now: datetime, given_by: Staff | None = None) -> list[Record]:
    """Attach the held files as records; a job cleans each before anybody else sees it. `given_by`: the doctor who gives
    them to the patient.
    """
    if not basket.held:
        return []
    with write():
        return [_keep(place, one, given_by, by=by, now=now) for one in basket.held]


def add_to_visit(
    visit: Visit, basket: Basket, *, by: Actor, now: datetime, given_by: Staff | None = None
) -> Sequence[Refusal]:
    """Add the accepted files to an open visit; return the refusals. Raises Conflict when it is over."""
    if visit.state not in OPEN:
        raise Conflict(_("This visit is over; records can no longer be added to it."))
    if not basket.held and not basket.refused:
        raise Invalid({"records": _("Choose at least one file.")})
    attach(visit, basket, by=by, now=now, given_by=given_by)
    return basket.refused


def remove(reader: Account | Staff, uid: str, *, by: Actor, now: datetime) -> Record:
    """Delete a record: the family's own before the consultation or the answer, an officer's before a consultation, a
    doctor's while the visit lasts.

    Raises NotFound for others', Conflict after that.
    """
    found = _own(reader, uid)
    if not may_remove(found):
        if found.given_by_id is not None:
            raise Conflict(_("This visit is over; the patient keeps the file."))
        raise Conflict(_("This record can no longer be removed: it belongs to the consultation, or must be kept."))
    with write():
        names = [found.stored_name, *previews.names_of(found)]
        found.delete_instance()
        record(RecordRemoved(), uid, by=by, now=now)
    previews.forget(names)
    return found


def unlock(account: Account, uid: str, password: str, *, by: Actor, now: datetime) -> Record:
    """Decrypt a PDF; its password is never stored. Raises Invalid for a wrong one, TooMany over the rate limit."""
    found = open_for_account(account, uid)
    if found.state != "locked":
        raise Conflict(_("This file asks for no password."))
    if throttle.count(f"record-password {account.id}", within=HOUR, now=now) >= PASSWORD_TRIES:
        raise TooMany(_("Too many passwords were tried. Please try again in an hour."), retry_after=3600)
    throttle.hit(f"record-password {account.id}", now=now)
    locked = content(found)
    release()
    stored = files.store(BytesIO(_without_lock(locked, password)))
    mine = (Record.id == found.id) & (Record.state == "locked")
    with write():
        Record.update(
            state="checking",
            refusal="",
            tries=0,
            uploaded_at=now,
            stored_name=stored.name,
            size=stored.size,
            sha256=stored.sha256,
        ).where(mine).execute()
        record(RecordUnlocked(), uid, by=by, now=now)
        jobs.enqueue(clean_record, found.id)
    files.forget(found.stored_name)
    return found


def _own(reader: Account | Staff, uid: str) -> Record:
    if isinstance(reader, Staff):
        return reading.given_by(reader, uid) if reader.role == "doctor" else reading.attached_by_centre(reader, uid)
    found = open_for_account(reader, uid)
    if found.given_by_id is not None:
        raise NotFound
    return found


def _keep(place: Place, one: HeldUpload, given_by: Staff | None, *, by: Actor, now: datetime) -> Record:
    of, told = _of(place)
    kept = keep_held(one, now=now, given_by=given_by, **of)
    record(told, kept.uid, by=by, now=now)
    return kept


def keep_held(one: HeldUpload, *, now: datetime, **of: object) -> Record:
    """Make a held file a record in the caller's transaction; a job cleans it. `of`: the columns of where it belongs."""
    kept: Record = Record.create(
        **of,
        title=one.title,
        kind=one.kind,
        stored_name=one.stored_name,
        size=one.size,
        sha256=one.sha256,
        uploaded_at=now,
    )
    HeldUpload.delete().where(HeldUpload.id == one.id).execute()
    jobs.enqueue(clean_record, kept.id)
    return kept


def _of(place: Place) -> tuple[dict[str, object], RecordUploaded]:
    """Return the columns that say where a record belongs, and the event that tells it."""
    if isinstance(place, Visit):
        return {"visit": place, "beneficiary": place.beneficiary}, RecordUploaded(visit=place.uid)
    if isinstance(place, ReferralRequest):
        return {"request": place, "beneficiary": place.beneficiary}, RecordUploaded(request=place.uid)
    person = Beneficiary.get_or_none(Beneficiary.entry == place.entry)
    return {"referral": place, "beneficiary": person}, RecordUploaded(referral=place.uid)


def _without_lock(locked: bytes, password: str) -> bytes:
    try:
        plain = sandbox.unlocked(locked, password)
    except Refused as error:
        raise Invalid({"password": _("The file could not be made safe.")}) from error
    except sandbox.SandboxFailed as error:
        raise Unavailable(_("The file could not be opened just now. Please try again."), retry_after=10) from error
    if plain is None:
        raise Invalid({"password": _("This password does not open the file.")})
    return plain


@listener(BeneficiaryRegistered)
def join_person(event: Event, now: datetime) -> None:
    """Give the person who registers what an officer attached to his referrals before. Idempotent."""
    person = Beneficiary.get(Beneficiary.uid == event.subject)
    own = Referral.select(Referral.id).where(Referral.entry == person.entry)
    unclaimed = Record.referral.in_(own) & Record.beneficiary.is_null()
    Record.update(beneficiary=person).where(unclaimed).execute()


@hands_over
def go_along(old: Referral, new: Referral) -> None:
    """Move the records along with a referral that a new one replaces."""
    Record.update(referral=new).where(Record.referral == old).execute()


@moves_with_visit
def follow(visit: Visit, other: Visit) -> None:
    """Move the records along with a visit that is transferred or carried over."""
    Record.update(visit=other).where(Record.visit == visit).execute()
