"""Delivery from the outbox to the operator: once, with retries and back-off, until it expires."""

from datetime import timedelta
from functools import partial

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from portal.base.errors import Conflict, NotFound
from portal.contracts import GatewayError, Receipt
from portal.core.accounts import otp
from portal.core.accounts.models import OtpChallenge
from portal.core.accounts.otp import code_of
from portal.core.accounts.services import sign_in_by_code
from portal.core.messages.models import Message, SendAttempt
from portal.core.outbox import delivery, phone_list
from portal.store.db import database
from portal.work import cause, jobs
from portal.work.audit import SYSTEM
from tests.at_once import at_once
from tests.fakes import Operator, install_plugin

TEMPORARY, PERMANENT = GatewayError("the operator is busy"), GatewayError("unknown subscriber", permanent=True)


def states() -> list[str]:
    return [row.state for row in Message.select().order_by(Message.id)]


def attempts() -> list[tuple[str, str]]:
    return [(row.provider, row.outcome) for row in SendAttempt.select().order_by(SendAttempt.id)]


def ask_for_code(now) -> OtpChallenge:
    return OtpChallenge.get(OtpChallenge.uid == otp.ask("+919876543210", "198.51.100.7", language="en", now=now))


def test_a_text_is_sent_and_the_operators_reference_stored(operator, queue, text):
    row = text()
    queue.drain()
    sent = operator.ledger[0]
    assert (sent.uid, sent.to, sent.expires_at) == (row.uid, row.to, row.expires_at)
    kept = Message.get()
    assert (kept.state, kept.provider, kept.reference, kept.tries) == ("accepted", "operator", "ref-1", 1)
    assert attempts() == [("operator", "accepted")]


def test_the_gateway_is_called_outside_any_transaction(app, queue, text):
    def send_message(message):
        assert not database.in_transaction()
        return Receipt("ref", "delivered")

    install_plugin(app, "careful", send_message=send_message)
    text()
    queue.drain()
    assert states() == ["delivered"]


def test_ten_concurrent_workers_send_a_text_once(operator, text, now, app):
    row = text()
    at_once(app, [partial(delivery.send_message, row.id, now)] * 10)
    assert len(operator.ledger) == 1


def test_temporary_failures_are_retried_with_exponential_back_off(operator, queue, text, clock):
    text()
    operator.failure, waits = TEMPORARY, []
    for wait in (5, 10, 20, 40):
        queue.drain()
        row = Message.get()
        assert row.state == "new"
        waits.append((row.next_at - clock.now()).total_seconds())
        assert wait <= waits[-1] <= wait * 1.5
        delivery.sweep_due(clock.now())
        assert queue.waiting == []
        clock.set(row.next_at + delivery.LATE)
        delivery.sweep_due(clock.now())
    assert waits != [5, 10, 20, 40]  # jitter, so that what failed together is not retried together
    operator.failure = None
    queue.drain()
    assert (states(), len(operator.ledger)) == (["accepted"], 1)
    assert attempts() == [("operator", "temporary")] * 4 + [("operator", "accepted")]
    assert Message.get().error == ""


def test_retries_end_after_the_maximum(operator, queue, text, clock):
    text()
    operator.failure = TEMPORARY
    for _ in range(20):
        queue.drain()
        delivery.sweep_due(clock.tick(1000))
    assert states() == ["failed"]
    assert SendAttempt.select().count() == delivery.MAX_TRIES


def test_a_message_sent_again_has_all_its_retries_again(operator, queue, text, clock):
    text()
    Message.update(expires_at=clock.now() + timedelta(days=2)).execute()
    operator.failure = TEMPORARY
    for _ in range(20):
        queue.drain()
        delivery.sweep_due(clock.tick(1000))
    delivery.resend(Message.get().uid, by=SYSTEM, now=clock.now())
    for _ in range(20):
        queue.drain()
        delivery.sweep_due(clock.tick(1000))
    assert states() == ["failed"]
    assert SendAttempt.select().count() == 2 * delivery.MAX_TRIES


def test_a_permanent_failure_is_not_retried(operator, queue, text):
    text()
    operator.failure = PERMANENT
    queue.drain()
    row = Message.get()
    assert (row.state, row.error, row.tries) == ("failed", "unknown subscriber", 1)


def test_the_next_sender_is_tried_and_both_attempts_are_stored(app, operator, queue, text):
    second = Operator()
    install_plugin(app, "second", position=1, send_message=second.send_message)
    operator.failure = TEMPORARY
    text()
    queue.drain()
    assert (len(second.ledger), Message.get().provider) == (1, "second")
    assert attempts() == [("operator", "temporary"), ("second", "accepted")]


def test_a_sender_that_raises_is_retried_and_its_error_text_is_not_stored(app, queue, text, clock):
    def send_message(message):
        raise RuntimeError(f"cannot send {message.text}")

    install_plugin(app, "broken", send_message=send_message)
    text()
    with capture_logs() as log:
        queue.drain()
    row = Message.get()
    assert (row.state, row.error) == ("new", "RuntimeError")
    assert "2611230000017" not in str(log)


