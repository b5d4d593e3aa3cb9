"""Sandbox for untrusted files: one child process per file, with limits of memory and time."""

import json
from collections.abc import Iterator
from typing import Any

from portal.core.records.cleaning.outcome import Cleaned, Refused
from portal.sandbox.child_process import ChildFailed, ChildPool, WorkFailed

MEMORY = 1024 * 2**20  # the address space, libraries included
SECONDS = 60
_pool = ChildPool("portal.core.records.cleaning.sandbox_work", size=2, memory=MEMORY, seconds=SECONDS, documents=1)


class SandboxFailed(RuntimeError):
    """Raised when the child crashed or hit its memory limit or timeout: one failed attempt."""


def clean(kind: str, content: bytes) -> Cleaned:
    """Sanitise a file and draw its previews. Raises Refused or SandboxFailed."""
    head, rest = _ask({"kind": kind}, content)
    copy, *previews = _parts(rest, head["sizes"])
    return Cleaned(head["kind"], copy, tuple(head["remarks"]), head["pages"], tuple(previews))


def unlocked(content: bytes, password: str) -> bytes | None:
    """Decrypt a PDF, or return None when the password is wrong. Raises Refused or SandboxFailed."""
    head, plain = _ask({"password": password}, content)
    return plain if head["opened"] else None


def page_of(content: bytes, number: int) -> tuple[int, bytes]:
    """Return how many pages a PDF has, and one of them as a JPEG; none for a number that it lacks.

    Raises SandboxFailed.
    """
    head, picture = _ask({"page": number}, content)
    return head["pages"], picture


def _parts(rest: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield rest[at : at + size]
        at += size


def _ask(wish: dict[str, str | int], content: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        answer = _pool.run(json.dumps(wish).encode() + b"\n" + content)
    except (ChildFailed, WorkFailed) as error:
        raise SandboxFailed(str(error)) from error
    line, _, rest = answer.partition(b"\n")
    head = json.loads(line)
    if "refused" in head:
        raise Refused(head["refused"])
    return head, rest
