"""`portal check`: one line each, a note or a problem."""

import os
from datetime import timedelta

from portal.base import clock
from portal.checks import is_problem, run_checks
from portal.config import Config
from portal.store import quarantine
from portal.work import heartbeat
from tests.core.prescriptions.test_making import Break
from tests.core.prescriptions.test_making import break_printer as break_printer


def test_a_few_orphans_are_a_note_and_many_are_a_problem(app, config, db):
    heartbeat.Heart().beat(has_queue=True)
    place, hour_ago = config.data_dir / "records", (clock.now() - timedelta(hours=2)).timestamp()
    place.mkdir(exist_ok=True)

    def orphans(count):
        for number in range(count):
            (place / f"{number}.pdf").write_text("x")
            os.utime(place / f"{number}.pdf", (hour_ago, hour_ago))
        quarantine.quarantine_orphans(place, list, now=clock.now())
        return {part: is_problem(found) for part, found in run_checks(config)}

    assert orphans(2).get("set aside") is False
    assert orphans(9)["orphans"] is True


def test_without_the_printers_library_the_portal_starts_and_says_so(config: Config, break_printer: Break) -> None:
    break_printer("without_library")
    assert "libpango" in (dict(run_checks(config))["libraries"] or "")
