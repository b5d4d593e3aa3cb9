"""A process that dies in the middle of an upload: no row, no half file, and the rest is set aside (F02)."""

import os
import subprocess
import sys

from portal.core.records import orphans
from portal.core.records.models import HeldUpload, Record
from portal.store import quarantine
from tests.core.records.test_services import add
from tests.factories import make_visit

UPLOAD = """
import sys
from datetime import datetime
from portal.app import create_app
from portal.config import load
from portal.core.visits.models import Visit
from portal.work import jobs
from tests.core.records.test_services import add
app = create_app(load())
jobs.connect(lambda name, row_id: None)
with app.app_context():
    add(Visit.get(), datetime.fromisoformat(sys.argv[1]))
"""


def test_an_upload_that_dies_before_the_rename_leaves_no_row_and_no_file(db, config, now, queue) -> None:
    visit = make_visit("waiting")
    own = {"PORTAL_CRASH_AT": "records.before_rename", "PORTAL_CLOCK": now.isoformat()}
    line = [sys.executable, "-c", UPLOAD, now.isoformat()]
    done = subprocess.run(line, env=os.environ | dict(config.environ) | own, timeout=300, check=False)
    assert done.returncode == 137
    assert (Record.select().count(), HeldUpload.select().count()) == (0, 0)
    (left,) = (config.data_dir / "records").iterdir()
    assert left.suffix == ".part", "it never had the name that a row could have"
    long_ago = (now - 2 * quarantine.OLD).timestamp()
    os.utime(left, (long_ago, long_ago))
    (kept,) = add(visit, now)
    orphans.sweep_orphans(now)
    queue.drain()
    names = {path.name for path in (config.data_dir / "records").iterdir()}
    assert left.name not in names
    assert Record.get_by_id(kept.id).stored_name in names
