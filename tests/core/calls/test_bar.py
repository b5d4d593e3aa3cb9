"""The bar that leads from every page to the call, and the sign-in that lands there."""

import re
from datetime import timedelta

import pytest

from portal.core.visits.models import Visit
from tests.core.accounts.conftest import MOBILE
from tests.core.accounts.conftest import ask as ask
from tests.core.accounts.conftest import enter as enter
from tests.core.accounts.conftest import operator as operator
from tests.factories import make_account, make_beneficiary, make_visit


@pytest.fixture
def patient(db):
    return make_beneficiary()


def bar_of(text: str) -> str:
    """The text of the page's bar, without its tags; empty when it says nothing."""
    found = re.search(r'<a class="call-bar".*?</a>', text, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", found[0]).split()) if found else ""


def test_every_page_leads_to_the_call_that_rings(patient, sign_in):
    visit, browser = make_visit("called", beneficiary=patient), sign_in(patient)
    for page in ("/home", "/help", "/tokens/new", "/nowhere"):
        assert bar_of(browser.get(page).text) == f"The doctor is calling {patient.entry.name} Answer now: {visit.token}"
    assert bar_of(browser.get(f"/visits/{visit.uid}").text) == ""


def test_every_page_leads_back_to_the_call_that_goes_on(patient, sign_in):
    visit, browser = make_visit("in_call", beneficiary=patient), sign_in(patient)
    page = browser.get("/privacy").text
    assert bar_of(page) == "The doctor is with you Back to the call"
    assert f'href="/visits/{visit.uid}/room"' in page


def test_a_page_of_somebody_who_waits_asks_until_the_call_comes(patient, sign_in):
    visit, browser = make_visit("waiting", beneficiary=patient), sign_in(patient)
    page = browser.get("/home").text
    poll = re.search(r'id="call-bar" hx-get="([^"]+)"', page)[1].replace("&amp;", "&")
    assert bar_of(page) == ""
    assert browser.get(poll).status_code == 204
    Visit.update(state="in_call", attempt=1).where(Visit.id == visit.id).execute()
    assert bar_of(browser.get(poll).text) == "The doctor is with you Back to the call"
    Visit.update(state="completed").where(Visit.id == visit.id).execute()
    assert browser.get(poll).data == b""


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_without_anybody_in_a_queue_no_page_asks(patient, sign_in, state):
    make_visit(state, beneficiary=patient)
    assert 'id="call-bar"' not in sign_in(patient).get("/home").text


def test_an_expired_call_no_longer_rings(patient, sign_in, clock):
    make_visit("called", beneficiary=patient)
    browser = sign_in(patient)
    clock.tick(121)
    assert bar_of(browser.get("/home").text) == ""


def test_others_and_strangers_hear_of_no_call(patient, client, sign_in):
    make_visit("called", beneficiary=patient)
    assert 'id="call-bar"' not in client.get("/help").text
    assert 'id="call-bar"' not in sign_in(make_account()).get("/help").text
    assert client.get("/call-bar").status_code == 303


def test_the_bar_is_in_the_readers_language(patient, sign_in):
    make_visit("called", beneficiary=patient)
    browser = sign_in(patient)
    browser.get("/lang/hi?next=/help")
    assert "को बुला रहे हैं" in bar_of(browser.get("/help").text)


def test_a_sign_in_while_the_doctor_calls_lands_on_call_now_and_lengthens_the_call(client, ask, enter):
    patient = make_beneficiary(account=make_account(MOBILE))
    visit = make_visit("called", beneficiary=patient)
    code = ask(client)
    assert enter(client, f"{(int(code) + 1) % 1_000_000:06d}").status_code == 422
    assert Visit.get().call_deadline == visit.call_deadline  # whoever only tries holds nobody up
    assert enter(client, code).headers["Location"] == "/home"
    assert client.get("/home").headers["Location"] == f"/visits/{visit.uid}"
    assert "Call now" in client.get(f"/visits/{visit.uid}").text
    assert Visit.get().call_deadline == visit.call_deadline + timedelta(seconds=120)
    assert client.get("/home").status_code == 200  # later the family goes where it likes; the bar leads to the call
