"""`python -m bench.reports`: the report's pages with the counts of VISITS visits (a million), and counting of a day.

Three years of clinic days with 41 centres and 5 specialties are written as counts, as many as VISITS visits leave; each
page is opened TIMES times in this process. Then a day of the size of the average is counted from its events.
DATABASE=postgresql: on that.
"""

import os
import random
import tempfile
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.growth import _browser
from portal.app import create_app
from portal.base import clock, language
from portal.config import load
from portal.core.clinic.models import Centre, Specialty
from portal.core.reports import days
from portal.core.reports.counting import Cells, new_cells, rolled_up
from portal.core.reports.models import ReportDay, ReportRow
from portal.core.visits.models import Visit
from portal.demo import history
from portal.demo.seed import seed
from portal.store import migrator
from portal.store.db import close_database, write
from portal.work import jobs
from tests.factories import make_staff
from tests.plugin_tables import migrate_plugins
from tests.postgres import running_postgres

VISITS, TIMES, CLINIC_DAYS = int(os.environ.get("VISITS", "1000000")), 5, 750
MOST = 200  # milliseconds
ADDRESSES = (
    "/admin/reports",
    "/admin/reports/trends",
    "/admin/reports/trends?first={quarter}&compare=before",
    "/admin/reports/trends?first={year}&compare=year",
    "/admin/reports/trends?first={all}",
    "/admin/reports/trends?first={year}&specialty=medicine&centre=01",
)


def main() -> None:
    """Measure and print; raises SystemExit where a page takes longer than MOST."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        environ = {"PORTAL_DATA_DIR": name, "PORTAL_DEMO": "1", "PORTAL_SECRET_KEY": "a key of a benchmark " * 2}
        if os.environ.get("DATABASE") == "postgresql":
            environ["PORTAL_DATABASE_URL"] = stack.enter_context(running_postgres())
        config = load(environ | {"PORTAL_BIND": "127.0.0.1:8000", "PORTAL_BASE_URL": "http://localhost"})
        app = create_app(config)
        with app.app_context(), language.speaking("en"):
            migrator.runner().up()
            migrate_plugins()
            jobs.connect(lambda _name, _row: None)
            seed(300, now=clock.now(), config=config)
            history.fill(clock.now())
            _count_day()
            _fill(Path(name))
            slow = _pages(_browser(app, make_staff("admin")))
            close_database()
    raise SystemExit(1 if slow else 0)


def _count_day() -> None:
    """Count one day of the demonstration's past, and say what one visit of it costs."""
    row = ReportDay.select().order_by(ReportDay.id.desc()).first()
    row = ReportDay.get(ReportDay.day == row.day - timedelta(days=2))
    began = perf_counter()
    days.count_day(row, clock.now())
    spent, visits = perf_counter() - began, Visit.select().count() / 24
    print(f"a day of about {visits:.0f} visits is counted in {1000 * spent:.0f} ms")  # noqa: T201


def _fill(folder: Path) -> None:
    chance, today = random.Random(1), clock.clinic_day(clock.now())
    specialties, centres = [row.id for row in Specialty.select()], [row.id for row in Centre.select()]
    ReportRow.delete().execute()
    months: dict[date, Cells] = {}
    began = perf_counter()
    for number in range(CLINIC_DAYS):
        day = today - timedelta(days=round(number * 1.46))
        cells = rolled_up(_cells(chance, specialties, centres, day))
        total = months.setdefault(day.replace(day=1), new_cells())
        for key, counts in cells.items():
            total[key].update(counts)
        _write(day, False, cells)
    for month, cells in months.items():
        _write(month, True, cells)
    size = sum(file.stat().st_size for file in folder.glob("portal.db*")) >> 20
    spent = perf_counter() - began
    print(f"{ReportRow.select().count():,} rows for {VISITS:,} visits, {size} MB, in {spent:.0f} s")  # noqa: T201


def _cells(chance: random.Random, specialties: list[int], centres: list[int], day: date) -> Cells:
    """Make the counts of one day as its visits would leave them."""
    cells = new_cells()
    for _visit in range(VISITS // CLINIC_DAYS):
        place, bucket = (chance.choice(specialties), chance.choice(centres)), chance.randint(40, 90)
        done = chance.random() < 0.8
        cells[*place, "visits"].update(
            ["event/TokenIssued", "event/VisitCalled", "end/done" if done else "end/not_held"]
        )
        cells[*place, "waits"][str(bucket)] += 1
        cells[*place, "hours"][f"{day.isoweekday()}-{chance.randint(9, 12)}/{bucket}"] += 1
        medicines = ("event/PrescriptionIssued", f"class/{chance.choice('OAB')}", f"delay/{bucket}", "override/allergy")
        cells[*place, "medicines"].update(medicines if done else ())
        cells[*place, "video"].update(["room/video_webrtc", "quality/video_webrtc/good"] if done else ())
        cells[*place, "feedback"]["rating/good"] += 1
        cells[*place, "referrals"].update(["event/ReferralRequested", f"answer/{bucket}"])
    cells[0, 0, "texts"].update({f"text/token/{tag}/delivered": VISITS // CLINIC_DAYS for tag in ("en", "hi")})
    return cells


def _write(begins: date, is_month: bool, cells: Cells) -> None:
    with write():
        days._replace(begins, is_month, {}, {key: dict(counts) for key, counts in cells.items()})


def _pages(browser: object) -> list[str]:
    today, slow = clock.clinic_day(clock.now()), []
    ago = {
        name: (today - timedelta(days=many)).isoformat()
        for name, many in (("quarter", 90), ("year", 364), ("all", 1090))
    }
    for address in ADDRESSES:
        spent = []
        for _time in range(TIMES):
            began = perf_counter()
            answer = browser.get(address.format(**ago))  # type: ignore[attr-defined]
            spent.append(1000 * (perf_counter() - began))
        took = median(spent)
        mark = "  <" if took > MOST or answer.status_code != 200 else ""
        print(f"{address:70} {answer.status_code} {took:7.0f} ms{mark}")  # noqa: T201
        slow += [address] if mark else []
    return slow


if __name__ == "__main__":
    main()
