"""From the outbox to the operator: once, with patience, never too late, never backwards."""

import threading
from datetime import timedelta

import pytest
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
from portal.work import jobs
from portal.work.audit import SYSTEM
from tests.fakes import Operator, install_plugin

TEMPORARY, PERMANENT = GatewayError("the operator is busy"), GatewayError("unknown subscriber", permanent=True)


def states() -> list[str]:
    return [row.state for row in Message.select().order_by(Message.id)]


def attempts() -> list[tuple[str, str]]:
    return [(row.provider, row.outcome) for row in SendAttempt.select().order_by(SendAttempt.id)]


def ask_for_code(now) -> OtpChallenge:
    return OtpChallenge.get(OtpChallenge.uid == otp.ask("+919876543210", "198.51.100.7", language="en", now=now))


def test_a_text_is_sent_and_its_number_at_the_operator_kept(operator, queue, text):
    row = text()
    queue.drain()
    sent = operator.ledger[0]
    assert (sent.uid, sent.to, sent.expires_at) == (row.uid, row.to, row.expires_at)
    kept = Message.get()
    assert (kept.state, kept.provider, kept.reference, kept.tries) == ("accepted", "operator", "ref-1", 1)
    assert attempts() == [("operator", "accepted")]


def test_the_operator_is_asked_outside_any_transaction(app, queue, text):
    def send_message(message):
        assert not database.in_transaction()
        return Receipt("ref", "delivered")

    install_plugin(app, "careful", send_message=send_message)
    text()
    queue.drain()
    assert states() == ["delivered"]


def test_of_ten_workers_one_sends(operator, text, now, app):
    row, start = text(), threading.Barrier(10)

    def work() -> None:
        start.wait()
        with app.app_context():
            delivery.send_message(row.id, now)
        database.close()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(operator.ledger) == 1


def test_after_a_temporary_failure_it_waits_longer_each_time(operator, queue, text, clock):
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
    assert waits != [5, 10, 20, 40]  # spread, so that what failed together does not come again together
    operator.failure = None
    queue.drain()
    assert (states(), len(operator.ledger)) == (["accepted"], 1)
    assert attempts() == [("operator", "temporary")] * 4 + [("operator", "accepted")]
    assert Message.get().error == ""


def test_patience_ends(operator, queue, text, clock):
    text()
    operator.failure = TEMPORARY
    for _ in range(20):
        queue.drain()
        delivery.sweep_due(clock.tick(1000))
    assert states() == ["failed"]
    assert SendAttempt.select().count() == delivery.MAX_TRIES


def test_a_permanent_failure_is_final_at_once(operator, queue, text):
    text()
    operator.failure = PERMANENT
    queue.drain()
    row = Message.get()
    assert (row.state, row.error, row.tries) == ("failed", "unknown subscriber", 1)


def test_the_next_sender_takes_over_and_both_attempts_are_kept(app, operator, queue, text):
    second = Operator()
    install_plugin(app, "second", position=1, send_message=second.send_message)
    operator.failure = TEMPORARY
    text()
    queue.drain()
    assert (len(second.ledger), Message.get().provider) == (1, "second")
    assert attempts() == [("operator", "temporary"), ("second", "accepted")]


def test_a_sender_that_breaks_is_asked_again_and_its_words_are_kept_nowhere(app, queue, text, clock):
    def send_message(message):
        raise RuntimeError(f"cannot send {message.text}")

    install_plugin(app, "broken", send_message=send_message)
    text()
    with capture_logs() as log:
        queue.drain()
    row = Message.get()
    assert (row.state, row.error) == ("new", "RuntimeError")
    assert "2611230000017" not in str(log)


def test_an_otp_that_is_late_is_never_sent(operator, queue, clock, now):
    ask_for_code(now)
    name, row_id = queue.waiting.pop()
    clock.tick(301)
    queue.add(name, row_id)
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_an_otp_that_failed_for_a_while_is_not_sent_after_its_life(operator, queue, clock, now):
    ask_for_code(now)
    operator.failure = TEMPORARY
    queue.drain()
    operator.failure = None
    delivery.sweep_due(clock.tick(301))
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_an_otp_that_was_used_already_is_not_sent(operator, queue, now):
    challenge = ask_for_code(now)
    sign_in_by_code(challenge.uid, code_of(challenge), "198.51.100.7", language="en", now=now)
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_a_call_whose_time_is_over_is_not_sent(operator, queue, text, clock):
    text(template="missed_call", life=timedelta(minutes=1))
    clock.tick(61)
    queue.drain()
    assert (states(), operator.ledger) == (["expired"], [])


def test_a_text_whose_worker_died_is_sent_by_another(operator, queue, text, clock, now):
    row = text()
    delivery.LEASES.take(row.id, now)
    queue.drain()
    assert operator.ledger == []
    delivery.sweep_due(clock.tick(61))
    queue.drain()
    assert (states(), len(operator.ledger)) == (["accepted"], 1)


def test_an_otp_whose_worker_died_is_given_up_and_never_sent_twice(operator, queue, clock, now):
    ask_for_code(now)
    queue.waiting = [job for job in queue.waiting if job[0] == "deliver"]
    name, row_id = queue.waiting.pop()
    jobs.JOBS[name](row_id, now)
    delivery.LEASES.take(Message.get().id, now)
    delivery.sweep_due(clock.tick(61))
    queue.drain()
    assert (states(), operator.ledger) == (["unknown"], [])


def test_what_a_lost_queue_forgot_is_sent_otps_first(operator, queue, text, clock, now):
    text()
    ask_for_code(now)
    queue.drain()
    Message.update(state="new").execute()
    operator.ledger.clear()
    delivery.sweep_due(clock.tick(3))
    queue.drain()
    assert [message.template for message in operator.ledger] == ["otp", "registered"]


def test_without_a_sender_a_text_goes_to_the_telephone_list_but_no_otp_does(db, queue, text, now):
    text()
    ask_for_code(now)
    queue.drain()
    assert sorted(states()) == ["failed", "phone"]
    assert [row.template for row in phone_list.to_phone(now)] == ["registered"]


def test_nobody_is_phoned_about_what_is_over(db, queue, text, clock):
    text(template="missed_call", life=timedelta(minutes=1))
    queue.drain()
    assert states() == ["phone"]
    delivery.sweep_due(clock.tick(61))
    assert states() == ["expired"]


def test_a_text_that_cannot_be_made_fails_and_blocks_nobody(operator, queue, text):
    text()
    Message.update(values={"patient_id": "x" * 31}).execute()
    queue.drain()
    assert states() == ["failed"]


def test_the_same_cause_makes_one_message(operator, queue, text):
    for _ in range(3):
        text()
    queue.drain()
    assert (Message.select().count(), len(operator.ledger)) == (1, 1)


def test_only_what_failed_and_is_still_true_is_sent_again(operator, queue, text, clock, now):
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


def test_an_otp_is_never_sent_again(operator, queue, now):
    ask_for_code(now)
    operator.failure = PERMANENT
    queue.drain()
    with pytest.raises(NotFound):
        delivery.resend(Message.get().uid, by=SYSTEM, now=now)
