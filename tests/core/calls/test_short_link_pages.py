"""The pages of a short link: they change nothing by a GET, are no presence, and name nobody."""

import pytest

from portal.core.accounts import browser_views
from portal.core.accounts.models import SignIn
from portal.core.calls import short_links
from portal.core.visits import calling
from portal.core.visits.models import Visit
from portal.settings.clinic import put
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_beneficiary, make_duty, make_staff, make_visit

HOST = "opd.cghs.gov.in"


@pytest.fixture
def visit(db, now) -> Visit:
    put("dlt_whitelist", HOST)
    put("short_link_host", HOST)
    waiting = make_visit(here_until=now.replace(hour=23))
    doctor = make_staff("doctor")
    make_duty(doctor, waiting.session)
    return calling.call_next(doctor, waiting.session, by=SYSTEM, now=now)


@pytest.fixture
def address(visit) -> str:
    """The path of the link that the text has."""
    return short_links.link_for(visit, "cause", until=visit.call_deadline).removeprefix(HOST)


@pytest.fixture
def known(visit, client):
    """A browser on which this family has signed in before."""
    client.set_cookie("device", browser_views.remember(visit.beneficiary.account.mobile, ""))
    return client


def test_elsewhere_it_is_the_ordinary_sign_in_whether_the_key_is_right_or_not(address, client, visit):
    for path in (address, "/s/abcdefghij"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, "/login")
    assert client.submit(address, {}, page="/login").location == "/login"
    assert SignIn.select().count() == 0


def test_a_get_on_a_known_device_changes_nothing_and_names_nobody(address, known, visit):
    before = Visit.get_by_id(visit.id)
    for _robot in range(3):
        page = known.get(address).text
    assert "Open my page" in page
    assert visit.beneficiary.name not in page
    assert visit.token not in page
    after = Visit.get_by_id(visit.id)
    assert (after.call_deadline, after.here_until) == (before.call_deadline, before.here_until)
    assert SignIn.select().count() == 0


def test_a_tap_on_a_known_device_opens_the_page_once_and_lengthens_the_call(address, known, visit):
    answer = known.submit(address, {}, page=address)
    assert answer.location.endswith(f"/visits/{visit.uid}")
    assert known.get(answer.location).status_code == 200
    assert Visit.get_by_id(visit.id).call_deadline > visit.call_deadline
    assert AuditRow.select().where(AuditRow.action == "ShortLinkUsed").count() == 1
    assert SignIn.select().count() == 1
    known.submit("/logout", {}, page=answer.location)
    assert known.get(address).location == "/login"


def test_the_tap_opens_this_visit_and_its_call_and_nothing_else_of_the_family(address, known, visit):
    other = make_visit("waiting", beneficiary=make_beneficiary(account=visit.beneficiary.account))
    page = known.submit(address, {}, page=address).location
    for path in ("/home", "/my/visits", "/tokens/new", "/my/readers", "/call-bar", f"/visits/{other.uid}"):
        assert known.get(path).location.startswith("/login?next=")
    assert known.get("/login").location is None  # the ordinary sign-in, no way round in a circle
    shown = known.get(page).text
    assert "/home" not in shown.split("<main")[0].split('class="brand"')[1].partition("</header>")[2]
    assert known.submit(f"{page}/call", {}, page=page).location.endswith("/room")
    assert known.get(f"{page}/room").status_code == 200
    assert known.submit(f"/visits/{other.uid}/cancel", {}, page=page).location.startswith("/login")
    assert Visit.get_by_id(other.id).state == "waiting"


def test_after_the_visit_the_link_s_sign_in_opens_nothing_and_the_ordinary_one_lifts_the_limit(
    address, known, visit, sign_in
):
    page = known.submit(address, {}, page=address).location
    Visit.update(state="completed", live_key=None).where(Visit.id == visit.id).execute()
    assert known.get(page).location.startswith("/login?next=")
    family = sign_in(visit.beneficiary)
    assert family.get(page).status_code == family.get("/home").status_code == 200


def test_who_is_signed_in_goes_to_the_visit_and_another_family_home(address, sign_in, visit):
    assert sign_in(visit.beneficiary).get(address).location.endswith(f"/visits/{visit.uid}")
    assert sign_in(make_beneficiary()).get(address).location == "/login"


def test_the_help_page_says_what_no_page_asks_for(client):
    assert "ever asks for money" in client.get("/help").text
