"""The doctor's board and the pages behind it, as a browser without scripts uses them."""

import pytest

from portal.base.errors import NotFound
from portal.base.language import speaking
from portal.core.accounts import sign_ins
from portal.core.boards.doctor_views import live_board
from portal.core.boards.words import own_reason
from portal.core.rosters.models import Leave
from portal.core.visits import calling
from portal.core.visits.models import Announcement, Visit
from portal.core.visits.states import AWAY, CLOSED, NEVER_COMPLETED, SILENT, UNANSWERED
from portal.settings.clinic import put
from portal.work.audit import Actor
from tests.factories import make_duty, make_session, make_specialty, make_staff, make_visit
from tests.live.polls import Watcher
from tests.on_duty import doctor as doctor

TODAY = "2026-11-23"


def test_the_board_shows_the_last_step_and_undoes_it(doctor, sign_in, now):
    make_visit()
    browser = sign_in(doctor)
    browser.submit("/board/next", {}, page="/board")
    visit = Visit.get()
    text = browser.get("/board").text
    assert "Undo: MED-001" in text
    assert f'formaction="/visits/{visit.uid}/undo"' in text
    assert browser.submit(f"/visits/{visit.uid}/undo", {}, page="/board").status_code == 303
    assert Visit.get().state == "waiting"
    assert "Undo: MED-001" not in browser.get("/board").text


def test_the_board_of_another_doctor_answers_no_poll(doctor, app, now):
    colleague = sign_ins.start(staff=make_staff("doctor"), now=now)
    with app.test_request_context(), pytest.raises(NotFound):
        live_board(doctor.uid, colleague, now)


def test_a_colleagues_last_step_is_shown_without_undo_and_refused(doctor, sign_in, now):
    colleague = make_staff("doctor", name="Dr Rao")
    make_duty(colleague, make_session(), "on")
    visit = make_visit()
    by = Actor("staff", colleague.uid)
    calling.skip(calling.call_next(colleague, make_session(), by=by, now=now), reason="left", by=by, now=now)
    browser = sign_in(doctor)
    text = browser.get("/board").text
    assert "Patient left" in text
    assert "Undo:" not in text
    answer = browser.submit(f"/visits/{visit.uid}/undo", {}, page="/board")
    assert answer.status_code == 409
    assert "Only the one who did this can undo it." in answer.text


@pytest.mark.parametrize(
    ("reason", "english", "hindi"),
    [
        ("call broken off", "call broken off", "कॉल टूट गई"),
        ("no answer", "no answer", "जवाब नहीं मिला"),
        ("technical", "Technical problem", "तकनीकी समस्या"),
        ("he will phone", "he will phone", "he will phone"),
    ],
)
@pytest.mark.parametrize("through", ["page", "poll"])
def test_a_stored_reason_is_shown_in_the_readers_language(doctor, sign_in, now, through, reason, english, hindi):
    make_visit()
    by = Actor("staff", doctor.uid)
    calling.skip(calling.call_next(doctor, make_session(), by=by, now=now), reason=reason, by=by, now=now)
    board = Watcher(sign_in(doctor), "/board").open()
    for spoken, words in (("en", english), ("hi", hindi), ("en", english)):
        board.browser.set_cookie("lang", spoken)
        board.etag = ""
        text = board.browser.get("/board").text if through == "page" else board.poll().text
        assert f": {words} ·" in text


def test_the_portals_own_reasons_are_translated_and_free_text_is_not():
    with speaking("hi"):
        for stored in (*(AWAY, CLOSED, SILENT, UNANSWERED, NEVER_COMPLETED), "missed call 2", "back to MED-001"):
            assert own_reason(stored) not in (stored, "")
        for typed in ("missed call from home", "back to work", ""):
            assert own_reason(typed) == typed


def test_waiting_times_are_coloured_by_the_settings(doctor, sign_in, clock):
    make_visit()
    put("wait_late_minutes", "45")
    clock.tick(40 * 60)
    browser = sign_in(doctor)
    assert 'data-level="long"' in browser.get("/board").text
    clock.tick(5 * 60)
    assert 'data-level="late"' in browser.get("/board").text


