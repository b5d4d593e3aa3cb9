"""The report by e-mail: once a week or month, counts alone, again after a failure, never after an unknown outcome."""

from datetime import date, timedelta

import pytest

from portal.contracts import GatewayError, Receipt
from portal.core.reports.papers import mailing
from portal.core.reports.papers.models import ReportMail
from portal.settings.stored import Setting
from portal.work.audit import AuditRow
from tests.factories import make_staff
from tests.fakes import install_plugin


@pytest.fixture
def mailed(app, db):
    """The weekly mail is set; lists what the plugin was handed."""
    letters = []
    Setting.create(key="report_mail", value="weekly")
    Setting.create(key="report_mail_to", value="cmo@example.in, office@example.in")
    install_plugin(app, "mail", send_letter=lambda letter: letters.append(letter) or Receipt("1", "sent"))
    return letters


def sweep(queue, moment):
    mailing.sweep_report_mails(moment)
    queue.drain()


def test_a_week_that_is_over_is_mailed_once_with_its_file(mailed, queue, now):
    for _again in range(2):
        sweep(queue, now)
    (letter,) = mailed
    assert letter.to == ("cmo@example.in", "office@example.in")
    assert letter.subject.startswith("Report of the tele-OPD: ")
    assert "Nobody is named." in letter.text
    (file,) = letter.attachments
    assert file.name == "report-2026-11-16-2026-11-22.pdf"
    assert file.content.startswith(b"%PDF-")
    assert ReportMail.get().state == "sent"
    assert AuditRow.select().where(AuditRow.action == "ReportMailed").count() == 1


@pytest.mark.parametrize(
    ("how", "today", "expected"),
    [
        ("weekly", date(2026, 11, 30), ("week 2026-11-23", date(2026, 11, 23), date(2026, 11, 29))),
        ("weekly", date(2026, 12, 6), ("week 2026-11-23", date(2026, 11, 23), date(2026, 11, 29))),
        ("monthly", date(2026, 12, 1), ("month 2026-11-01", date(2026, 11, 1), date(2026, 11, 30))),
        ("monthly", date(2027, 1, 31), ("month 2026-12-01", date(2026, 12, 1), date(2026, 12, 31))),
        ("monthly", date(2028, 3, 1), ("month 2028-02-01", date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_the_newest_period_that_is_over(how, today, expected):
    assert mailing.newest_period(how, today) == expected


@pytest.mark.parametrize(("key", "value"), [("report_mail", "never"), ("report_mail_to", ""), ("report_mail_hour", 10)])
def test_nothing_is_mailed_before_it_is_set_and_due(mailed, queue, now, key, value):
    Setting.delete().where(Setting.key == key).execute()
    Setting.create(key=key, value=value)
    sweep(queue, now)
    assert mailed == []
    assert ReportMail.select().count() == 0


def failing_plugin(app, error):
    def fail(letter):
        raise error

    install_plugin(app, "mail", send_letter=fail)
    Setting.create(key="report_mail", value="weekly")
    Setting.create(key="report_mail_to", value="cmo@example.in")


@pytest.mark.parametrize("error", [GatewayError("busy"), RuntimeError("broken")])
def test_a_failed_mail_is_tried_again_later(app, db, queue, now, error):
    failing_plugin(app, error)
    sweep(queue, now)
    row = ReportMail.get()
    assert (row.state, row.tries) == ("new", 1)
    assert row.next_at > now


@pytest.mark.parametrize("how", [{"permanent": True}, {"unknown": True}])
def test_a_refused_mail_or_one_that_may_have_gone_out_is_not_tried_again(app, db, queue, now, how):
    failing_plugin(app, GatewayError("no", **how))
    sweep(queue, now)
    assert ReportMail.get().state == "failed"
    assert AuditRow.select().where(AuditRow.action == "ReportMailFailed").count() == 1
    assert "no" in ReportMail.get().error


def test_without_a_plugin_the_administrator_reads_why_nothing_came(app, db, queue, now, sign_in):
    Setting.create(key="report_mail", value="weekly")
    Setting.create(key="report_mail_to", value="cmo@example.in")
    sweep(queue, now)
    assert ReportMail.get().state == "left"
    assert "No plugin that sends e-mail is on" in sign_in(make_staff("admin")).get("/admin/reports/trends").text


def test_a_mail_whose_worker_died_is_sent_by_another(mailed, queue, clock, now):
    mailing.begin_when_due(now)
    ReportMail.update(lease_until=now + timedelta(minutes=5)).execute()
    sweep(queue, now)
    assert mailed == []
    sweep(queue, clock.tick(360))
    assert len(mailed) == 1
