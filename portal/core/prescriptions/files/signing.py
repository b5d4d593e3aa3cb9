"""Who signs a file of a prescription, and storing it."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from portal.base import outbound
from portal.base.keys import random_uid
from portal.core.prescriptions import storage
from portal.core.prescriptions.models import Prescription
from portal.core.signing import places, signatures
from portal.core.signing.signatures import NotSigned, Outgoing
from portal.sandbox.child_process import ChildFailed, WorkFailed

FAILURES = (NotSigned, ChildFailed, WorkFailed)
REASONS = {"issued": "Issued: {}", "cancelled": "Cancelled: {}", "replaced": "Replaced: {}"}
LONGEST_NAME = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Kept:
    """A stored file. `signed_by`: the name on the certificate, "" when it is not signed."""

    name: str
    sha256: str
    signed_by: str


def sign(content: bytes, issued: Prescription, kind: str, *, now: datetime) -> tuple[bytes, str]:
    """Sign a file and return it with the signer's name; unchanged with "" where nothing is signed. Raises FAILURES.

    The author's own key signs what the author issued, where there is one. A stamp is the organisation's.
    """
    found = places.current()
    if found is None:
        return content, ""
    keys = found.for_author(issued.doctor.username) if kind == "issued" else [found.organisation]
    told = Outgoing(
        reason=REASONS[kind].format(issued.number),
        timestamp=found.timestamp,
        internal_hosts=outbound.internal_hosts(),
    )
    signed = signatures.sign(content, keys, told, now=now)
    for owner, why in signed.problems.items():
        log.warning("signature_second_choice", prescription=issued.uid, owner=owner, reason=why)
    return signed.content, signed.by[:LONGEST_NAME]


def try_sign(content: bytes, issued: Prescription, *, now: datetime) -> tuple[bytes, str]:
    """Sign a new file as `sign` does, or return it unsigned: nobody waits for a medicine because of a signature.

    Raises ChildFailed at the first attempt: it is retried at once, and mostly succeeds.
    """
    try:
        return sign(content, issued, "issued", now=now)
    except FAILURES as error:
        if issued.tries == 0 and isinstance(error, ChildFailed):
            raise
        reason = str(error)
    log.error("prescription_not_signed", prescription=issued.uid, kind="issued", reason=reason)
    return content, ""


def keep(content: bytes, signed_by: str) -> Kept:
    """Store a file under a name of its own: no two signatures are the same, so an attempt never overwrites another."""
    name = f"{random_uid()}.pdf"
    return Kept(name, storage.keep(name, content), signed_by)