def test_a_patient_is_transferred_from_the_page_of_steps(doctor, sign_in):
    make_specialty("eye", name="Eye")
    visit = make_visit("in_call", doctor=doctor)
    browser, steps = sign_in(doctor), f"/visits/{visit.uid}/steps"
    answer = browser.submit(f"/visits/{visit.uid}/transfer", {"to": "eye", "reason": ""}, page=steps)
    assert answer.status_code == 422
    assert "Say why, so that the next doctor knows." in answer.text
    answer = browser.submit(f"/visits/{visit.uid}/transfer", {"to": "eye", "reason": "Blurred"}, page=steps)
    assert (answer.status_code, answer.location) == (303, "/board")
    assert Visit.get_by_id(visit.id).moved_to.token == "EYE-001"
    assert "Blurred" in browser.get(steps).text


def test_an_emergency_call_redirects_to_the_consult(doctor, sign_in):
    visit, browser = make_visit(), sign_in(doctor)
    answer = browser.submit(
        f"/visits/{visit.uid}/emergency", {"reason": "Chest pain since nine"}, page=f"/visits/{visit.uid}/steps"
    )
    assert answer.location == f"/visits/{visit.uid}/consult"
    assert Visit.get().state == "called"


def test_a_visit_is_ended_without_a_consultation(doctor, sign_in):
    visit, browser = make_visit("called", doctor=doctor), sign_in(doctor)
    answer = browser.submit(f"/visits/{visit.uid}/not-held", {"reason": "technical"}, page=f"/visits/{visit.uid}/steps")
    assert (answer.status_code, Visit.get().state) == (303, "no_show")


@pytest.mark.parametrize("step", ["transfer", "undo", "emergency", "not-held"])
def test_no_permission_for_visits_of_a_colleague_or_another_specialty(doctor, sign_in, step):
    held = make_visit("in_call")
    elsewhere = make_visit(session=make_session(specialty=make_specialty("eye")))
    browser = sign_in(doctor)
    for visit in (held, elsewhere):
        assert browser.submit(f"/visits/{visit.uid}/{step}", {"reason": "x"}, page="/board").status_code == 404
        assert browser.get(f"/visits/{visit.uid}/steps").status_code == 404


def test_a_doctor_announces_to_the_own_specialty_and_withdraws(doctor, sign_in):
    browser = sign_in(doctor)
    form = {"kind": "other", "text": "Tea at eleven", "minutes": "15", "specialty": ""}
    assert browser.submit("/announcements", form, page="/announcements").location == "/board"
    row = Announcement.get()
    assert row.specialty == doctor.specialty
    assert "Tea at eleven" in browser.get("/board").text
    browser.submit(f"/announcements/{row.uid}/withdraw", {}, page="/board")
    assert "Tea at eleven" not in browser.get("/board").text


def test_a_doctor_has_no_permission_to_withdraw_the_desks_announcement(doctor, sign_in):
    desk = sign_in(make_staff("desk"))
    answer = desk.submit("/announcements", {"kind": "shout", "minutes": "15"}, page="/announcements")
    assert answer.status_code == 422
    desk.submit("/announcements", {"kind": "early", "minutes": "15"}, page="/announcements")
    row = Announcement.get()
    assert row.specialty is None
    browser = sign_in(doctor)
    assert "The clinic closes early today." in browser.get("/board").text
    assert browser.submit(f"/announcements/{row.uid}/withdraw", {}, page="/board").status_code == 404


def test_leave_is_taken_by_the_doctor_and_ended_by_the_administrator(doctor, sign_in):
    make_staff("doctor")
    browser = sign_in(doctor)
    assert browser.submit("/leave", {"day": "soon"}, page="/leave").status_code == 422
    browser.submit("/leave", {"day": TODAY, "reason": "fever"}, page="/leave")
    assert Leave.get().doctor == doctor
    admin = sign_in(make_staff("admin"))
    assert "fever" in admin.get("/leave").text
    admin.submit("/leave/end", {"doctor": doctor.username, "day": TODAY}, page="/leave")
    assert not Leave.select().exists()
