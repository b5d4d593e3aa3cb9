"""Audit of messages: given up by us, refused by the operator, sent again by somebody."""

from portal.contracts import GatewayError, Report
from portal.core.outbox import receipts
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_a_failed_message_and_resending_it_are_audited(sign_in, operator, queue, text):
    admin, row = make_staff("admin"), text()
    operator.failure = GatewayError("unknown subscriber", permanent=True)
    notes = noted(queue.drain)
    browser = sign_in(admin)
    notes += noted(lambda: browser.submit(f"/admin/messages/{row.uid}/resend", page="/admin/messages"))
    assert notes == [("MessageFailed", SYSTEM, row.uid), ("MessageResent", actor_of(admin), row.uid)]


def test_a_failure_that_the_operator_reports_is_audited(operator, queue, text, now):
    row = text()
    queue.drain()
    notes = noted(lambda: receipts.report(row.uid, 1, "operator", Report("failed"), now=now))
    assert notes == [("MessageFailed", Actor("machine", "operator"), row.uid)]
