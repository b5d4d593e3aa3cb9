"""The report as PDF: printed once by the worker, with what the page says, and nobody's name."""

import subprocess
from datetime import timedelta

import pytest

from portal.base.clock import clinic_day
from portal.base.errors import BeingMade, NotFound
from portal.contracts import ReportTable
from portal.core.reports.papers import prints
from portal.core.reports.papers.models import ReportPrint
from portal.core.reports.trends.wishes import read_wish
from portal.work.audit import AuditRow
from tests.core.reports.test_views import weeks  # noqa: F401 a fixture
from tests.factories import make_staff
from tests.fakes import install_plugin

PAGE = "/admin/reports/trends.pdf"


def text_of(content: bytes) -> str:
    words = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(words, input=content, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize(
    ("spoken", "words"),
    [
        ("en", ("The clinic over time", "Half waited less than 10 min", "Nobody is named")),
        ("hi", ("23 नवंबर 2026", "किसी का नाम नहीं")),
    ],
)
def test_the_worker_prints_what_the_page_says(weeks, app, now, queue, spoken, words):  # noqa: F811
    table = ReportTable("Laboratory orders", "Test", ("Sent",), (("Sugar", (3,)),))
    install_plugin(app, "lab", report_section=lambda first, last: table)
    wish = read_wish({}, clinic_day(now))
    with pytest.raises(NotFound):
        prints.file_of(wish, spoken)
    prints.order(wish, spoken, now)
    with pytest.raises(BeingMade):
        prints.file_of(wish, spoken)
    queue.drain()
    content = prints.file_of(wish, spoken)
    assert content.startswith(b"%PDF-1.7")
    text = text_of(content)
    assert all(word in text for word in words), text
    assert "Laboratory orders" in text
    assert "Kamala" not in text
    assert "never looked at me" not in text


def test_pressing_twice_prints_once_and_another_range_is_another_print(weeks, now):  # noqa: F811
    wish = read_wish({}, clinic_day(now))
    assert prints.order(wish, "en", now) == prints.order(wish, "en", now)
    other = read_wish({"first": str(clinic_day(now))}, clinic_day(now))
    assert prints.order(other, "en", now) != prints.order(wish, "en", now)
    assert ReportPrint.select().count() == 2


def test_prints_are_forgotten_after_a_day(weeks, now):  # noqa: F811
    prints.order(read_wish({}, clinic_day(now)), "en", now)
    prints.sweep_report_prints(now + timedelta(hours=23))
    assert ReportPrint.select().count() == 1
    prints.sweep_report_prints(now + timedelta(hours=25))
    assert ReportPrint.select().count() == 0


def test_the_browser_waits_and_then_gets_the_file_and_that_is_audited(weeks, sign_in, queue):  # noqa: F811
    admin = sign_in(make_staff("admin"))
    assert admin.get(PAGE).status_code == 404
    ordered = admin.submit(PAGE, page="/admin/reports/trends")
    assert ordered.status_code == 303
    waiting = admin.get(ordered.location)
    assert waiting.status_code == 503
    assert waiting.headers["Retry-After"] == "3"
    assert AuditRow.select().where(AuditRow.action == "ReportExported").count() == 0
    queue.drain()
    answer = admin.get(ordered.location)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert AuditRow.select().where(AuditRow.action == "ReportExported").count() == 1
