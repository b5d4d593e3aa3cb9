"""Polling of live pages: tickets are bound to their sign-in, and an unchanged page is a 304."""

from datetime import timedelta

import pytest

from portal.core.accounts import sign_ins
from portal.core.accounts.models import SignIn
from portal.core.visits import services
from portal.core.visits.models import Visit
from portal.web import tickets
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_duty, make_session, make_staff, make_visit
from tests.live.polls import POLL, address_in
from tests.live.polls import patient as patient
from tests.live.polls import visit as visit


def test_the_page_has_the_url_interval_and_etag_of_its_polls(patient, visit, sign_in):
    make_duty(make_staff(), visit.session)
    browser = sign_in(patient)
    text = browser.get(f"/visits/{visit.uid}").text
    fragment = browser.get(address_in(text), headers=POLL)
    assert fragment.status_code == 200
    assert fragment.text.startswith('<div id="live" hx-get="/live/')
    assert 'hx-trigger="every 1s"' in fragment.text
    assert fragment.headers["ETag"].strip('"') in fragment.text
    assert "csrf_token" not in fragment.text
    assert fragment.headers["Cache-Control"] == "no-store"


def test_a_poll_is_304_when_unchanged_and_a_fragment_when_changed(patient, visit, sign_in, clock):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    etag = browser.get(address, headers=POLL).headers["ETag"]
    again = browser.get(address, headers=POLL | {"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    compressed = etag.replace('"', "", 1).replace('"', ':gzip"')
    assert browser.get(address, headers=POLL | {"If-None-Match": f'"{compressed}'}).status_code == 304
    services.cancel(Visit.get(Visit.number == 1), by=SYSTEM, now=clock.tick(1))
    changed = browser.get(address, headers=POLL | {"If-None-Match": etag})
    assert (changed.status_code, "You are first in the queue" in changed.text) == (200, True)


def test_the_etag_depends_on_the_language(patient, visit, sign_in):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    etag = browser.get(address, headers=POLL).headers["ETag"]
    browser.set_cookie("lang", "hi")
    assert browser.get(address, headers=POLL | {"If-None-Match": etag}).status_code == 200


def test_a_poll_for_json_gets_the_status_of_the_contract(patient, visit, sign_in):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    answer = browser.get(address, headers={"Accept": "application/json"})
    assert (answer.json["token"], answer.json["ahead"]) == ("MED-002", 1)


def test_polling_touches_presence(patient, visit, sign_in, clock):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    for _ in range(10):
        clock.tick(45)
        browser.get(address, headers=POLL)
    assert Visit.get_by_id(visit.id).here_until > clock.now()


def test_a_ticket_is_useless_without_its_session_cookie(patient, visit, sign_in, client):
    address = address_in(sign_in(patient).get(f"/visits/{visit.uid}").text)
    assert client.get(address, headers=POLL).status_code == 401
    assert sign_in(make_beneficiary()).get(address, headers=POLL).status_code == 404
    assert sign_in(patient).get(address, headers=POLL).status_code == 404
    assert sign_in(make_staff()).get(address, headers=POLL).status_code == 404


@pytest.mark.parametrize("change", ["cut the head", "change the tail", "é", "x"])
def test_a_forged_ticket_is_404(patient, visit, sign_in, change):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    ticket = address.removeprefix("/live/")
    forged = {"cut the head": ticket[5:], "change the tail": ticket[:-3] + "AAA"}.get(change, change)
    assert browser.get(f"/live/{forged}", headers=POLL).status_code == 404


def test_a_poll_after_sign_out_redirects_to_the_sign_in(patient, visit, sign_in, now):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    SignIn.update(ended_at=now).execute()
    answer = browser.get(address, headers=POLL)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_polls_do_not_extend_a_sign_in(patient, visit, sign_in, clock):
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    seen = SignIn.get().seen_at
    clock.tick(600)
    assert browser.get(address, headers=POLL).status_code == 200
    assert SignIn.get().seen_at == seen


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_finished_visit_stops_polling(patient, sign_in, state):
    visit = make_visit(beneficiary=patient)
    browser = sign_in(patient)
    address = address_in(browser.get(f"/visits/{visit.uid}").text)
    Visit.update(state=state, live_key=None).execute()
    fragment = browser.get(address, headers=POLL)
    assert fragment.text.startswith('<div id="live"')
    assert "hx-" not in fragment.text


@pytest.mark.parametrize("state", ["no_show", "transferred"])
def test_an_undoable_end_is_polled_for_two_minutes(patient, sign_in, clock, state):
    visit = make_visit(beneficiary=patient)
    Visit.update(state=state, live_key=None).execute()
    browser = sign_in(patient)
    assert "hx-get" in browser.get(f"/visits/{visit.uid}").text
    clock.tick(121)
    assert "hx-get" not in browser.get(f"/visits/{visit.uid}").text


def test_a_completed_visit_is_polled_for_its_prescription_for_a_while(patient, sign_in, clock):
    visit = make_visit("completed", beneficiary=patient)
    browser = sign_in(patient)
    assert "hx-get" in browser.get(f"/visits/{visit.uid}").text
    clock.tick(601)
    assert "hx-get" not in browser.get(f"/visits/{visit.uid}").text


def test_the_board_polls_and_shows_the_doctors_patient(sign_in, clock):
    doctor = make_staff()
    make_duty(doctor, make_session())
    visit = make_visit("in_call", doctor=doctor, lease_until=clock.now())
    browser = sign_in(doctor)
    address = address_in(browser.get("/board").text)
    first = browser.get(address, headers=POLL)
    assert (first.status_code, "MED-001" in first.text) == (200, True)
    assert Visit.get_by_id(visit.id).lease_until == clock.now() + timedelta(seconds=60)
    assert browser.get(address, headers=POLL | {"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_ticket_expires_with_the_sign_in(patient, db, now):
    person = sign_ins.start(account=patient.account, now=now)
    ticket = tickets.read(tickets.issue("visit", "a-visit", person))
    assert (ticket.kind, ticket.uid) == ("visit", "a-visit")
    assert ticket.ends_at == int((now + timedelta(hours=12)).timestamp())
    assert ticket.sign_in == str(person.row.id)
