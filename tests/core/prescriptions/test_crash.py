"""A process that dies while it corrects, cancels or makes the file: what was issued holds, and it is done again."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from portal.config import Config
from portal.core.consults import editions
from portal.core.prescriptions import making, reading, storage
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.core.prescriptions.test_amending import begin, issue, write

CORRECT = "services.issue_version(issued.visit, issued.doctor, base_url='http://x', by=by, now=now, judged='')"
MAKE = "making.make_pdf(issued.id, now)"
CANCEL = "cancelling.cancel(issued, issued.doctor, 'Wrong patient', by=by, now=now)"
PROCESS = """
import sys
from datetime import datetime
from portal.app import create_app
from portal.config import load
from portal.core.prescriptions import cancelling, making, services
from portal.core.prescriptions.models import Prescription
from portal.work import jobs
from portal.work.audit import Actor
app = create_app(load())
jobs.connect(lambda name, row_id: None)
with app.app_context():
    issued, now = Prescription.get(), datetime.fromisoformat(sys.argv[1])
    by = Actor("staff", issued.doctor.uid)
"""


@pytest.mark.parametrize("step", [CORRECT, CANCEL], ids=["correct", "cancel"])
@pytest.mark.usefixtures("usual_medicines", "db")
def test_what_was_issued_holds_and_the_step_can_be_taken_again(config: Config, now: datetime, step: str) -> None:
    issued = make_prescription(now)
    begin(issued, now)
    write(issued, now, **{"items-0-quantity": "10"})
    own = {"PORTAL_CRASH_AT": "events.before_commit", "PORTAL_CLOCK": now.isoformat()}
    line = [sys.executable, "-c", f"{PROCESS}    {step}", now.isoformat()]
    done = subprocess.run(line, env=os.environ | dict(config.environ) | own, timeout=300, check=False)
    assert done.returncode == 137
    row = Prescription.get()
    assert (row.replaced_at, row.cancelled_at, row.cancel_reason) == (None, None, "")
    assert reading.newest_of(issued.visit.uid).id == issued.id
    assert PrescribedItem.select().count() == 2
    assert Event.select().where(Event.name.in_(["PrescriptionAmended", "PrescriptionCancelled"])).count() == 0
    assert editions.draft_of(issued.visit) is not None
    assert issue(issued, now).version == 2


@pytest.mark.usefixtures("usual_medicines", "db")
def test_a_file_whose_process_dies_before_the_rename_is_no_file_and_is_made_again(
    config: Config, now: datetime, queue
) -> None:
    issued = make_prescription(now)
    own = {"PORTAL_CRASH_AT": "prescriptions.before_rename", "PORTAL_CLOCK": now.isoformat()}
    line = [sys.executable, "-c", f"{PROCESS}    {MAKE}", now.isoformat()]
    done = subprocess.run(line, env=os.environ | dict(config.environ) | own, timeout=300, check=False)
    assert done.returncode == 137
    row = Prescription.get()
    assert (row.stored_at, row.lease_until is None) == (None, False), "the intent is visible, and no file is promised"
    (left,) = (config.data_dir / "prescriptions").iterdir()
    assert left.suffix == ".part", "it never had the name that a row could have"
    later = row.lease_until + timedelta(seconds=1)
    making.sweep_unmade(later)
    queue.drain()
    if Prescription.get().stored_at is None:
        making.make_pdf(issued.id, later)
    row = Prescription.get()
    assert storage.intact(row.stored_name, row.sha256), "one whole file, with the checksum of its row"
