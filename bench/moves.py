"""A session that runs: `python -m bench.moves RATE SECONDS` lets doctors call, see and complete patients.

Says a line for each move, once it is committed: the visit, its state, and when (processes share the monotonic clock).
"""

import random
import sys
import time

from portal.app import create_app
from portal.base import clock
from portal.base.errors import Conflict
from portal.core.visits import attendance, calling, services
from portal.core.visits.models import Duty, Visit
from portal.core.visits.states import CALLED, IN_CALL
from portal.work.audit import Actor


def run(rate: float, seconds: float) -> None:
    """Make `rate` moves a second, each by a random doctor (seeded)."""
    lot, ends = random.Random(1), time.monotonic() + seconds
    on_duty = [(row.doctor, row.session) for row in Duty.select()]
    while (started := time.monotonic()) < ends:
        try:
            visit = _move(*lot.choice(on_duty))
            sys.stdout.write(f"{visit.uid} {visit.state} {time.monotonic()}\n")
            sys.stdout.flush()
        except Conflict:
            pass
        time.sleep(max(0.0, started + 1 / rate - time.monotonic()))


def _move(doctor: object, session: object) -> Visit:
    """Do the doctor's next step: call, let in, or complete."""
    by, now = Actor("staff", doctor.uid), clock.now()  # type: ignore[attr-defined]
    mine = attendance.active_visits(doctor)  # type: ignore[arg-type]
    if not mine:
        return calling.call_next(doctor, session, by=by, now=now)  # type: ignore[arg-type]
    visit = mine[0]
    if visit.state == CALLED:
        calling.accept_call(visit, by=by, now=now)
    elif visit.state == IN_CALL:
        services.end_call(visit, reason="", by=by, now=now)
    else:
        services.complete(visit, by=by, now=now)
    return visit


if __name__ == "__main__":
    with create_app().app_context():
        run(float(sys.argv[1]), float(sys.argv[2]))
