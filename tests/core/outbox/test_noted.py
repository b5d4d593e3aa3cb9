"""Audit of a re-sent message."""

from portal.contracts import GatewayError
from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_resending_a_message_is_audited(sign_in, operator, queue, text):
    admin, row = make_staff("admin"), text()
    operator.failure = GatewayError("unknown subscriber", permanent=True)
    queue.drain()
    browser = sign_in(admin)
    notes = noted(lambda: browser.submit(f"/admin/messages/{row.uid}/resend", page="/admin/messages"))
    assert notes == [("MessageResent", actor_of(admin), row.uid)]
