"""Signing of PDFs, from the worker: bytes go to a child process, and bytes come back. The keys stay in the child."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from portal.core.signing import places
from portal.core.signing.framing import pack, unpack
from portal.core.signing.places import Place
from portal.sandbox.child_process import ChildPool, cores

SECONDS = 25  # timeout: twenty milliseconds of work, and a time stamp's way
MEMORY = 2**30
DOCUMENTS = 5000


@dataclass(frozen=True)
class Outgoing:
    """What the child is told besides the document: its reason for the signature, and the time stamp authority."""

    reason: str
    timestamp: str = ""
    internal_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Signed:
    """A signed document. `by`: name on the certificate; `problems`: why an earlier choice did not sign, by owner."""

    content: bytes
    by: str
    problems: dict[str, str]


class NotSigned(RuntimeError):
    """No key could sign; the message says why."""


@cache
def signers() -> ChildPool:
    """The pool of signing processes, one per core."""
    return ChildPool("portal.core.signing.child", size=cores(), memory=MEMORY, seconds=SECONDS, documents=DOCUMENTS)


def sign(pdf: bytes, keys: list[Place], told: Outgoing, *, now: datetime) -> Signed:
    """Sign with the first key that can. Raises NotSigned, or ChildFailed and WorkFailed of the child process."""
    asked = {
        "places": [place.to_json() for place in keys],
        "moment": now.isoformat(),
        "reason": told.reason,
        "timestamp": told.timestamp,
        "internal_hosts": sorted(told.internal_hosts),
    }
    answer, signed = unpack(signers().run(pack(asked, pdf)))
    if not signed:
        raise NotSigned("; ".join(f"{owner or 'certificate'} {why}" for owner, why in answer["problems"].items()))
    return Signed(signed, answer["by"], answer["problems"])


def describe() -> list[dict[str, Any]]:
    """Describe all certificates in use, by owner: their days, and what is wrong with them."""
    found = places.current()
    if found is None:
        return []
    answer, _none = unpack(signers().run(pack({"places": [place.to_json() for place in found.all()]})))
    certificates: list[dict[str, Any]] = answer["certificates"]
    return certificates
