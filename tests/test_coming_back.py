"""Coming back: the texts that remind of a follow-up, from the sweep to the telephone."""

from datetime import timedelta

import pytest

from portal.core.messages.models import Message
from portal.core.messages.texts import text_of
from portal.core.referrals.models import Referral
from portal.core.referring.follow_ups import remind
from portal.work.events import sweep_undelivered
from tests.core.referring.test_follow_ups import ON, at, seen
from tests.factories import make_beneficiary, make_referral


@pytest.fixture
def visit(db, now):
    """A completed visit on a referral, with a follow-up on a Tuesday two weeks later."""
    person = make_beneficiary()
    return seen(person, make_referral(person.entry), now)


def test_the_text_says_when_to_come_and_that_no_new_referral_is_needed(visit, queue, clock):
    clock.set(at(ON - timedelta(days=1)))
    remind(clock.now())
    queue.drain()
    text = text_of(Message.get(Message.template == "follow_up"))
    assert text == (
        "Your follow-up with the doctor is on 08-12-2026 and needs no new referral. "
        "Sign in that day to request a token. -CGHSTC"
    )


def test_at_night_the_text_waits_for_the_morning(visit, queue, clock):
    clock.set(at(ON - timedelta(days=1), 0))
    remind(clock.now())
    queue.drain()
    message = Message.get(Message.template == "follow_up")
    assert message.next_at == at(ON - timedelta(days=1), 8)
    assert message.expires_at > at(ON, 12)


def test_a_reminder_that_was_queued_and_lost_is_sent_once_all_the_same(visit, queue, clock, app):
    """A kill between the commit and the queue: the event's sweep delivers, the row keeps the reminder from a second."""
    clock.set(at(ON - timedelta(days=1)))
    remind(clock.now())
    queue.waiting.clear()
    remind(clock.now())
    clock.tick(60)
    sweep_undelivered(clock.now())
    queue.drain()
    assert Message.select().where(Message.template == "follow_up").count() == 1


def test_without_a_referral_the_text_says_that_one_is_needed_first(visit, queue, clock):
    Referral.update(max_consults=1).execute()
    clock.set(at(ON - timedelta(days=1)))
    remind(clock.now())
    queue.drain()
    assert "needs a new referral first" in text_of(Message.get(Message.template == "follow_up"))
