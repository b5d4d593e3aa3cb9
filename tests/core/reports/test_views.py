"""The report over time: findings, numbers, comparison and file, and nobody's name."""

from datetime import timedelta

import pytest

from portal.contracts import ReportTable
from portal.core.clinic.models import ClinicSession
from portal.core.reports import days
from portal.core.reports.models import ReportDay
from portal.core.visits.events import TokenIssued, VisitCalled, VisitCompleted, VisitNotHeld
from portal.core.visits.feedback import give
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import record
from tests.factories import make_beneficiary, make_centre, make_session, make_staff, make_visit
from tests.fakes import install_plugin

PAGE = "/admin/reports/trends"


@pytest.fixture
def weeks(db, clock, now):
    """Two visits: one called after ten minutes and completed, with words; one that was not held."""
    session = make_session()
    ClinicSession.update(opens_at=now - timedelta(hours=1)).execute()
    for end in ("completed", "no_show"):
        person = make_beneficiary(name="Kamala Devi", name_hi="कमला देवी", centre=make_centre("07", name="=Gole"))
        visit = make_visit(end, session=session, beneficiary=person)
        issued = TokenIssued(visit.token, visit.number, "medicine", person.uid, person.patient_id, "")
        record(issued, visit.uid, by=SYSTEM, now=now)
        moved = {"token": visit.token, "from_": "", "to": "", "attempt": 1}
        called = VisitCalled(doctor="d", deadline="", **moved)
        record(called, visit.uid, by=SYSTEM, now=now + timedelta(minutes=10))
        over = VisitCompleted(**moved) if end == "completed" else VisitNotHeld(outcome="technical", **moved)
        record(over, visit.uid, by=SYSTEM, now=now + timedelta(minutes=20))
        if end == "completed":
            give(visit, "bad", "He never looked at me", by=SYSTEM, now=now)
    days.count_reports(clock.tick(600))
    assert not ReportDay.select().where(ReportDay.is_due).exists()


@pytest.fixture
def admin(sign_in):
    return sign_in(make_staff("admin"))


def test_the_page_begins_with_its_finding(weeks, admin):
    assert "Half waited less than 10 min, nine in ten less than 10 min." in admin.get(PAGE).text


def test_reasons_and_words_are_shown_and_nobody_is_named(weeks, admin):
    page = admin.get(PAGE).text
    assert "Technical problem" in page
    assert "He never looked at me" in page
    assert not [name for name in ("Kamala", "कमला", "Asha Verma") if name in page]


def test_a_period_is_compared_with_the_days_before(weeks, admin):
    page = admin.get(f"{PAGE}?first=2026-11-24&last=2026-12-21&compare=before").text
    assert "No token was given in these days." in page
    assert "before: 2" in page


def test_another_specialty_or_centre_has_no_part_in_it(weeks, admin):
    make_centre("08")
    assert "No token was given" in admin.get(f"{PAGE}?centre=08").text
    assert "Half waited" in admin.get(f"{PAGE}?centre=07&specialty=medicine").text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("first=yesterday", "Give the day as year, month, day"),
        ("first=2026-11-23&last=2026-11-01", "Choose a first day before the last"),
        ("first=1900-01-01", "Choose a first day before the last"),
        ("centre=none", "Choose one of the list."),
    ],
)
def test_what_is_not_understood_is_named(db, admin, query, says):
    answer = admin.get(f"{PAGE}?{query}")
    assert (answer.status_code, says in answer.text) == (422, True)


def test_every_drawing_is_also_a_table(weeks, admin):
    page = admin.get(PAGE).text
    assert page.count("<figure") == page.count("The same as a table") == 2
    assert 'role="img"' in page


def test_nothing_on_the_page_needs_inline_style(weeks, admin):
    assert " style=" not in admin.get(PAGE).text


def test_the_file_has_every_table_and_no_formula(weeks, admin):
    answer = admin.get(f"{PAGE}.csv?first=2026-11-23")
    lines = answer.text.split("\r\n")
    assert answer.mimetype == "text/csv"
    assert "23 Nov 2026,1,1,0,0" in lines
    assert any(line.startswith("07 =Gole,2,") for line in lines)
    assert not [line for line in lines if line.startswith(("=", "+", "@"))]
    assert AuditRow.select().where(AuditRow.action == "ReportExported").count() == 1


def test_the_page_is_in_hindi_too(weeks, admin):
    admin.get("/lang/hi")
    assert "आधे लोगों ने 10 मिनट से कम इंतज़ार किया" in admin.get(PAGE).text


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}.csv"])
def test_only_administrators_see_it(db, sign_in, address):
    assert sign_in(make_staff("doctor")).get(address).status_code == 403


def test_a_plugin_adds_its_table_to_the_page_and_the_file(app, weeks, admin):
    table = ReportTable("Laboratory orders", "Test", ("Sent", "Days"), (("=Sugar", (3, 1.5)), ("Iron", (0, None))))
    install_plugin(app, "lab", report_section=lambda first, last: table)
    page = admin.get(PAGE).text
    assert "Laboratory orders" in page
    assert "From: lab for tests" in page
    lines = admin.get(f"{PAGE}.csv").text.splitlines()
    assert lines[-3:] == ["Test,Sent,Days", "'=Sugar,3,1.5", "Iron,0,"]


def test_a_plugin_that_fails_leaves_the_report_whole(app, weeks, admin):
    def explode(first, last):
        raise RuntimeError

    install_plugin(app, "bad", report_section=explode)
    assert "Half waited less than" in admin.get(PAGE).text
