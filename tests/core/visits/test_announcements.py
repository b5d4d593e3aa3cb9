"""Announcements: shown while they last, and everybody waiting is told by SMS."""

from datetime import timedelta

import pytest

from portal.base import language
from portal.base.errors import Conflict, Invalid
from portal.core.messages.models import Message
from portal.core.messages.texts import text_of
from portal.core.visits import announcements
from tests.core.doctors.test_leave import ADMIN
from tests.factories import make_beneficiary, make_session, make_specialty
from tests.factories import make_visit as visit_of


def say(now, kind="late", text="", text_hi="", specialty=None, minutes="30"):
    return announcements.announce(kind, text, text_hi, specialty, minutes, by=ADMIN, now=now)


def test_an_announcement_applies_to_its_specialty_until_it_expires_or_is_withdrawn(db, now):
    eye, medicine = make_session(specialty=make_specialty("eye")), make_session()
    mine, all_ = say(now, specialty=medicine.specialty), say(now, minutes="60")
    assert announcements.current(medicine, now) == [all_, mine]
    assert announcements.current(eye, now) == [all_]
    assert announcements.current(medicine, now + timedelta(minutes=30)) == [all_]
    announcements.withdraw(all_, by=ADMIN, now=now)
    assert announcements.current(eye, now) == []
    with pytest.raises(Conflict, match="no longer shown"):
        announcements.withdraw(all_, by=ADMIN, now=now)


def test_every_waiting_patient_gets_one_sms_in_the_own_language(db, queue, now):
    visit_of(beneficiary=make_beneficiary(language="hi"))
    visit_of("in_call")
    visit_of("completed")
    say(now)
    queue.drain()
    texts = {text_of(row) for row in Message.select().where(Message.template == "announcement")}
    assert len(texts) == 2
    assert "Tele-OPD: The doctor will be late. Please see your page for more. -CGHSTC" in texts


def test_an_announcement_that_was_withdrawn_in_time_is_not_sent(db, queue, now):
    visit_of()
    announcements.withdraw(say(now), by=ADMIN, now=now)
    queue.drain()
    assert not Message.select().where(Message.template == "announcement").exists()


def test_free_text_is_shown_in_the_readers_language_and_sent_if_it_fits(db, now):
    row = say(now, "other", "Tea is served in room 4", "कमरा 4 में चाय है")
    assert announcements.sentence(row) == "Tea is served in room 4"
    with language.speaking("hi"):
        assert announcements.sentence(row) == "कमरा 4 में चाय है"
    assert announcements.sms_words(row, "hi") == "कमरा 4 में चाय है"
    assert announcements.sms_words(say(now, "other", "x" * 31), "en") == "There is a message for you"


def test_a_wrong_announcement_is_refused_with_every_field(db, now):
    with pytest.raises(Invalid) as refusal:
        say(now, "shout", "x" * 201, "y" * 201, minutes="5")
    assert set(refusal.value.fields) == {"kind", "text", "text_hi", "minutes"}
    with pytest.raises(Invalid) as refusal:
        say(now, "other")
    assert refusal.value.fields == {"text": "Write what people should know."}
