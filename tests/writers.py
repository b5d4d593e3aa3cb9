"""Writers at full speed: `python -m tests.writers run WORKER PAUSE` registers people, draws tokens, stores records.

A JSON line for each round, once all of it is committed. `python -m tests.writers audit` checks a restored deployment:
the queue's invariants, the audit chain, and every file. The deployment is the environment's.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from portal.app import create_app
from portal.base import clock
from portal.core.clinic.models import ClinicSession, Specialty
from portal.core.clinic.sessions import session_for
from portal.core.records import files
from portal.core.records.events import RecordUploaded
from portal.core.records.models import Record
from portal.core.records.services import remove
from portal.core.referrals.checks import Gate
from portal.core.visits.models import Visit
from portal.core.visits.services import request_token
from portal.keeping import generation
from portal.settings.stored import Setting
from portal.store.db import database, write
from portal.store.numbers import next_number
from portal.work.audit import Actor
from portal.work.events import record
from tests.factories import make_beneficiary, make_centre, make_specialty
from tests.queue import invariants
from tests.servers import ROOT, wait_for

SPECIALTIES = ("medicine", "orthopaedics", "eye")
NEVER_FULL = 1_000_000  # tokens


def run(worker: int, pause: float) -> None:
    """Write for ever, with a pause of so many seconds after each round; say each round."""
    specialty = Specialty.get(Specialty.code == SPECIALTIES[worker % len(SPECIALTIES)])
    number, earlier = 0, None
    while True:
        number += 1
        began = time.monotonic()
        said = _one_round(worker, number, specialty)
        kept: Record = Record.get(Record.uid == said["record"])
        if (
            earlier is not None and number % 2
        ):  # at once after the next one was stored: so files come and go all the time
            remove(earlier.beneficiary.account, earlier.uid, by=Actor("account", "x"), now=clock.now())
            said["removed"] = earlier.uid
        earlier = kept
        sys.stdout.write(json.dumps(said | {"began": began, "done": time.monotonic()}) + "\n")
        sys.stdout.flush()
        time.sleep(pause)


def _one_round(worker: int, number: int, specialty: Specialty) -> dict[str, Any]:
    now = clock.now()
    own = f"{worker}{number:07d}"
    with write():
        person = make_beneficiary(ben_id=f"9{own}", mobile=f"+919{own}0", patient_id=f"9{own}{own[:4]}")
        referral = next_number("referral")
    visit = request_token(
        person, specialty, "Headache", gate=Gate(None, "age", False), by=Actor("account", "x"), now=now
    )
    stored = files.store(BytesIO(b"%PDF-1.4 " + os.urandom(20_000)))
    with write():
        kept = Record.create(
            visit=visit,
            beneficiary=person,
            title="Report",
            kind="pdf",
            stored_name=stored.name,
            size=stored.size,
            sha256=stored.sha256,
            uploaded_at=now,
            state="ready",
        )
        record(RecordUploaded(visit=visit.uid), kept.uid, by=Actor("account", "x"), now=now)
    return {"visit": visit.uid, "token": visit.token, "record": kept.uid, "referral": referral}


def prepare(environ: dict[str, str]) -> None:
    """Create what writers share, in a process of its own."""
    subprocess.run([sys.executable, "-m", "tests.writers", "prepare"], env=environ, cwd=ROOT, check=True)


def _prepare() -> None:
    make_centre()
    Setting.create(key="demo_all_day", value=True)  # whatever the time
    for code in SPECIALTIES:
        session_for(make_specialty(code), clock.now())
    ClinicSession.update(quota=NEVER_FULL).execute()  # a slow backup lasts for more tokens than a setting allows


def audit() -> None:
    """Check a restored deployment, and print what is in it and which numbers come next. Raises AssertionError."""
    for row in Record.select():
        assert files.intact(row.stored_name, row.sha256) is not None, f"the file of {row.uid} is missing or damaged"
    found = {
        "visits": [visit.uid for visit in Visit.select(Visit.uid)],
        "records": [row.uid for row in Record.select(Record.uid)],
        "generation": generation.number(),
        "last": {row.specialty.code: row.last_number for row in ClinicSession.select()},
        "referral": next_number("referral"),
    }
    with write(), database.atomic() as undone:
        _forget_lost_numbers()
        invariants.check_all(clock.now(), alone=False)
        undone.rollback()
    sys.stdout.write(json.dumps(found) + "\n")


def _forget_lost_numbers() -> None:
    """Set the sessions' counters to what the visits say: the restore has raised them by the tokens that were lost."""
    newest = generation.newest()
    for lost in newest[1] if newest else []:
        if lost.series.startswith("token-"):
            code, day = lost.series.removeprefix("token-")[:-11], lost.series[-10:]
            of = (ClinicSession.day == day) & (ClinicSession.specialty == Specialty.get(Specialty.code == code))
            ClinicSession.update(last_number=lost.first - 1).where(of).execute()


@dataclass
class Crew:
    """Running writers, with a file of lines each."""

    logs: list[Path]
    children: "list[subprocess.Popen[bytes]]"

    def said(self) -> list[dict[str, Any]]:
        """Every round so far, of all writers; a line that is being written is left out."""
        return [
            json.loads(line)
            for log in self.logs
            for line in log.read_text().splitlines(keepends=True)
            if line[-1] == "\n"
        ]

    def wait_for_more(self, rounds: int) -> None:
        """Wait until every writer has done so many rounds more."""
        before = [len(log.read_text().splitlines()) for log in self.logs]

        def done() -> bool:
            self.require_running()
            now = [len(log.read_text().splitlines()) for log in self.logs]
            return all(count >= was + rounds for count, was in zip(now, before, strict=True))

        wait_for(done, f"{rounds} rounds of each writer", 300)

    def require_running(self) -> None:
        """Fail with what a writer said when it ended."""
        pairs = zip(self.children, self.logs, strict=True)
        ended = [log.with_suffix(".err").read_text()[-2000:] for child, log in pairs if child.poll() is not None]
        assert ended == [], ended


@contextmanager
def writing(environ: dict[str, str], folder: Path, *, pause: float = 0) -> Iterator[Crew]:
    """Run a writer for each specialty for the block. At full speed they leave little of a busy machine to a backup,
    which gives way to everybody.
    """
    logs = [folder / f"writer-{worker}.jsonl" for worker in range(len(SPECIALTIES))]
    children = []
    for worker, log in enumerate(logs):
        line = [sys.executable, "-m", "tests.writers", "run", str(worker), str(pause)]
        with log.open("wb") as out, log.with_suffix(".err").open("wb") as err:
            children.append(subprocess.Popen(line, env=environ, cwd=ROOT, stdout=out, stderr=err))
    try:
        crew = Crew(logs, children)
        yield crew
        crew.require_running()
    finally:
        for child in children:
            child.kill()
            child.wait()


def main() -> None:
    """Do what the command line says."""
    with create_app().app_context():
        if sys.argv[1] == "run":
            run(int(sys.argv[2]), float(sys.argv[3]))
        else:
            {"prepare": _prepare, "audit": audit}[sys.argv[1]]()


if __name__ == "__main__":
    main()
