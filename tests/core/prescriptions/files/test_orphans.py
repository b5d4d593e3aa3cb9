"""A file that an attempt stored and no row took is quarantined, not deleted; files with a row stay."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from portal.config import Config
from portal.core.prescriptions import cancelling
from portal.core.prescriptions.files import orphans
from portal.core.prescriptions.models import Prescription
from portal.work.audit import Actor
from tests.consulting import make_prescription
from tests.factories import make_visit
from tests.signing import switch_on


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_without_a_row_is_set_aside_and_all_others_stay(app, db, now: datetime, queue, config: Config) -> None:
    switch_on(config)
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    queue.drain()
    stored = Prescription.get_by_id(issued.id)
    cancelling.cancel(stored, visit.doctor, "Wrong patient", by=Actor("staff", visit.doctor.uid), now=now)
    queue.drain()
    folder = config.data_dir / "prescriptions"
    kept = names(folder)
    assert len(kept) == 2
    (folder / "left-by-a-crash.pdf").touch()
    long_ago = (now - timedelta(days=1)).timestamp()
    for path in folder.iterdir():
        os.utime(path, (long_ago, long_ago))
    orphans.sweep_papers(now)
    queue.drain()
    assert names(folder) == kept
    assert [path.name for path in (config.data_dir / "quarantine").glob("*/prescriptions/*")] == ["left-by-a-crash.pdf"]
