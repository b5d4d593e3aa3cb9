"""`portal audit verify`: the stretches of the audit log, shared out among processes."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from portal import config
from portal.server import tables
from portal.work import audit_chain
from portal.work.audit_published import Head


def verify(heads: Iterable[Head], processes: int) -> Iterator[str]:
    """Yield a sentence for each break, as audit_chain.verify does, from several processes."""
    if processes == 1:
        yield from audit_chain.verify(heads)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), tables.open_tables, (config.load(),)) as pool:
        for breaks in pool.map(audit_chain.check, audit_chain.stretches()):
            yield from breaks
    yield from audit_chain.check_ends(heads)