def test_an_expired_otp_is_never_sent(operator, queue, clock, now):
    ask_for_code(now)
    name, row_id = queue.waiting.pop()
    clock.tick(301)
    queue.add(name, row_id)
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_an_otp_is_not_retried_after_it_expires(operator, queue, clock, now):
    ask_for_code(now)
    operator.failure = TEMPORARY
    queue.drain()
    operator.failure = None
    delivery.sweep_due(clock.tick(301))
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_a_used_otp_is_not_sent(operator, queue, now):
    challenge = ask_for_code(now)
    sign_in_by_code(challenge.uid, code_of(challenge), "198.51.100.7", language="en", now=now)
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_an_expired_call_text_is_not_sent(operator, queue, text, clock):
    text(template="missed_call", life=timedelta(minutes=1))
    clock.tick(61)
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_a_dead_workers_lease_expires_and_another_worker_sends(operator, queue, text, clock, now):
    row = text()
    delivery.LEASES.take(row.id, now)
    queue.drain()
    assert operator.ledger == []
    delivery.sweep_due(clock.tick(61))
    queue.drain()
    assert (states(), len(operator.ledger)) == (["accepted"], 1)


def test_an_otp_with_an_expired_lease_fails_and_is_never_sent_twice(operator, queue, clock, now):
    ask_for_code(now)
    queue.waiting = [job for job in queue.waiting if job[0] == "deliver"]
    name, row_id = queue.waiting.pop()
    jobs.JOBS[name](row_id, now)
    delivery.LEASES.take(Message.get().id, now)
    delivery.sweep_due(clock.tick(61))
    queue.drain()
    assert (states(), operator.ledger) == (["unknown"], [])


def test_messages_orphaned_by_a_lost_queue_are_sent_otps_first(operator, queue, text, clock, now):
    text()
    ask_for_code(now)
    queue.drain()
    Message.update(state="new").execute()
    operator.ledger.clear()
    delivery.sweep_due(clock.tick(3))
    queue.drain()
    assert [message.template for message in operator.ledger] == ["otp", "registered"]


def test_without_a_sender_a_text_goes_to_the_phone_list_but_an_otp_fails(db, queue, text, now):
    text()
    ask_for_code(now)
    queue.drain()
    assert sorted(states()) == ["failed", "phone"]
    assert [row.template for row in phone_list.to_phone(now)] == ["registered"]


def test_an_expired_message_leaves_the_phone_list(db, queue, text, clock):
    text(template="missed_call", life=timedelta(minutes=1))
    queue.drain()
    assert states() == ["phone"]
    delivery.sweep_due(clock.tick(61))
    assert states() == ["expired"]


def test_a_text_that_cannot_be_rendered_fails_and_blocks_no_other(operator, queue, text):
    text()
    Message.update(values={"patient_id": "x" * 31}).execute()
    queue.drain()
    assert states() == ["failed"]


def test_queueing_is_idempotent_per_cause(operator, queue, text):
    for _ in range(3):
        text()
    queue.drain()
    assert (Message.select().count(), len(operator.ledger)) == (1, 1)


def test_only_failed_and_unexpired_messages_can_be_resent(operator, queue, text, clock, now):
    row = text(life=timedelta(hours=1))
    operator.failure = PERMANENT
    queue.drain()
    operator.failure = None
    delivery.resend(row.uid, by=SYSTEM, now=now)
    queue.drain()
    assert states() == ["accepted"]
    with pytest.raises(Conflict):
        delivery.resend(row.uid, by=SYSTEM, now=now)
    Message.update(state="failed").execute()
    with pytest.raises(Conflict):
        delivery.resend(row.uid, by=SYSTEM, now=clock.tick(3601))


def test_an_otp_cannot_be_resent(operator, queue, now):
    ask_for_code(now)
    operator.failure = PERMANENT
    queue.drain()
    with pytest.raises(NotFound):
        delivery.resend(Message.get().uid, by=SYSTEM, now=now)


def test_a_retry_by_the_sweep_is_logged_under_the_request_that_caused_the_text(operator, queue, text, clock):
    with cause.of("8f14e45fceea167a5a36dedd4bea2543"):
        row = text()
    operator.failure = TEMPORARY
    queue.drain()
    operator.failure = None
    clock.set(Message.get_by_id(row.id).next_at + delivery.LATE)
    delivery.sweep_due(clock.now())
    with capture_logs(processors=[merge_contextvars]) as lines:
        queue.drain()
    sent = next(line for line in lines if line["event"] == "message")
    assert (sent["state"], sent["request_id"]) == ("accepted", "8f14e45fceea167a5a36dedd4bea2543")


def test_a_text_that_is_resent_belongs_to_the_request_of_whoever_resent_it(operator, queue, text, now):
    operator.failure = PERMANENT
    with cause.of("8f14e45fceea167a5a36dedd4bea2543"):
        row = text()
    queue.drain()
    with cause.of("11111111111111111111111111111111"):
        delivery.resend(row.uid, by=SYSTEM, now=now)
    assert Message.get_by_id(row.id).request_id == "11111111111111111111111111111111"
