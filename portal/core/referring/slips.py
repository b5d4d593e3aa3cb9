"""Slips of referrals as PDF: ordered with the referral, printed by the worker under a lease, made anew when lost."""

from datetime import datetime, timedelta

import structlog

from portal.base import clock
from portal.base.clock import clinic_day
from portal.base.errors import Conflict, Unavailable
from portal.base.language import gettext as _
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.paper import pdf, slip
from portal.core.paper.content import Centre
from portal.core.referrals.events import ReferralExtended, ReferralIssued
from portal.core.referrals.models import Referral
from portal.core.referring.models import ReferralSlip
from portal.settings.clinic import PageWords
from portal.store.db import claim, require_no_transaction, write
from portal.store.filing import current
from portal.work import jobs
from portal.work.events import Event, listener
from portal.work.leases import BackOff, Leases

MAKING_SECONDS = 3
LEASES = Leases(
    ReferralSlip,
    timedelta(seconds=pdf.SECONDS + 15),
    BackOff(first=5, longest=300),
    is_open=ReferralSlip.stored_at.is_null(),
)
log = structlog.get_logger(__name__)
_address = ""


def install(base_url: str) -> None:
    """Set the address that slips print (the application factory does)."""
    global _address
    _address = f"{base_url.rstrip('/')}/tokens/new"


@listener(ReferralIssued, ReferralExtended)
def order_slip(event: Event, now: datetime) -> None:
    """Order the slip, or a new edition of it. Idempotent: a further edition says the same."""
    _order(Referral.get(Referral.uid == event.subject))


def slip_of(referral: Referral) -> bytes:
    """Read the slip. Raises Conflict when the referral is withdrawn, Unavailable until it is made."""
    if referral.cancelled_at:
        raise Conflict(_("This referral was withdrawn. It has no slip any more."))
    row = ReferralSlip.get_or_none(ReferralSlip.referral == referral)
    content = current.intact(_key(referral), row.sha256) if row and row.stored_at else None
    if content is not None:
        return content
    if row is None or row.stored_at:  # of before there were slips, or lost: it says what the rows say
        _order(referral)
    raise Unavailable(_("The slip is being made. Please try again in a moment."), retry_after=MAKING_SECONDS)


@jobs.in_lane("files")
def make_slip(slip_id: int, now: datetime) -> None:
    """Print and store one slip. Idempotent. A failed attempt releases its lease and is retried."""
    with pdf.printers().reserved() as ask:
        now = max(now, clock.now())  # waiting for a child does not shorten the lease
        row = LEASES.take(slip_id, now)
        if row is None:
            return
        with LEASES.giving_back(row, now):
            sha256 = _keep(row.referral, ask(slip.request_of(content_of(row.referral))))
        mine = (ReferralSlip.id == row.id) & (ReferralSlip.edition == row.edition) & ReferralSlip.stored_at.is_null()
        claim(ReferralSlip.update(sha256=sha256, stored_at=now, lease_until=None).where(mine))


@jobs.sweep(every=10)
def sweep_slips(now: datetime) -> None:
    """Re-enqueue slips that a crash or a lost queue left unmade."""
    for row in ReferralSlip.select(ReferralSlip.id).where(LEASES.waiting(now)).order_by(ReferralSlip.id).limit(20):
        jobs.enqueue(make_slip, row.id)


def content_of(referral: Referral) -> slip.Slip:
    """Compose what is printed, as the rows are now."""
    entry, officer, specialty, clinic = referral.entry, referral.officer, referral.specialty, PageWords.in_force()
    person = Beneficiary.get_or_none(Beneficiary.entry == entry)
    return slip.Slip(
        number=referral.number,
        issued_at=referral.issued_at,
        valid_until=referral.valid_until,
        consultations=referral.max_consults,
        urgent=referral.urgent,
        reason=referral.reason,
        specialty=specialty.name,
        specialty_hi=specialty.name_hi,
        name=entry.name,
        name_hi=entry.name_hi,
        age=age_on(entry.date_of_birth, clinic_day(referral.issued_at)),
        gender=entry.gender,
        ben_id=entry.ben_id,
        officer=officer.name,
        officer_hi=officer.name_hi,
        centre=Centre(referral.centre.code, referral.centre.name, referral.centre.name_hi),
        institution=clinic.institution,
        institution_address=clinic.institution_address,
        helpline=clinic.helpline,
        address=_address,
        language=person.language if person else "en",
    )


def _order(referral: Referral) -> None:
    fresh = {"edition": ReferralSlip.edition + 1, "stored_at": None, "lease_until": None, "tries": 0, "next_at": None}
    with write():
        if not ReferralSlip.update(**fresh).where(ReferralSlip.referral == referral).execute():
            ReferralSlip.insert(referral=referral).on_conflict_ignore().execute()
        jobs.enqueue(make_slip, ReferralSlip.get(ReferralSlip.referral == referral).id)


def _keep(referral: Referral, content: bytes) -> str:
    """Write the file atomically under the referral's own name; return its SHA-256."""
    require_no_transaction()
    return current.keep(_key(referral), content)


def _key(referral: Referral) -> str:
    return f"{current.SLIPS}/{referral.uid}"
