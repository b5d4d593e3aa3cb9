"""Quiet hours: what can wait is postponed, what cannot is sent at any hour, and nothing expires by waiting."""

from datetime import date, time, timedelta

import pytest

from portal.base.clock import at_ist
from portal.core.accounts import otp
from portal.core.beneficiaries.events import BeneficiaryRegistered
from portal.core.messages.kinds import KINDS
from portal.core.messages.models import Message
from portal.core.messages.quiet import first_moment
from portal.core.outbox import delivery
from portal.settings.clinic import put
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests.factories import make_beneficiary

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
NIGHT, MORNING = at_ist(MONDAY, time(23, 30)), at_ist(TUESDAY, time(8))


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (time(20, 59, 59), None),
        (time(21), at_ist(TUESDAY, time(8))),
        (time(23, 59), at_ist(TUESDAY, time(8))),
        (time(0), at_ist(MONDAY, time(8))),
        (time(7, 59, 59), at_ist(MONDAY, time(8))),
        (time(8), None),
        (time(13), None),
    ],
)
def test_a_prescription_text_is_postponed_to_the_morning_in_ist(db, at, until):
    moment = at_ist(MONDAY, at)
    assert first_moment("prescription", moment) == (until or moment)


def test_texts_that_need_an_action_are_never_postponed(db):
    waiting = {template for template in KINDS if first_moment(template, NIGHT) > NIGHT}
    referrals = {"referral", "referral_withdrawn", "referral_ending", "follow_up", "request_answered"}
    assert (
        waiting
        == {"registered", "prescription", "session_cancelled", "indent_ready", "case_answered", "record_opened"}
        | referrals
    )


def test_a_cancellation_is_postponed_only_if_that_is_before_the_clinic_opens(db):
    assert first_moment("session_cancelled", NIGHT) == MORNING
    put("quiet_until", "10:00")
    assert first_moment("session_cancelled", NIGHT) == NIGHT
    assert first_moment("registered", NIGHT) == at_ist(TUESDAY, time(10))


@pytest.mark.parametrize(
    ("begins", "ends", "waits"), [("21:00", "21:00", False), ("22:00", "23:45", True), ("00:00", "06:00", False)]
)
def test_the_clinic_sets_its_quiet_hours(db, begins, ends, waits):
    put("quiet_from", begins)
    put("quiet_until", ends)
    assert (first_moment("registered", NIGHT) > NIGHT) == waits


def test_nothing_is_postponed_while_the_clinic_is_open(db):
    put("closes_at", "23:45")
    assert first_moment("prescription", NIGHT) == NIGHT


def test_a_postponed_text_is_sent_in_the_morning_and_expires_no_sooner(operator, queue, clock):
    clock.set(NIGHT)
    record(BeneficiaryRegistered(), make_beneficiary().uid, by=SYSTEM, now=NIGHT)
    queue.drain()
    row = Message.get()
    assert (row.state, row.next_at, row.expires_at) == ("new", MORNING, MORNING + timedelta(days=3))
    clock.set(MORNING + delivery.LATE)
    delivery.sweep_due(clock.now())
    queue.drain()
    assert (Message.get().state, len(operator.ledger)) == ("accepted", 1)


def test_a_retry_at_night_is_postponed_too(operator, queue, text, clock):
    clock.set(at_ist(MONDAY, time(20, 30)))
    row = text()
    Message.update(next_at=clock.now(), expires_at=NIGHT + timedelta(hours=12)).execute()
    clock.set(NIGHT)
    queue.drain()
    assert operator.ledger == []
    waiting = Message.get()
    assert (waiting.uid, waiting.state, waiting.next_at, waiting.tries) == (row.uid, "new", MORNING, 0)


def test_an_otp_is_sent_at_night(operator, queue, clock):
    clock.set(NIGHT)
    otp.ask("+919876543210", "198.51.100.7", language="hi", now=NIGHT)
    queue.drain()
    assert len(operator.ledger) == 1
