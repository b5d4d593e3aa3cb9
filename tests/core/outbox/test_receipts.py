"""Delivery reports: duplicate, late, early, out of order, of other people's texts (F17, F21)."""

from datetime import timedelta
from itertools import permutations

import pytest

from portal.contracts import Attempt, GatewayError, Receipt, Report
from portal.core.accounts import otp
from portal.core.messages import services
from portal.core.messages.models import EarlyReport, Message, SendAttempt
from portal.core.outbox import delivery, receipts
from portal.settings.clinic import put
from portal.store.db import database
from portal.work import jobs
from portal.work.audit import SYSTEM, AuditRow
from portal.work.events import Event
from tests.fakes import Operator, install_plugin

UNKNOWN = GatewayError("no answer", unknown=True, attempts=(Attempt("a", "unknown", "no answer"),))
NEWS = {name: Report(name) for name in ("accepted", "sent", "delivered", "failed")}


class Asked(Operator):
    """An operator that can be polled for the state of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.news: Report | None = None
        self.questions: list[tuple[str, str]] = []

    def message_report(self, message):
        self.questions.append((message.driver, message.reference))
        if isinstance(self.news, Exception):
            raise self.news
        return self.news


@pytest.fixture
def asked(app, db) -> Asked:
    asked = Asked()
    install_plugin(app, "asked", send_message=asked.send_message, message_report=asked.message_report)
    return asked


def state() -> str:
    return Message.get().state


def events(name: str) -> int:
    return Event.select().where(Event.name == name).count()


def sweep(queue, moment) -> None:
    for each in (delivery.sweep_due, receipts.sweep_early, receipts.sweep_questions, receipts.sweep_unknown):
        each(moment)
    queue.drain()


@pytest.mark.parametrize(
    "order", sorted(set(permutations(["sent", "delivered", "accepted", "delivered"]))), ids="-".join
)
def test_delivery_reports_in_any_order_end_at_delivered_and_record_one_event(operator, queue, text, now, order):
    row = text()
    queue.drain()
    ranks = []
    for name in order:
        receipts.report(row.uid, 1, "operator", NEWS[name], now=now)
        ranks.append(receipts.RANK[state()])
    assert ranks == sorted(ranks)
    assert (state(), events("MessageDelivered")) == ("delivered", 1)
    assert AuditRow.select().where(AuditRow.action == "MessageDelivered").count() == 1


@pytest.mark.parametrize("first", ["delivered", "failed"])
def test_a_final_state_is_never_changed_by_a_report(operator, queue, text, now, first):
    row = text()
    queue.drain()
    receipts.report(row.uid, 1, "operator", NEWS[first], now=now)
    for name in NEWS:
        receipts.report(row.uid, 1, "operator", NEWS[name], now=now)
    assert state() == first
    assert events("MessageDelivered") + events("MessageFailed") == 1


@pytest.mark.parametrize(("attempt", "provider"), [(2, "operator"), (1, "somebody"), (0, "operator")])
def test_a_failure_report_of_another_attempt_or_provider_is_ignored(operator, queue, text, now, attempt, provider):
    row = text()
    queue.drain()
    receipts.report(row.uid, attempt, provider, NEWS["failed"], now=now)
    assert (state(), EarlyReport.select().count()) == ("accepted", 0)


def test_a_report_about_an_unknown_message_is_dropped(db, now):
    receipts.report("x" * 22, 1, "operator", NEWS["delivered"], now=now)
    assert EarlyReport.select().count() == 0


def test_a_delivery_report_may_arrive_before_the_gateways_response(app, queue, text, now):
    def send_message(message):
        receipts.report(message.uid, message.attempt, "hasty", Report("delivered", "r-1"), now=now)
        return Receipt("r-1")

    install_plugin(app, "hasty", send_message=send_message)
    text()
    queue.drain()
    row = Message.get()
    assert (row.state, row.provider, row.reference, row.lease_until) == ("delivered", "hasty", "r-1", None)


def test_an_early_failure_report_is_stored_until_the_attempt_is_finished(app, queue, text, now, clock):
    def send_message(message):
        receipts.report(message.uid, message.attempt, "hasty", Report("failed", "r-1", "NACK"), now=now)
        return Receipt("r-1")

    install_plugin(app, "hasty", send_message=send_message)
    text()
    queue.drain()
    assert (state(), EarlyReport.select().count()) == ("accepted", 1)
    sweep(queue, clock.tick(10))
    assert (state(), Message.get().error, EarlyReport.select().count()) == ("failed", "NACK", 0)


def test_a_failure_report_is_kept_if_the_sending_ends_while_it_is_applied(
    app, operator, queue, text, now, clock, monkeypatch
):
    row = text()
    queue.drain()
    being_sent = Message.update(state="leased").where(Message.id == row.id)
    ended = Message.update(state="accepted").where(Message.id == row.id)
    being_sent.execute()
    real = database.obj.execute_sql

    def execute_sql(sql, *arguments, **options):
        cursor = real(sql, *arguments, **options)
        if sql.startswith('UPDATE "message"'):
            monkeypatch.setattr(database.obj, "execute_sql", real)
            ended.execute()
        return cursor

    monkeypatch.setattr(database.obj, "execute_sql", execute_sql)
    receipts.report(row.uid, 1, "operator", Report("failed", "r-1", "NACK"), now=now)
    sweep(queue, clock.tick(10))
    assert (state(), Message.get().error, EarlyReport.select().count()) == ("failed", "NACK", 0)


def test_a_report_by_reference_is_stored_for_an_hour(operator, queue, text, now, clock):
    receipts.report_reference("operator", Report("delivered", "ref-1"), now=now)
    receipts.report_reference("operator", Report("delivered", "ref-77"), now=now)
    receipts.report_reference("other", Report("failed", "ref-1"), now=now)
    text()
    queue.drain()
    assert state() == "accepted"
    sweep(queue, clock.tick(10))
    assert (state(), EarlyReport.select().count()) == ("delivered", 2)
    sweep(queue, clock.tick(3600))
    assert EarlyReport.select().count() == 0


def test_operators_without_delivery_reports_are_polled(asked, queue, text, now, clock):
    asked.send_message = lambda message: None
    install_plugin(
        queue.app,
        "slow",
        position=-1,
        send_message=lambda message: Receipt("r-9", driver="d", ask_at=now + timedelta(seconds=60)),
        message_report=asked.message_report,
    )
    text()
    queue.drain()
    sweep(queue, clock.tick(59))
    assert asked.questions == []
    asked.news = Report("sent", ask_at=clock.now() + timedelta(minutes=1))
    sweep(queue, clock.tick(1))
    assert (state(), asked.questions, Message.get().provider) == ("sent", [("d", "r-9")], "slow/d")
    asked.news = RuntimeError("away")
    sweep(queue, clock.tick(61))
    asked.news = Report("delivered")
    sweep(queue, clock.tick(61))
    assert (state(), len(asked.questions), Message.get().ask_at) == ("delivered", 3, None)


def test_an_unknown_outcome_is_polled_and_no_other_sender_is_tried(app, asked, queue, text, clock):
    second = Operator()
    install_plugin(app, "second", position=1, send_message=second.send_message)
    asked.failure = UNKNOWN
    text()
    queue.drain()
    row = Message.get()
    assert (row.state, row.provider, second.ledger) == ("unknown", "asked/a", [])
    asked.news = Report("delivered")
    sweep(queue, clock.tick(15))
    assert (state(), asked.questions) == ("delivered", [("a", "")])


def test_a_text_the_operator_never_received_is_resent_at_once(asked, queue, text, clock):
    asked.failure, asked.news = UNKNOWN, Report("unsent")
    text()
    queue.drain()
    asked.failure = None
    sweep(queue, clock.tick(15))
    sweep(queue, clock.tick(3))
    assert (state(), len(asked.ledger)) == ("accepted", 1)


def test_a_text_of_unknown_outcome_is_resent_once_and_then_held(asked, queue, text, clock):
    text()
    asked.failure = UNKNOWN
    for _ in range(20):
        sweep(queue, clock.tick(70))
    assert (state(), SendAttempt.select().count()) == ("unknown", 2)
    delivery.resend(Message.get().uid, by=SYSTEM, now=clock.now())
    asked.failure = None
    queue.drain()
    assert state() == "accepted"


def test_a_late_failure_of_the_first_sending_does_not_fail_the_one_sent_again(operator, queue, text, now):
    row = text()
    queue.drain()
    for _twice in range(2):
        receipts.report(row.uid, 1, "operator", NEWS["failed"], now=now)
        if state() == "failed":
            delivery.resend(row.uid, by=SYSTEM, now=now)
            queue.drain()
    assert (state(), Message.get().tries, len(operator.ledger)) == ("accepted", 2, 2)


def test_the_clinic_can_disable_resending_of_unknown_outcomes(asked, queue, text, clock):
    put("unknown_resend_minutes", "0")
    text()
    asked.failure = UNKNOWN
    for _ in range(20):
        sweep(queue, clock.tick(70))
    assert (state(), SendAttempt.select().count()) == ("unknown", 1)


def test_a_late_delivery_report_prevents_the_resend(asked, queue, text, now, clock):
    row = text()
    asked.failure = UNKNOWN
    queue.drain()
    receipts.sweep_unknown(clock.tick(121))
    assert state() == "new"
    receipts.report(row.uid, 1, "asked/a", NEWS["sent"], now=clock.now())
    asked.failure = None
    sweep(queue, clock.tick(3))
    assert (state(), asked.ledger) == ("sent", [])


@pytest.mark.parametrize("news", [None, Report("unsent"), Report("delivered")], ids=["silence", "unsent", "delivered"])
def test_an_otp_of_unknown_outcome_is_never_resent(asked, queue, clock, now, news):
    otp.ask("+919876543210", "198.51.100.7", language="en", now=now)
    asked.failure, asked.news = UNKNOWN, news
    queue.drain()
    asked.failure = None
    for _ in range(60):
        sweep(queue, clock.tick(70))
    assert (asked.ledger, SendAttempt.select().count()) == ([], 1)
    assert state() == ("delivered" if news == Report("delivered") else "failed")


def test_a_disabled_sender_is_not_polled(asked, queue, text, clock, app):
    from portal.plugin_host.switches import switch

    asked.failure = UNKNOWN
    text()
    queue.drain()
    switch("asked", False, by=SYSTEM, now=clock.now(), confirmed=True)
    sweep(queue, clock.tick(15))
    assert (asked.questions, state(), Message.get().ask_at) == ([], "unknown", None)


def test_every_attempt_of_every_driver_is_stored(app, queue, text):
    tried = (Attempt("a", "temporary", "busy"), Attempt("b", "temporary", "away"))
    install_plugin(app, "p", send_message=lambda message: Receipt("r", "sent", "c", tried))
    text()
    queue.drain()
    rows = [(row.provider, row.outcome, row.error) for row in SendAttempt.select().order_by(SendAttempt.id)]
    assert rows == [("p/a", "temporary", "busy"), ("p/b", "temporary", "away"), ("p/c", "sent", "")]


def test_otps_and_other_texts_have_separate_job_lanes():
    assert (jobs.lane_of("send_secret"), jobs.lane_of("send_message"), jobs.lane_of("deliver")) == (
        "urgent",
        "texts",
        "events",
    )


def test_a_text_can_be_postponed_to_the_morning(operator, queue, db, now, clock):
    later = now + timedelta(hours=9)
    values = {"patient_id": "2611230000017"}
    services.queue("c", "+919876543210", "registered", "en", values, now=now, life=timedelta(hours=1), not_before=later)
    queue.drain()
    assert (state(), Message.get().expires_at) == ("new", later + timedelta(hours=1))
    clock.set(later)
    sweep(queue, clock.tick(3))
    assert state() == "accepted"
