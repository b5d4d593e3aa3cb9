"""`make bench-prescribing`: search and *Issue* with lists of 150, 1,500 and 10,000 medicines.

Beside them, in the same run and database file, one bare query and one bare insert of SQLite: the ratios hold anywhere.
"""

import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from portal.app import create_app
from portal.base import clock, language
from portal.config import load
from portal.core.consults import services as consults
from portal.core.formulary import search, versions
from portal.core.formulary.classes import FORMULARY_FILE
from portal.core.formulary.versions import COLUMNS, Values
from portal.core.prescriptions import services as prescriptions
from portal.core.visits.models import Visit
from portal.store import migrator
from portal.store.csv_file import shipped
from portal.work import jobs
from portal.work.audit import Actor
from tests.consulting import BASE_URL, write_notes
from tests.factories import make_visit

SIZES = (150, 1_500, 10_000)
TURNS = 40
SEARCHES = ("p", "para", "cetamol", "paracitamol", "पैरासिटामोल", "metoprolol xl 50", "xqzvbn")
Times = list[tuple[float, float]]
SYLLABLES = "ba ce di fo gu ka lo mi ne po ra si to vu za xi".split()


def main() -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as file:
        query, insert = bare(file)
        say("a bare query of one row", query)
        say("a bare insert, committed", insert)
        for size in SIZES:
            _take_over(size)
            for what, times, beside in measured(size, query, insert):
                say(f"{size:6,} rows: {what}", times, beside)


def measured(size: int, query: Times, insert: Times) -> Iterator[tuple[str, Times, Times | None]]:
    """Measure the index, then search, then *Issue*; what each compares with."""
    yield "both indexes, once a version and process", _times([_index]), None
    for text in SEARCHES:
        yield f"search {text!r}", _times([lambda text=text: search.find(text)] * TURNS), query
    visits = [_written() for _ in range(TURNS)]
    yield "judging", _times([lambda each=each: _judge(each) for each in visits]), query
    yield "Issue", _times([lambda each=each: _issue(each) for each in visits]), insert


@contextmanager
def running(folder: Path) -> Iterator[Path]:
    """Open a migrated portal on SQLite, without a worker; yield the database file."""
    app = create_app(load({"PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(folder), "PORTAL_BASE_URL": BASE_URL}))
    with app.app_context(), language.speaking("en"):
        migrator.runner().up()
        jobs.connect(lambda _name, _row_id: None)
        yield folder / "portal.db"


def bare(file: Path) -> tuple[Times, Times]:
    """Time one query by key and one insert, by sqlite3 alone, as durable as the portal's."""
    own = sqlite3.connect(file, isolation_level=None)
    own.execute("PRAGMA synchronous = FULL")
    own.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, name TEXT)")
    insert = _times([lambda: own.execute("INSERT INTO bare (name) VALUES ('x')").fetchall()] * TURNS)
    query = _times([lambda: own.execute("SELECT * FROM bare WHERE id = 7").fetchall()] * TURNS)
    own.close()
    return query, insert


def say(what: str, times: Times, beside: Times | None = None) -> None:
    """Print one line: the medians by clock and CPU, and how many times what it is compared with."""
    passed, worked = (median(each) * 1000 for each in zip(*times, strict=True))
    ratio = f"{passed / 1000 / median(each for each, _cpu in beside):9.1f} times" if beside else ""
    sys.stdout.write(f"{what:58} {passed:9.3f} ms, CPU {worked:9.3f} ms{ratio}\n")


def _take_over(size: int) -> None:
    """Import a list of this size: the packaged one, then medicines with made-up names and two brands each."""
    lot = random.Random(size)
    rows: list[Values] = [
        {column: row.get(column, "") for column in COLUMNS} | {"chronic": False} for row in shipped(FORMULARY_FILE)
    ]
    pattern = next(row for row in rows if row["name"] == "Paracetamol")
    while len(rows) < size:
        names = ["".join(lot.choices(SYLLABLES, k=5)).title() for _ in range(3)]
        rows.append({**pattern, "name": f"{names[0]} {len(rows)}", "aliases": "", "brands": "|".join(names[1:])})
    versions.take_over(rows, keep_others=False, by="bench", file="", now=clock.now())


def _index() -> None:
    versions.in_force()
    search.find("first")


def _written() -> Visit:
    """Make a visit whose notes are complete."""
    visit = make_visit("in_call")
    write_notes(visit, clock.now(), **dict.fromkeys(("items-0-reason", "items-1-reason"), "as before"))
    return visit


def _judge(visit: Visit) -> object:
    judged = consults.judged(visit, visit.doctor)
    return judged.refusals, judged.question


def _issue(visit: Visit) -> object:
    by = Actor("staff", visit.doctor.uid)
    return prescriptions.issue_prescription(visit, visit.doctor, base_url=BASE_URL, by=by, now=clock.now(), judged="")


def _times(functions: Sequence[Callable[[], object]]) -> Times:
    """Time each call: by the clock, and by the CPU, which other programs of the machine do not lengthen."""
    times = []
    for function in functions:
        started = perf_counter(), process_time()
        function()
        times.append((perf_counter() - started[0], process_time() - started[1]))
    return times


if __name__ == "__main__":
    main()
