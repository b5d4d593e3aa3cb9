"""Whether a PDF that somebody hands in is the file that was issued, to the byte.

A signature alone does not prove it: a change in the gap that holds the signature goes unseen, so the checksum of the
issued file decides (docs/rules/safety.md, S57).
"""

import hashlib
import re
from typing import Literal

from portal.core.paper import stamps
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import Prescription, PrescriptionFile

LARGEST = 256 * 1024  # bytes; the longest prescription that can be issued has fewer
Proof = Literal["genuine", "altered", "replaced", "cancelled"]
_CHECKSUM = re.compile("[0-9a-f]{64}")


def checksum_of(content: bytes) -> str:
    """Compute the checksum by which files are compared (SHA-256, hex)."""
    return hashlib.sha256(content).hexdigest()


def read_checksum(text: str) -> str:
    """Read a checksum as a browser computed it; "" for anything else."""
    plain = text.strip().lower()
    return plain if _CHECKSUM.fullmatch(plain) else ""


def proof_of(issued: Prescription, checksum: str) -> Proof:
    """Say what a file of this checksum is under the code of a prescription: altered unless we made it so."""
    if issued.stored_at is None:
        return "altered"
    state: Proof = "replaced" if issued.replaced_at else "cancelled" if issued.cancelled_at else "genuine"
    is_ours = reading.kind_of(issued, checksum) or (state != "genuine" and checksum == _with_stamp(issued, state))
    return state if is_ours else "altered"


def issued_as(checksum: str) -> Prescription | None:
    """Find the prescription that has a stored file with this checksum."""
    if not checksum:
        return None
    stored = (Prescription.sha256 == checksum) & Prescription.stored_at.is_null(False)
    found: Prescription | None = Prescription.get_or_none(stored)
    if found is None:
        later = PrescriptionFile.get_or_none(PrescriptionFile.sha256 == checksum)
        found = later.prescription if later else None
    return found


def _with_stamp(issued: Prescription, stamp: str) -> str:
    """Compute the checksum of the file as it is served once it no longer holds; "" when it is damaged."""
    content = reading.content_of(issued, "issued")
    return checksum_of(stamps.stamped(content, stamp)) if content else ""
