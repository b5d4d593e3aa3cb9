"""The live layer in front of Flask: its cache agrees with the database, and it answers active sign-ins only."""

import gzip
import re
from datetime import timedelta

import peewee
import pytest

from portal.app import create_app
from portal.base import clock as portal_clock
from portal.core.accounts import sign_ins, staff
from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.boards import patient_status
from portal.core.clinic.models import ClinicSession
from portal.core.doctors import duty
from portal.core.visits import calling, services
from portal.core.visits.models import Visit
from portal.live import sign_in_cache
from portal.store.db import database
from portal.work.audit import SYSTEM, Actor
from tests.client import Browser
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_session, make_staff, make_visit
from tests.live.polls import POLL, Watcher
from tests.live.polls import patient as patient
from tests.live.polls import visit as visit
from tests.on_duty import doctor as doctor

FLASK_ONLY = {"Date", "Server", "Connection", "X-Request-Id"}  # a cached poll does nothing that could be logged


@pytest.fixture
def watcher(visit, patient, sign_in):
    return Watcher(sign_in(patient), f"/visits/{visit.uid}").open()


@pytest.fixture
def through_flask(app, monkeypatch):
    """through_flask(watcher) → the poll answered by Flask, bypassing the layer."""

    def ask(watcher, **headers):
        with monkeypatch.context() as patch:
            patch.setattr(app, "wsgi_app", app.extensions["portal.live"]._inner)
            return watcher.poll(**headers)

    return ask


@pytest.fixture
def flask_calls(app, monkeypatch):
    """One entry per request that passes through to Flask."""
    layer, calls = app.extensions["portal.live"], []
    inner = layer._inner
    monkeypatch.setattr(layer, "_inner", lambda *request: [calls.append(1), inner(*request)][1])
    return calls


def test_an_unchanged_poll_touches_neither_flask_nor_the_database(watcher, flask_calls, monkeypatch):
    assert watcher.poll().status_code == 200
    monkeypatch.setattr(database.obj, "execute_sql", lambda *query: pytest.fail(f"a query: {query}"))
    assert [watcher.poll().status_code for _ in range(5)] == [304] * 5
    assert flask_calls == []


def test_a_poll_during_another_threads_refresh_is_answered_from_the_stale_cache(app, watcher, clock, monkeypatch):
    layer = app.extensions["portal.live"]
    watcher.poll()
    clock.tick()
    with layer._lock:  # another thread refreshes
        assert watcher.poll().status_code == 304
    monkeypatch.setattr(layer._pages, "refresh", lambda now: pytest.fail("read again"))
    with pytest.raises(pytest.fail.Exception):
        watcher.poll()


@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}], ids=["html", "json"])
def test_the_answer_is_byte_for_byte_that_of_flask(watcher, through_flask, headers):
    fast = watcher.poll(**headers)
    watcher.etag = ""
    slow = through_flask(watcher, **headers)
    assert (fast.status_code, fast.data) == (slow.status_code, slow.data)
    assert dict(fast.headers) == {name: value for name, value in slow.headers.items() if name not in FLASK_ONLY}


def test_a_304_carries_the_headers_of_flask(watcher, through_flask):
    watcher.poll()
    fast, slow = watcher.poll(), through_flask(watcher)
    assert (fast.status_code, slow.status_code) == (304, 304)
    assert dict(fast.headers) == {name: value for name, value in slow.headers.items() if name not in FLASK_ONLY}


def test_the_page_knows_the_etag_of_its_first_poll(watcher, visit, patient):
    text = watcher.browser.get(f"/visits/{visit.uid}").text
    etag = re.search(r"If-None-Match[^0-9a-f]+([0-9a-f]{20})", text).group(1)
    assert watcher.poll(If_None_Match=f'"{etag}"').status_code == 304


def test_a_gzipped_poll_decompresses_to_the_same_body(watcher, through_flask):
    packed = watcher.poll(Accept_Encoding="gzip, br")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"].endswith(':gzip"')
    assert watcher.poll(Accept_Encoding="gzip, br").status_code == 304
    watcher.etag = ""
    assert gzip.decompress(packed.data) == watcher.poll().data


def test_each_language_has_its_own_fragment_and_etag(watcher):
    english = watcher.poll()
    watcher.browser.set_cookie("lang", "hi")
    hindi = watcher.poll()
    assert (hindi.status_code, "आपकी" in hindi.text, hindi.headers["ETag"] != english.headers["ETag"]) == (
        200,
        True,
        True,
    )


STEPS = [
    lambda visit, doctor, by, now: services.mark_here(visit, by=by, now=now),
    lambda visit, doctor, by, now: calling.call_next(doctor, visit.session, by=by, now=now),
    lambda visit, doctor, by, now: calling.skip(visit, reason="", by=by, now=now),
    lambda visit, doctor, by, now: services.mark_here(visit, by=by, now=now),
    lambda visit, doctor, by, now: calling.call_next(doctor, visit.session, by=by, now=now),
    lambda visit, doctor, by, now: calling.accept_call(visit, by=by, now=now),
    lambda visit, doctor, by, now: services.end_call(visit, reason="", by=by, now=now),
    lambda visit, doctor, by, now: services.complete(visit, by=by, now=now),
]


