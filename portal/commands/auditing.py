"""`portal audit verify`: the stretches of the audit log, shared out among processes; and its nightly form."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from portal import config
from portal.base import clock
from portal.server import tables
from portal.work import audit_chain
from portal.work.audit_published import Head, heads_in
from portal.work.proving import nightly
from portal.work.proving.checks import AuditCheck
from portal.work.proving.sections import check_sections

RECENT = 200_000  # bytes of the file of heads: some weeks


def verify(heads: Iterable[Head], processes: int) -> Iterator[str]:
    """Yield a sentence for each break, as audit_chain.verify does, from several processes."""
    if processes == 1:
        yield from audit_chain.verify(heads)
        yield from check_sections()
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), tables.open_tables, (config.load(),)) as pool:
        for breaks in pool.map(audit_chain.check, audit_chain.stretches()):
            yield from breaks
    yield from audit_chain.check_ends(heads)
    yield from check_sections()


def verify_nightly() -> AuditCheck:
    """Verify all chains, compare the heads of some weeks in the file, and put on record what was found."""
    return nightly.put_on_record(verify(_told(config.load().audit_heads), 1), now=clock.now())


def _told(file: Path | None) -> list[Head]:
    """Read the newest heads of the file. One that cannot be read is told as unheard already (audit_heads)."""
    try:
        return heads_in(file.read_bytes()[-RECENT:].decode(errors="replace")) if file else []
    except OSError:
        return []
