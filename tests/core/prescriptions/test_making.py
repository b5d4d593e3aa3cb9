"""The PDF job in spite of child processes that crash, hang or cannot start; users are told."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask

from portal.base import clock as system_clock
from portal.checks.run import run_checks
from portal.config import Config
from portal.core.paper import pdf
from portal.core.prescriptions import making
from portal.core.prescriptions.models import Prescription
from portal.core.signing import signatures
from portal.core.visits.services import complete
from portal.sandbox.child_process import ChildPool
from portal.work.audit import Actor
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.factories import make_staff, make_visit

Break = Callable[[str], None]


@pytest.fixture
def break_printer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Break]:
    """break_printer("dies"): replace the children's module from now on; "" restores it."""
    pools: list[ChildPool] = []

    def use(how: str) -> None:
        if not how:
            monkeypatch.undo()
            return
        module, signing = f"tests.core.prescriptions.printer_{how}", "portal.core.signing.child"
        made = [ChildPool(each, size=2, memory=2**30, seconds=20, documents=9) for each in (module, signing)]
        pools.extend(made)
        monkeypatch.setattr(pdf, "printers", lambda: made[0])
        monkeypatch.setattr(signatures, "signers", lambda: made[1])  # stopping closes it too

    yield use
    for pool in pools:
        pool.close()


def again(issued: Prescription) -> Prescription:
    found: Prescription = Prescription.get_by_id(issued.id)
    return found


def fail(issued: Prescription, times: int, now: datetime) -> datetime:
    """Fail that many attempts, each as soon as it is due."""
    for _ in range(times):
        now = max(now, again(issued).next_at or now)
        making.make_pdf(issued.id, now)
    return now


def test_a_crashed_child_is_one_failed_attempt_and_retried_at_once(now: datetime, queue, break_printer: Break) -> None:
    issued = make_prescription(now)
    break_printer("that_dies")
    queue.waiting.remove(("make_pdf", issued.id))
    making.make_pdf(issued.id, now)
    row = again(issued)
    assert (row.stored_at, row.lease_until, row.tries, row.failure) == (None, None, 1, "killed by SIGABRT")
    assert ("make_pdf", issued.id) in queue.waiting
    break_printer("")
    queue.drain()
    assert again(issued).stored_at is not None
    assert again(issued).failure == ""


def test_later_failures_are_retried_with_exponential_back_off(now: datetime, queue, break_printer: Break) -> None:
    issued = make_prescription(now)
    break_printer("that_dies")
    queue.waiting.clear()
    waits = []
    for _ in range(9):
        making.make_pdf(issued.id, now)
        assert again(issued).lease_until is None
        waits.append((again(issued).next_at - now).total_seconds())
        now = again(issued).next_at
    assert waits == [0, 5, 10, 20, 40, 80, 160, 300, 300]
    assert queue.waiting.count(("make_pdf", issued.id)) == 1
    before = again(issued).tries
    making.sweep_unmade(now - timedelta(seconds=1))
    assert again(issued).tries == before  # not before it is due
    making.sweep_unmade(now)
    assert again(issued).tries == before + 1


def test_one_that_always_fails_does_not_block_others(now: datetime, queue, break_printer: Break) -> None:
    bad, good = make_prescription(now), make_prescription(now)
    queue.waiting.clear()
    break_printer("that_dies")
    late = fail(bad, 2, now) + timedelta(seconds=30)
    break_printer("")
    making.sweep_unmade(late)
    assert again(good).stored_at is not None


def test_users_are_told_after_three_failures(
    app: Flask, sign_in, now: datetime, queue, break_printer: Break, config: Config
) -> None:
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    break_printer("without_library")
    fail(issued, 3, now)
    assert Event.select().where(Event.name == "PrescriptionStuck").count() == 1
    assert "its file could not be made yet" in sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").text
    overview = sign_in(make_staff("admin")).get("/admin").text
    assert issued.number in overview
    assert "cannot load library &#39;libpango-1.0-0&#39;" in overview
    problem = dict(run_checks(config, lambda _config: app))["prescriptions"]
    assert problem is not None
    assert issued.number in str(problem)
    complete(visit, by=Actor("staff", visit.doctor.uid), now=now)
    page = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    assert "we could not make the file yet" in page
    fail(issued, 2, now)
    assert Event.select().where(Event.name == "PrescriptionStuck").count() == 1


def test_a_file_that_succeeds_in_the_end_is_no_problem_any_more(
    app: Flask, sign_in, now: datetime, queue, break_printer: Break, config: Config
) -> None:
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    break_printer("that_dies")
    later = fail(issued, 3, now)
    break_printer("")
    making.sweep_unmade(later + timedelta(minutes=5))
    assert "Download prescription" in sign_in(visit.doctor).get(f"/visits/{visit.uid}/consult").text
    assert issued.number not in sign_in(make_staff("admin")).get("/admin").text
    assert dict(run_checks(config, lambda _config: app))["prescriptions"] is None


def test_stopping_the_worker_releases_the_leases_of_attempts_in_progress(
    app: Flask, now: datetime, queue, break_printer: Break, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    issued = make_prescription(now, advice=f"##{started}##")
    break_printer("that_hangs")

    def worker() -> None:
        with app.app_context():
            making.make_pdf(issued.id, now)

    thread = Thread(target=worker)
    thread.start()
    until = system_clock.monotonic() + 20
    while not started.exists():
        assert system_clock.monotonic() < until
        system_clock.sleep(0.02)
    assert again(issued).lease_until is not None
    making.stop()
    row = again(issued)
    assert (row.lease_until, row.next_at, row.tries) == (None, now, 1)
    thread.join()
    break_printer("")
    making.make_pdf(issued.id, now)
    assert again(issued).stored_at is not None


LOADED = """
import sys
from PIL import ImageFile
from portal.app import create_app
from portal.config import load
import portal.tasks, portal.serving, portal.checks.run
create_app(load())
print([name for name in sys.modules if name.split(".")[0] in ("weasyprint", "pydyf")], ImageFile.LOAD_TRUNCATED_IMAGES)
"""


def test_no_process_of_the_portal_loads_the_printing_libraries(tmp_path: Path) -> None:
    """WeasyPrint has Pillow accept truncated images, in the whole process: health records are read here."""
    environment = {"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(tmp_path), "PATH": os.defpath}
    run = subprocess.run([sys.executable, "-c", LOADED], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split("\n")[-2] == "[] False"