def test_after_every_transition_panel_and_board_agree_with_the_database(
    patient, doctor, sign_in, clock, through_flask, flask_calls
):
    visit = make_visit(beneficiary=patient)
    make_visit()
    panel = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    board = Watcher(sign_in(doctor), "/board").open()
    flask_calls.clear()
    for step in STEPS:
        step(Visit.get_by_id(visit.id), doctor, SYSTEM, clock.tick(4))
        fresh = Visit.get_by_id(visit.id)
        assert panel.status() == patient_status.status(fresh, clock.now())
        for watcher in (panel, board):
            watcher.etag = ""
            fast = watcher.poll()
            watcher.etag = ""
            assert fast.data == through_flask(watcher).data
    assert len(flask_calls) == 2 * len(STEPS)  # those of through_flask alone


def test_a_call_moves_up_everybody_behind(patient, doctor, visit, watcher, clock):
    assert (watcher.status()["ahead"], watcher.poll().status_code) == (1, 200)
    calling.call_next(doctor, make_session(), by=SYSTEM, now=clock.tick(1))
    moved = watcher.poll()
    assert (moved.status_code, "You are next" in moved.text, watcher.status()["ahead"]) == (200, True, 0)


def test_a_change_is_seen_by_the_next_poll_250_ms_later(watcher, visit, clock):
    watcher.poll()
    services.cancel(Visit.get_by_id(visit.id), by=SYSTEM, now=clock.tick(0.25))
    assert "You gave up your place" in watcher.poll().text


def test_polls_show_duty_and_breaks(watcher, clock):
    doctor = make_staff()
    assert "not on duty yet" in watcher.poll().text
    duty.set_duty(doctor, doctor.specialty, "break20", by=Actor("staff", doctor.uid), now=clock.tick(1))
    assert "on a break until" in watcher.poll().text


def test_a_change_without_a_version_bump_is_seen_after_six_seconds(watcher, visit, clock):
    watcher.poll()
    Visit.update(state="awaiting_recall", lapses=1).where(Visit.id == visit.id).execute()
    clock.tick(6)
    assert "Your place is kept" in watcher.poll().text


def test_boards_show_at_once_that_a_patient_is_present_again(patient, doctor, sign_in, clock):
    visit = make_visit(beneficiary=patient)
    board = Watcher(sign_in(doctor), "/board").open()
    clock.tick(600)
    away = board.poll().text
    services.mark_here(Visit.get_by_id(visit.id), by=SYSTEM, now=clock.tick(1))
    clock.tick(0.25)
    assert ("away" in away, "away" in board.poll().text) == (True, False)


def test_an_expired_call_changes_the_page_without_a_transition(patient, doctor, sign_in, clock):
    visit = make_visit("called", beneficiary=patient, doctor=doctor)
    watcher = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    assert watcher.status()["call_now"]
    clock.tick(241)  # opening the page has lengthened the call
    assert not watcher.status()["call_now"]


def test_a_poll_that_misses_the_snapshot_cache_passes_through_to_flask(patient, sign_in, clock, flask_calls):
    yesterday = make_session(day=(clock.now() - timedelta(days=1)).date(), closed_at=clock.now())
    visit = make_visit("completed", beneficiary=patient, session=yesterday)
    watcher = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    flask_calls.clear()
    assert (watcher.poll().status_code, len(flask_calls)) == (200, 1)


def test_a_poll_without_the_database_gets_503_with_retry_after(watcher, clock, monkeypatch, app):
    def broken(*query):
        raise peewee.OperationalError("the server is away")

    watcher.poll()
    clock.tick(1)
    monkeypatch.setattr(database.obj, "execute_sql", broken)
    answer = watcher.poll()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_the_caches_of_two_processes_on_one_database_agree(app, config, patient, visit, doctor, sign_in, clock):
    getattr(database.obj, "close_all", database.close)()  # the second application opens the same one again
    other = create_app(config)
    other.testing, other.test_client_class = True, Browser
    portal_clock.install(clock)  # making an application has installed the system's
    here = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    there = Watcher(other.test_client(), here.page, address=here.address)
    there.browser.set_cookie("portal", here.browser.get_cookie("portal").value)
    assert there.poll().data == here.poll().data
    calling.call_next(doctor, make_session(), by=SYSTEM, now=clock.tick(1))
    assert there.poll().data == here.poll().data
    assert [there.poll().status_code, here.poll().status_code] == [304, 304]
    sign_ins.end_all(account=patient.account, now=clock.tick(1))
    clock.tick(sign_in_cache.COMPARE_EVERY.total_seconds())
    assert [there.poll().status_code, here.poll().status_code] == [401, 401]


