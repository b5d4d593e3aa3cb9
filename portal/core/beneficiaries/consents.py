"""Consents: explicit, withdrawn as easily, never deleted."""

from datetime import datetime

import peewee

from portal.base.errors import NotFound
from portal.core.beneficiaries.events import ConsentGiven, ConsentWithdrawn
from portal.core.beneficiaries.models import Beneficiary, Consent
from portal.core.beneficiaries.services import give_consent
from portal.store.db import write
from portal.store.prepared import Prepared
from portal.work.audit import Actor
from portal.work.events import record

REGISTRATION, CONSULTATION = "registration", "consultation"
SHARING = "sharing"  # documents are sent to an external health-record system
GIVEN_NAMED = "2026-12"  # the first text of SHARING that names the medicines given


def current_consent(person: Beneficiary, purpose: str, *, named_in: str = "") -> Consent | None:
    """Return the newest consent in force for a purpose, or None.

    `named_in`: the version of the text that first named what is to be done. A consent to an earlier text does not count
    for it, as a consent is specific (DPDP Act 2023 s.6(1)).
    """
    found: Consent | None = (
        Consent.select()
        .where((Consent.beneficiary == person) & (Consent.purpose == purpose) & Consent.withdrawn_at.is_null())
        .where(Consent.version >= named_in)
        .order_by(Consent.id.desc())
        .first()
    )
    return found


def widen_sharing(person: Beneficiary, *, by: Actor, language: str, now: datetime) -> Consent:
    """Give the consent to today's text of SHARING, which names the medicines given; idempotent.

    Raises NotFound without a consent to share.
    """
    with write():
        standing = current_consent(person, SHARING)
        if standing is None:
            raise NotFound
        if is_whole(standing):
            return standing
        record(ConsentGiven(SHARING), person.uid, by=by, now=now)
        return give_consent(person, SHARING, by=by, language=language, now=now)


def is_whole(consent: Consent) -> bool:
    """Did its text name all that is done for its purpose today?"""
    return bool(consent.purpose != SHARING or consent.version >= GIVEN_NAMED)


@Prepared
def _newest(person: object, purpose: object) -> peewee.Select:
    rows = Consent.select(Consent.withdrawn_at).where((Consent.beneficiary == person) & (Consent.purpose == purpose))
    return rows.order_by(Consent.id.desc()).limit(1)


def has_withdrawn(person: Beneficiary, purpose: str) -> bool:
    """Tell whether a consent was given, and none is in force any more."""
    newest = _newest.first(person, purpose)
    return newest is not None and newest.withdrawn_at is not None


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
