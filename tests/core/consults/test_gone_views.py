"""F27: a doctor whose presence expired comes back: the patient is in the queue, and both pages say so."""

import pytest

from portal.core.consults.models import Consult
from portal.core.visits import calling, sweeps
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, Actor
from tests.consulting import typed, write_notes
from tests.factories import make_beneficiary, make_duty, make_session, make_staff, make_visit
from tests.live.polls import POLL, Watcher
from tests.on_duty import doctor as doctor

SILENT_FOR = 16 * 60  # a page without polls holds the patient for a quarter of an hour


@pytest.fixture
def visit(doctor, now):
    """A visit in its call."""
    make_visit(beneficiary=make_beneficiary())
    visit = calling.call_next(doctor, make_session(), by=Actor("staff", doctor.uid), now=now)
    calling.accept_call(visit, by=SYSTEM, now=now)
    return visit


@pytest.fixture
def lost(visit, clock):
    """The doctor's presence has expired."""
    sweeps.release_lost(clock.tick(SILENT_FOR + 200))
    return Visit.get_by_id(visit.id)


def beat(browser, visit, seen="in_call-1"):
    return browser.get(f"/visits/{visit.uid}/consult?part=call&seen={seen}", headers=POLL)


def test_a_returning_doctor_is_told_and_can_call_again(lost, doctor, sign_in):
    assert lost.state == "awaiting_recall"
    browser = sign_in(doctor)
    answer = browser.get(f"/visits/{lost.uid}/consult")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/board")
    board = browser.get("/board").text
    assert f"Your page was silent for some minutes, so {lost.token} went back to the old place in line." in board
    assert "Call again" in board


def test_a_patient_the_doctor_skipped_was_not_lost_by_expired_presence(visit, doctor, sign_in):
    browser = sign_in(doctor)
    browser.submit(f"/visits/{visit.uid}/skip", {"reason": "call broken off"}, page="/board")
    browser.get(f"/visits/{visit.uid}/consult")
    board = browser.get("/board").text
    assert f"{visit.token} is back at the old place in line. Call again from the board." in board
    assert "Your page was silent" not in board


def test_the_stale_page_keeps_what_is_typed_and_can_call_again(lost, doctor, sign_in):
    browser = sign_in(doctor)
    answer = beat(browser, lost)
    assert 'id="call"' in answer.text
    assert "HX-Redirect" not in answer.headers, "what is typed would be gone"
    assert "went back to the old place" in answer.text
    assert beat(browser, lost, "lost-awaiting_recall").status_code == 204
    again = browser.submit(f"/visits/{lost.uid}/recall", page="/board", headers={"HX-Request": "true"})
    assert (again.status_code, "HX-Redirect" in again.headers) == (204, False)
    assert "call-changed" in again.headers["HX-Trigger"]
    assert "Waiting for the patient to answer" in beat(browser, lost, "lost-awaiting_recall").text


def test_a_save_from_a_stale_page_is_a_conflict_with_the_reason(visit, doctor, sign_in, clock):
    write_notes(visit, clock.now())
    before = Consult.get().saved_at
    sweeps.release_lost(clock.tick(SILENT_FOR + 200))
    answer = sign_in(doctor).submit(f"/visits/{visit.uid}/consult", typed(), page="/board")
    assert answer.status_code == 409
    assert "This patient is not with you just now." in answer.text
    assert Consult.get().saved_at == before


def test_the_first_doctor_is_told_when_another_doctor_has_the_patient(lost, doctor, sign_in, clock):
    other = make_staff()
    make_duty(other, make_session())
    calling.recall(lost, other, by=Actor("staff", other.uid), now=clock.now())
    first = sign_in(doctor)
    assert f"Another doctor has {lost.token} now" in beat(first, lost).text
    assert first.get(f"/visits/{lost.uid}/consult").status_code == 303
    assert sign_in(other).get(f"/visits/{lost.uid}/consult").status_code == 200


def test_a_doctor_who_never_called_the_patient_gets_not_found(lost, sign_in):
    assert sign_in(make_staff()).get(f"/visits/{lost.uid}/consult").status_code == 404


def test_after_a_conversation_no_message_says_that_the_call_failed(lost, sign_in):
    browser = sign_in(lost.beneficiary)
    text = browser.get(f"/visits/{lost.uid}").text
    assert "The call broke off. Nothing is lost, and it does not count as missed." in text
    assert "did not come about" not in text
    watcher = Watcher(browser, f"/visits/{lost.uid}").open()
    assert "The call broke off." in browser.get(watcher.address, headers=POLL).text
    assert "Missed" not in browser.get("/home").text


def test_a_call_the_doctor_ended_reads_the_same_and_a_missed_one_does_not(visit, sign_in, clock):
    Visit.update(lapses=1).where(Visit.id == visit.id).execute()
    calling.skip(Visit.get_by_id(visit.id), reason="call broken off", by=SYSTEM, now=clock.now())
    text = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    assert "The call broke off." in text
    assert "nobody answered in time" not in text


@pytest.mark.parametrize("address", ["consult?part=call&seen=in_call-1", "consult?part=log&seen=", "pace"])
def test_the_page_of_a_visit_that_was_ended_elsewhere_says_so_and_asks_no_more(visit, doctor, sign_in, address):
    """Nothing was written, so the doctor has nothing to read there: 404 (S05), in words, and without another poll."""
    Visit.update(state="cancelled", doctor=None).where(Visit.id == visit.id).execute()
    answer = sign_in(doctor).get(f"/visits/{visit.uid}/{address}", headers=POLL)
    assert (answer.status_code, "hx-get" in answer.text) == (404, False)
    assert f'id="{"call" if "call&" in address else "call-log" if "log" in address else "pace"}"' in answer.text
    assert ("This consultation was ended elsewhere." in answer.text) == ("call&" in address)
    assert visit.beneficiary.entry.name not in answer.text
