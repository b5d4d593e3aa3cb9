"""Consents: explicit, withdrawn as easily, never deleted."""

from datetime import datetime

from portal.core.beneficiaries.events import ConsentGiven, ConsentWithdrawn
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.beneficiaries.services import give_consent
from portal.store.db import write
from portal.work.audit import Actor
from portal.work.events import record

SHARING = "sharing"  # documents are sent to an external health-record system


def current_consent(person: Beneficiary, purpose: str) -> Consent | None:
    """Return the consent in force for a purpose, or None."""
    found: Consent | None = (
        Consent.select()
        .where((Consent.beneficiary == person) & (Consent.purpose == purpose) & Consent.withdrawn_at.is_null())
        .order_by(Consent.id.desc())
        .first()
    )
    return found


def set_consent(
    person: Beneficiary, purpose: str, agreed: bool, *, by: Actor, language: str, now: datetime
) -> Consent | None:
    """Give or withdraw a consent; idempotent. Returns the consent in force."""
    with write():
        standing = current_consent(person, purpose)
        if agreed == bool(standing):
            return standing
        record(ConsentGiven(purpose) if agreed else ConsentWithdrawn(purpose), person.uid, by=by, now=now)
        if agreed:
            return give_consent(person, purpose, by=by, language=language, now=now)
        open_ones = (Consent.beneficiary == person) & (Consent.purpose == purpose) & Consent.withdrawn_at.is_null()
        Consent.update(withdrawn_at=now).where(open_ones).execute()
        return None
