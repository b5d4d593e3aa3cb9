"""The page of a visit that is over: what happened, why, and the token that continues it."""

from datetime import timedelta

import pytest
from lxml import html

from portal.base.clock import clinic_day
from portal.core.clinic.models import ClinicSession
from portal.core.doctors import leave
from portal.core.visits import outcomes, sweeps, transfers, undoing
from portal.core.visits.models import Announcement, Visit
from portal.work.audit import SYSTEM, Actor
from tests.factories import make_beneficiary, make_specialty, make_staff, make_visit
from tests.on_duty import doctor as doctor

NEW_TOKEN = "You can ask for a new token"


@pytest.fixture
def visit(doctor, now):
    return make_visit("in_call", beneficiary=make_beneficiary(), doctor=doctor, lease_until=now + timedelta(minutes=1))


@pytest.fixture
def read(sign_in, visit):
    browser = sign_in(visit.beneficiary)
    return lambda uid=visit.uid: browser.get(f"/visits/{uid}").text


def by(doctor):
    return Actor("staff", doctor.uid)


def test_a_transferred_patient_is_led_to_the_new_token_and_back_after_an_undo(visit, doctor, read, now):
    make_specialty("eye")
    new = transfers.transfer(visit, "eye", reason="Blurred vision", by=by(doctor), now=now)
    text = read()
    for words in ("You are sent on to another doctor", "EYE-001", f'data-onward="/visits/{new.uid}"', "/live/"):
        assert words in text
    assert (NEW_TOKEN in text, "clinic has closed" in text) == (False, False)
    undoing.undo(Visit.get_by_id(visit.id), doctor, by=by(doctor), now=now)
    back = read(new.uid)
    assert ("Your earlier token is good again" in back, f'data-onward="/visits/{visit.uid}"' in back) == (True, True)
    assert "You are with the doctor" in read()


def test_the_token_of_an_undone_transfer_is_withdrawn_and_nobody_gave_it_up(visit, doctor, sign_in, now):
    eye = make_specialty("eye")
    new = transfers.transfer(visit, "eye", reason="Blurred vision", by=by(doctor), now=now)
    undoing.undo(Visit.get_by_id(visit.id), doctor, by=by(doctor), now=now)
    given_up = make_visit("cancelled", beneficiary=visit.beneficiary)
    home = html.fromstring(sign_in(visit.beneficiary).get("/home").text)
    chips = {
        token: home.xpath(f"//section[.//a[.='{token}']]//*[@data-state]/text()")
        for token in (new.token, given_up.token)
    }
    assert chips == {new.token: ["Withdrawn"], given_up.token: ["Given up"]}
    steps = html.fromstring(sign_in(make_staff("doctor", specialty=eye)).get(f"/visits/{new.uid}/steps").text)
    assert steps.xpath("//p[@class='lead']/*[@data-state]/text()") == ["Withdrawn"]
    assert steps.xpath("//td[@data-label='Step']/text()")[-1] == "Withdrawn"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("wrong_specialty", "A doctor of another specialty is right for this trouble."),
        ("hospital", "The doctor asked you to go to a hospital."),
        ("other", NEW_TOKEN),
    ],
)
def test_a_visit_without_a_consultation_shows_the_reason(visit, doctor, read, now, reason, sentence):
    outcomes.end_unheld(visit, reason=reason, note="between us", by=by(doctor), now=now)
    text = read()
    assert ("The consultation did not take place" in text, sentence in text) == (True, True)
    assert ("You were called several times" in text, "between us" in text) == (False, False)


def test_a_carried_visit_shows_the_new_day_and_token_without_a_redirect(doctor, sign_in, now):
    visit = make_visit(beneficiary=make_beneficiary())
    leave.take_leave(doctor, clinic_day(now), reason="ill", by=SYSTEM, now=now)
    text = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    for words in ("Your token is moved to another day", "24 Nov 2026", "Open token MED-001"):
        assert words in text
    assert "data-onward" not in text


def test_a_doctors_leave_and_the_closing_are_not_shown_as_cancelled_by_the_patient(doctor, sign_in, now):
    away, late = (make_visit(beneficiary=make_beneficiary(), carries=1) for _ in range(2))
    leave.take_leave(doctor, clinic_day(now), reason="ill", by=SYSTEM, now=now)
    assert "The doctor is away" in sign_in(away.beneficiary).get(f"/visits/{away.uid}").text
    Visit.update(state="waiting", live_key=str(late.beneficiary_id)).where(Visit.id == late.id).execute()
    sweeps.close_sessions(ClinicSession.get().closes_at)
    assert "The clinic closed before your turn came" in sign_in(late.beneficiary).get(f"/visits/{late.uid}").text


def test_announcements_are_shown_to_waiting_but_not_to_called_patients(db, sign_in, now):
    Announcement.create(kind="late", at=now, until=now + timedelta(minutes=30), by_uid="x")
    waiting, called = (make_visit(state, beneficiary=make_beneficiary()) for state in ("waiting", "called"))
    heard = ["will be late" in sign_in(one.beneficiary).get(f"/visits/{one.uid}").text for one in (waiting, called)]
    assert heard == [True, False]


def test_after_the_doctors_lease_expires_the_patient_need_not_press_anything(visit, read, clock):
    """F27: the page is open, so the next doctor calls again."""
    sweeps.release_lost(clock.tick(300))
    text = read()
    assert ("Your place is kept" in text, "The doctor will call you again soon." in text) == (True, True)
    assert ("Press the button when you are ready" in text, "nobody answered" in text) == (False, False)