def test_a_ticket_expires_within_five_seconds_of_signing_out(watcher, patient, clock):
    watcher.poll()
    sign_ins.end_all(account=patient.account, now=clock.now())
    clock.tick(2)
    answer = watcher.poll()
    assert (answer.status_code, answer.headers["HX-Redirect"], answer.data) == (401, "/login", b"")


def test_a_saved_cookie_is_refused_after_signing_out(watcher, patient, clock, app):
    watcher.poll()
    SignIn.update(ended_at=clock.now()).execute()
    clock.tick(5)
    assert [watcher.poll().status_code for _ in range(3)] == [401] * 3


def test_disabled_staff_are_refused_after_five_seconds(doctor, sign_in, clock):
    watcher = Watcher(sign_in(doctor), "/board").open()
    assert watcher.poll().status_code == 200
    staff.disable_staff(Staff.get_by_id(doctor.id), by=SYSTEM, now=clock.tick(1))
    clock.tick(4)
    answer = watcher.poll()
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


@pytest.mark.parametrize("person", [Account, Staff])
def test_a_disabled_person_is_refused_even_if_the_sign_in_was_not_ended(doctor, watcher, sign_in, clock, person):
    watched = watcher if person is Account else Watcher(sign_in(doctor), "/board").open()
    assert watched.poll().status_code == 200
    person.update(disabled_at=clock.now()).execute()
    clock.tick(2)
    assert watched.poll().status_code == 401


def test_a_doctor_whose_role_changes_loses_the_permission_to_poll_the_board(doctor, sign_in, clock):
    watcher = Watcher(sign_in(doctor), "/board").open()
    watcher.poll()
    Staff.update(role="pharmacist").where(Staff.id == doctor.id).execute()
    clock.tick(2)
    assert watcher.poll().status_code == 403


def test_a_ticket_with_another_persons_cookie_is_refused(watcher, sign_in, doctor, clock):
    watcher.poll()
    for person in (make_beneficiary(), doctor, make_staff("pharmacist")):
        assert sign_in(person).get(watcher.address, headers=POLL).status_code in (403, 404)


def test_polls_do_not_extend_the_idle_timeout_once_the_visit_is_over(patient, sign_in, clock):
    visit = make_visit("completed", beneficiary=patient)
    watcher = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    for _ in range(6):
        clock.tick(300)
        Visit.update(state_since=clock.now()).execute()
        assert watcher.poll().status_code in (200, 304)
    clock.tick(2)
    assert watcher.poll().status_code == 401


def test_a_poll_right_after_completion_waits_for_the_file_of_the_prescription(patient, sign_in, clock):
    visit = make_visit("in_call", beneficiary=patient)
    watcher = Watcher(sign_in(patient), f"/visits/{visit.uid}").open()
    make_prescription(clock.now(), visit)
    services.complete(Visit.get_by_id(visit.id), by=Actor("staff", visit.doctor.uid), now=clock.now())
    clock.tick(7)
    answer = watcher.poll()
    assert answer.status_code == 200
    assert "A prescription appears here as soon as it is ready." in answer.get_data(as_text=True)


def test_the_idle_timeout_does_not_sign_out_a_waiting_patient(watcher, clock, flask_calls):
    watcher.poll()
    clock.tick(45 * 60)
    assert watcher.poll().status_code in (200, 304)
    assert flask_calls == []


@pytest.mark.parametrize(("takes", "lasts"), [(0, 0.25), (0.2, 0.8), (9, 2)])
def test_a_cache_that_is_slow_to_refresh_is_refreshed_less_often(watcher, app, clock, monkeypatch, takes, lasts):
    renewed, pages = [], app.extensions["portal.live"]._pages
    monkeypatch.setattr(pages, "refresh", lambda moment: (renewed.append(moment), clock.tick(takes)))
    clock.tick(60)
    began = clock.now()
    watcher.poll()
    for seconds in (lasts - 0.01, lasts):
        clock.set(began + timedelta(seconds=seconds))
        watcher.poll()
    assert renewed == [began, began + timedelta(seconds=lasts)]


def test_long_headers_are_answered_but_not_cached(watcher, app):
    layer = app.extensions["portal.live"]
    watcher.poll()
    before = len(layer._credentials)
    watcher.browser.set_cookie("other", "x" * 3000)
    assert (watcher.poll().status_code, len(layer._credentials)) == (304, before)
    watcher.browser.set_cookie("other", "x")
    assert (watcher.poll().status_code, len(layer._credentials)) == (304, before + 1)


def test_an_untrusted_host_is_refused(watcher):
    assert watcher.poll(Host="evil.example").status_code == 400


def test_presence_does_not_bump_the_version(visit, watcher, clock):
    before = ClinicSession.get_by_id(visit.session_id).version
    clock.tick(45)
    watcher.poll()
    assert ClinicSession.get_by_id(visit.session_id).version == before
