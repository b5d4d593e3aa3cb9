"""Certificates in use: looked at every five minutes, and their end told 60 days ahead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from portal.base.clock import clinic_day
from portal.base.language import gettext as _
from portal.base.language import show_date
from portal.core.signing import places, signatures
from portal.core.signing.models import SigningCertificate
from portal.sandbox.child_process import ChildFailed, WorkFailed
from portal.store.db import write
from portal.work import jobs

AHEAD = timedelta(days=60)
URGENT = timedelta(days=7)
DOCTORS_AHEAD = timedelta(days=30)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Notice:
    """What is to be done about a certificate; a note has time."""

    owner: str
    text: str
    is_note: bool


@jobs.sweep(every=300)
def sweep_certificates(now: datetime) -> None:
    """Look at every certificate, in the process that holds their keys."""
    try:
        found = signatures.describe()
    except (ChildFailed, WorkFailed) as error:
        log.warning("certificates_not_seen", reason=str(error))
        return
    keep_seen(found, now=now)


def keep_seen(found: list[dict[str, Any]], *, now: datetime) -> None:
    """Store what was found; what is no longer there goes."""
    with write():
        owners = [each["owner"] for each in found]
        SigningCertificate.delete().where(SigningCertificate.owner.not_in(owners)).execute()
        for each in found:
            values = _values(each) | {"seen_at": now}
            kept = {getattr(SigningCertificate, name): value for name, value in values.items()}
            SigningCertificate.insert(**values, owner=each["owner"]).on_conflict(
                conflict_target=[SigningCertificate.owner], update=kept
            ).execute()


def notices(now: datetime) -> Iterator[Notice]:
    """Say what is wrong with a certificate, or will be within 60 days. Nothing where nothing is signed."""
    if places.is_on():
        yield from notices_of(list(SigningCertificate.select().order_by(SigningCertificate.owner)), now)


def seen_now(found: list[dict[str, Any]]) -> list[SigningCertificate]:
    """Return what was found as rows that are not stored."""
    return [SigningCertificate(owner=each["owner"], **_values(each)) for each in found]


def notices_of(rows: list[SigningCertificate], now: datetime) -> Iterator[Notice]:
    """Say what is wrong with each of these, or will be within 60 days."""
    for row in rows:
        if row.problem:
            yield Notice(row.owner, _unusable(row), is_note=False)
        elif row.valid_until is not None and now >= row.valid_until - AHEAD:
            yield Notice(row.owner, _ending(row, now), is_note=now < row.valid_until - URGENT)


def told_to_doctor(username: str, now: datetime) -> str:
    """Say before the first call how this doctor's prescriptions will not be signed as usual; "" when they will (F47).

    A certificate's end is told 30 days ahead. Without one that signs, prescriptions hold and are signed later.
    """
    if not places.is_on():
        return ""
    rows = {row.owner: row for row in SigningCertificate.select()}
    own, shared = rows.get(username), rows.get(places.ORGANISATION)
    if signer := next((row for row in (own, shared) if row and _can_sign(row, now)), None):
        if own is not None and signer is not own:
            return _("Your certificate cannot sign any more: the organisation's signs instead. Tell the administrator.")
        if signer.valid_until is None or now < signer.valid_until - DOCTORS_AHEAD:
            return ""
        day = show_date(clinic_day(signer.valid_until))
        return _("The certificate that signs your prescriptions runs out on %(day)s. Tell the administrator.", day=day)
    return _("Nothing can be signed now: what you issue holds, and is signed later. Tell the administrator.")


def _can_sign(row: SigningCertificate, now: datetime) -> bool:
    return (not row.problem or _is_exposed(row)) and (row.valid_until is None or now < row.valid_until)


def _is_exposed(row: SigningCertificate) -> bool:
    return bool(row.problem.startswith(places.EXPOSED))


def _unusable(row: SigningCertificate) -> str:
    if _is_exposed(row):
        return _(
            "Whoever is on this machine can take a key that signs prescriptions: it %(reason)s", reason=row.problem
        )
    if row.owner == places.ORGANISATION:
        return _(
            "The organisation's certificate cannot sign, so prescriptions are issued unsigned: it %(reason)s",
            reason=row.problem,
        )
    return _("The certificate of %(owner)s cannot sign: it %(reason)s", owner=row.owner, reason=row.problem)


def _ending(row: SigningCertificate, now: datetime) -> str:
    day, is_over = show_date(clinic_day(row.valid_until)), now >= row.valid_until
    if row.owner == places.ORGANISATION:
        if is_over:
            return _("The organisation's certificate ran out on %(day)s: prescriptions are issued unsigned.", day=day)
        return _("The organisation's certificate for signing prescriptions runs out on %(day)s.", day=day)
    if is_over:
        return _(
            "The certificate of %(owner)s ran out on %(day)s: the organisation's signs instead.",
            owner=row.owner,
            day=day,
        )
    return _("The certificate of %(owner)s for signing prescriptions runs out on %(day)s.", owner=row.owner, day=day)


def _values(each: dict[str, Any]) -> dict[str, Any]:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(each[name]) if each.get(name) else None

    texts = {name: each.get(name, "")[:most] for name, most in (("subject", 200), ("issuer", 400), ("serial", 60))}
    return texts | {
        "problem": each["problem"][:300],
        "valid_from": moment("valid_from"),
        "valid_until": moment("valid_until"),
    }
