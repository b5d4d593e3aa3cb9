"""Files of strangers are opened in processes of their own, one file each, with limits of memory and time."""

import json
from typing import Any

from portal.core.records.cleaning.outcome import Cleaned, Refused
from portal.sandbox.child_process import ChildFailed, ChildPool, WorkFailed

MEMORY = 1024 * 2**20  # the address space, libraries included
SECONDS = 60
_pool = ChildPool("portal.core.records.cleaning.sandbox_work", size=2, memory=MEMORY, seconds=SECONDS, documents=1)


class SandboxFailed(RuntimeError):
    """The file was too much for the process that had it, or the process for the file: one failed try."""


def clean(kind: str, content: bytes) -> Cleaned:
    """A harmless copy. Raises Refused or SandboxFailed."""
    head, copy = _ask({"kind": kind}, content)
    return Cleaned(head["kind"], copy, tuple(head["remarks"]))


def unlocked(content: bytes, password: str) -> bytes | None:
    """A locked PDF without its lock, or None when the password is wrong. Raises Refused or SandboxFailed."""
    head, plain = _ask({"password": password}, content)
    return plain if head["opened"] else None


def _ask(wish: dict[str, str], content: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        answer = _pool.run(json.dumps(wish).encode() + b"\n" + content)
    except (ChildFailed, WorkFailed) as error:
        raise SandboxFailed(str(error)) from error
    line, _, rest = answer.partition(b"\n")
    head = json.loads(line)
    if "refused" in head:
        raise Refused(head["refused"])
    return head, rest
