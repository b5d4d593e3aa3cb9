"""`portal check`: one line each, a note or a problem."""

import os
from datetime import timedelta

from portal.base import clock
from portal.checks import is_problem, run_checks
from portal.config import Config
from portal.core.records.cleaning import virus_scan
from portal.core.signing import certificates, places
from portal.keeping.models import Backup
from portal.store import quarantine
from portal.work import heartbeat
from tests.core.prescriptions.test_making import Break
from tests.core.prescriptions.test_making import break_printer as break_printer
from tests.factories import make_staff
from tests.signing import switch_on


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


def test_the_overview_and_the_check_tell_of_a_certificate_that_cannot_sign(db, now, config: Config, sign_in) -> None:
    (switch_on(config) / "organisation.password").write_text("wrong")
    certificates.sweep_certificates(now)
    page = sign_in(make_staff("admin")).get("/admin").text
    assert "The organisation&#39;s certificate cannot sign, so prescriptions are issued unsigned" in page
    assert "the password is wrong" in page
    found = dict(run_checks(config))
    assert found["signing"] is None
    assert is_problem(found["certificate"])


def test_the_check_notes_that_nothing_is_signed(db, config: Config) -> None:
    found = dict(run_checks(config))["signing"]
    assert str(found).startswith("prescriptions are not signed: PORTAL_SIGNING_CERTIFICATE")
    assert not is_problem(found)
    assert not places.is_on()


def test_a_virus_scanner_that_does_not_answer_is_a_problem(app, config, db, tmp_path):
    assert is_problem(dict(run_checks(config))["virus scanner"]) is False
    virus_scan.install(str(tmp_path / "nobody.sock"))
    try:
        assert "No such file" in (dict(run_checks(config))["virus scanner"] or "")
    finally:
        virus_scan.install("")


def test_the_check_says_how_old_the_backup_is(db, config: Config) -> None:
    def found(hours: int) -> tuple[bool, str]:
        """The age counts by the machine's own clock, which the check has."""
        at = clock.now() - timedelta(hours=hours)
        Backup.delete().execute()
        Backup.create(taken_at=at, finished_at=at, place="/x.tar", size=1, files=0, verified=True)
        problem = dict(run_checks(config))["backup"]
        return is_problem(problem), str(problem)

    nothing = dict(run_checks(config))["backup"]
    assert not is_problem(nothing)
    assert "none has been made" in str(nothing)
    assert found(3)[0] is False
    assert "3 hours ago" in found(3)[1]
    assert found(30) == (True, "The last backup that was verified is 30 hours old. The worker's log says why.")
