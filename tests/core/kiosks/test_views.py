"""At a kiosk one person signs in after another, and nothing of the first is left for the second."""

import html
import re

import pytest

from portal.core.accounts.kiosks import pairing
from portal.core.accounts.models import Kiosk, OtpChallenge, SignIn
from portal.core.accounts.otp import code_of
from portal.core.kiosks import handing
from portal.core.visits import calling, outcomes
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, Actor, AuditRow
from tests.core.kiosks.conftest import paired
from tests.factories import make_beneficiary, make_centre, make_duty, make_session, make_staff, make_visit
from tests.fakes import Operator, install_plugin


@pytest.fixture
def person(app, db):
    """Somebody registered, while tokens are given and texts can be sent."""
    install_plugin(app, "operator", send_message=Operator().send_message)
    make_session()
    return make_beneficiary()


def sign_in(browser, person):
    browser.submit("/login", {"mobile": person.account.mobile.removeprefix("+91"), "next": "/home"})
    code = code_of(OtpChallenge.select().order_by(OtpChallenge.id.desc()).get())
    return browser.submit("/login/otp", {"otp": code})


def cookies_of(answer):
    return {cookie.partition("=")[0]: cookie for cookie in answer.headers.getlist("Set-Cookie")}


def test_a_wrong_code_pairs_nothing_and_is_counted(client, db):
    for _ in range(10):
        answer = client.submit("/kiosk", {"code": "12345678"})
        assert answer.status_code == 422
        assert 'id="code-error"' in answer.text
    answer = client.submit("/kiosk", {"code": "12345678"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "kiosk" not in cookies_of(answer)


def test_pairing_signs_out_who_was_there_and_forgets_whom_the_browser_knew(client, person, now):
    sign_in(client, person)
    assert "device" in {cookie.key for cookie in client._cookies.values()}
    paired(client, now)
    assert "device" not in {cookie.key for cookie in client._cookies.values() if cookie.value}
    assert SignIn.get().ended_at == now
    assert client.get("/home").location == "/kiosk"


def test_the_start_page_asks_for_the_language_first_and_then_who_is_here(kiosk):
    start = kiosk.get("/kiosk").text
    assert re.findall(r'href="(/lang/\w+\?next=/login)"', start) == ["/lang/en?next=/login", "/lang/hi?next=/login"]
    assert "Touch here to begin" in start
    assert "शुरू करने के लिए यहाँ छुएँ" in start
    kiosk.get("/lang/en?next=/login")
    who = kiosk.get("/login").text
    assert "Who is here?" in who
    assert 'autocomplete="tel' not in who
    assert "/staff/login" not in who


def test_a_sign_in_is_bound_to_the_kiosk_and_remembers_no_device(kiosk, person, now):
    answer = sign_in(kiosk, person)
    assert answer.location == "/home"
    assert "device" not in cookies_of(answer)
    assert SignIn.get().kiosk == Kiosk.get().key_hash
    (row,) = AuditRow.select().where(AuditRow.action == "KioskSignedIn")
    assert (row.subject, row.actor_uid) == (Kiosk.get().uid, person.account.uid)
    assert person.entry.ben_id in kiosk.get("/home").text


def test_a_stolen_session_is_nothing_without_the_kiosk(kiosk, person, app):
    sign_in(kiosk, person)
    with kiosk.session_transaction() as session:
        key = session["_user_id"]
    thief = app.test_client()
    with thief.session_transaction() as session:
        session["_user_id"] = key
    assert thief.get("/home").location.startswith("/login")
    assert kiosk.get("/home").status_code == 200


def test_finished_clears_the_browser_and_the_next_person_finds_a_clean_start(kiosk, person):
    sign_in(kiosk, person)
    assert ">Finished<" in kiosk.get("/home").text
    gone = kiosk.submit("/logout", page="/home")
    assert gone.location == "/kiosk"
    assert gone.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert kiosk.get("/home").location == "/kiosk"
    start = kiosk.get("/kiosk")
    assert person.entry.name not in start.text
    assert start.headers["Cache-Control"] == "no-store"
    with kiosk.session_transaction() as session:
        assert set(session) <= {"csrf_token"}
    other = make_beneficiary()
    sign_in(kiosk, other)
    home = kiosk.get("/home").text
    assert other.entry.ben_id in home
    assert person.entry.ben_id not in home


def test_a_number_typed_before_is_gone_from_the_start_page_on(kiosk, person):
    kiosk.submit("/login", {"mobile": person.account.mobile.removeprefix("+91")})
    assert kiosk.get("/login/otp").status_code == 200
    start = kiosk.get("/kiosk")
    assert start.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert kiosk.get("/login/otp").location == "/login"


def test_two_minutes_without_a_touch_end_it_and_a_poll_is_none(kiosk, person, clock):
    make_visit(beneficiary=person)  # who waits keeps the sign-in at home, and not here
    sign_in(kiosk, person)
    clock.tick(100)
    assert kiosk.get("/sign-in", headers={"X-Background": "1"}).json == {"lasts": 20}
    assert "Are you still there?" in kiosk.get("/kiosk/still?back=/tokens/new").text
    clock.tick(21)
    assert kiosk.get("/sign-in", headers={"X-Background": "1"}).json == {"lasts": 0}
    assert kiosk.get("/home").location == "/kiosk"
    assert kiosk.get("/kiosk/still").location == "/kiosk"


def test_saying_so_goes_on_where_one_was(kiosk, person, clock):
    sign_in(kiosk, person)
    clock.tick(100)
    assert kiosk.submit("/kiosk/here", {"back": "/tokens/new"}, page="/kiosk/still").location == "/tokens/new"
    clock.tick(100)
    assert kiosk.get("/home").status_code == 200
    assert kiosk.submit("/kiosk/here", {"back": "https://evil.example"}, page="/home").location == "/home"


def test_pages_without_javascript_ask_in_time(kiosk, person):
    sign_in(kiosk, person)
    assert 'content="85;url=/kiosk/still?back=/home"' in kiosk.get("/home").text
    assert 'content="40;url=/kiosk"' in kiosk.get("/kiosk/still").text


def test_whom_the_doctor_calls_is_not_sent_away(kiosk, person, clock):
    visit = make_visit(beneficiary=person, here_until=clock.now())
    doctor = make_staff("doctor")
    make_duty(doctor, visit.session)
    sign_in(kiosk, person)
    Visit.update(here_until=clock.tick(900)).execute()
    clock.tick(-800)
    calling.call_next(doctor, visit.session, by=SYSTEM, now=clock.now())
    clock.tick(110)
    assert kiosk.get(f"/visits/{visit.uid}", headers={"X-Background": "1"}).status_code == 200


def test_a_call_is_the_touch_that_keeps_the_sign_in(kiosk, person, clock):
    visit = make_visit("in_call", beneficiary=person, doctor=make_staff("doctor"))
    sign_in(kiosk, person)
    room = kiosk.get(f"/visits/{visit.uid}/room").text
    beat = re.search(r"<span data-leads-on[^>]*>", room)[0]
    assert "X-Background" not in beat
    address = html.unescape(re.search(r'hx-get="([^"]+)"', beat)[1])
    for _ in range(4):
        clock.tick(100)
        assert kiosk.get(address).status_code == 204
    clock.tick(121)
    assert kiosk.get("/home").location == "/kiosk"


def test_the_end_of_the_visit_ends_the_sign_in_at_the_kiosk_alone(kiosk, person, clock, queue, app):
    doctor = make_staff("doctor")
    visit = make_visit("in_call", beneficiary=person, doctor=doctor)
    at_home = app.test_client()
    sign_in(at_home, person)
    clock.tick(61)  # between two one-time passwords
    sign_in(kiosk, person)
    clock.tick(61)
    outcomes.end_unheld(visit, reason="unreachable", note="", by=Actor("staff", doctor.uid), now=clock.now())
    queue.drain()
    assert at_home.get("/home").status_code == 200
    assert kiosk.get("/home").location == "/kiosk"
    assert "The visit is over. Please ask at the desk for the prescription." in kiosk.get("/kiosk").text
    assert "The visit is over" not in kiosk.get("/kiosk").text
    sign_in(kiosk, person)
    assert kiosk.get("/home").status_code == 200


def test_a_revoked_kiosk_says_so_and_signs_nobody_in(kiosk, person, now):
    sign_in(kiosk, person)
    kiosk.submit("/login", {"mobile": "9876543210"}, page="/help")
    pairing.revoke(Kiosk.get().uid, None, by=SYSTEM, now=now)
    assert kiosk.get("/home").location == "/kiosk"
    assert "This device is no kiosk any more." in kiosk.get("/kiosk").text
    assert "This device is no kiosk any more." not in kiosk.get("/kiosk").text


def test_files_and_notices_are_not_offered_at_a_kiosk(kiosk, person):
    visit = make_visit(beneficiary=person)
    sign_in(kiosk, person)
    for path in (f"/visits/{visit.uid}/prescription.pdf", "/my/data/x.zip", "/records/x", "/referrals/x/slip.pdf"):
        answer = kiosk.get(path)
        assert (answer.status_code, "The desk can print them." in answer.text) == (403, True), path
    shown = kiosk.get(f"/visits/{visit.uid}").text
    assert "/x/notify_webpush/on/" not in shown
    assert 'type="file"' not in shown
    assert 'type="file"' not in kiosk.get("/tokens/new").text


def test_a_code_of_the_desk_opens_one_visit_once(kiosk, person, now, app):
    visit = make_visit(beneficiary=person)
    code = handing.hand_over(visit, make_centre(), is_card_seen=True, by=SYSTEM, now=now)
    assert kiosk.submit("/kiosk/code", {"code": code}).location == f"/visits/{visit.uid}"
    assert kiosk.get(f"/visits/{visit.uid}").status_code == 200
    assert kiosk.get("/home").location == "/kiosk"
    assert kiosk.get("/kiosk").location == f"/visits/{visit.uid}"
    kiosk.submit("/logout", page=f"/visits/{visit.uid}")
    assert kiosk.submit("/kiosk/code", {"code": code}).status_code == 422
    assert [row.subject for row in AuditRow.select().where(AuditRow.action == "VisitTaken")] == [visit.uid]


@pytest.mark.parametrize(
    ("state", "by_code", "by_phone"),
    [
        ("waiting", "The desk tells you when the doctor calls", "We call you by SMS when your turn comes."),
        ("writing", "Please ask for the prescription at the desk.", "Please ask for the prescription at the desk."),
    ],
)
def test_the_page_of_a_visit_says_where_to_go_from_a_kiosk(kiosk, person, now, app, state, by_code, by_phone):
    visit = make_visit(state, beneficiary=person)
    address = f"/visits/{visit.uid}"
    code = handing.hand_over(visit, make_centre(), is_card_seen=True, by=SYSTEM, now=now)
    kiosk.submit("/kiosk/code", {"code": code})
    assert by_code in kiosk.get(address).text
    kiosk.submit("/logout", page=address)
    sign_in(kiosk, person)
    assert by_phone in kiosk.get(address).text
    at_home = app.test_client()
    sign_in(at_home, person)
    text = at_home.get(address).text
    assert by_code not in text
    assert by_phone not in text


def test_a_code_of_another_centre_or_of_a_minute_ago_opens_nothing(kiosk, person, clock, app):
    visit = make_visit(beneficiary=person)
    elsewhere = handing.hand_over(visit, make_centre("02"), is_card_seen=True, by=SYSTEM, now=clock.now())
    assert kiosk.submit("/kiosk/code", {"code": elsewhere}).status_code == 422
    code = handing.hand_over(visit, make_centre(), is_card_seen=True, by=SYSTEM, now=clock.now())
    clock.tick(300)
    answer = kiosk.submit("/kiosk/code", {"code": code})
    assert 'id="code-error"' in answer.text
    ordinary = app.test_client()
    assert ordinary.get("/kiosk/code").location == "/kiosk"
