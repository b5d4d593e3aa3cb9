"""Every form with invalid input and other people's ids: refused with the right status, nothing changed.

Specific refusals are tested in each room; here all forms get all kinds of invalid input.
"""

from datetime import timedelta

import httpx
import pytest

from portal.core.accounts import otp
from portal.core.accounts.models import OtpChallenge
from portal.core.calls.models import CallRoom
from portal.core.consults.models import Consult
from portal.core.visits.models import Visit
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM, AuditRow
from portal.work.audit_shards import AuditShard
from portal.work.events import Event
from tests import factories as make
from tests.day.ledger import database_hash

PATIENT_FORMS = ["/register", "/tokens/new", "/visits/{own}/records"]
ALL = {
    "nothing": lambda names: {},
    "blanks": lambda names: dict.fromkeys(names, "  "),
    "too much": lambda names: dict.fromkeys(names, "क" * 40_000),
    "the wrong type": lambda names: dict.fromkeys(names, "\x00\x1b[31m<script>'\";--\u202e\U0001f4a9"),
    "several of each": lambda names: {name: ["-1", "1e9", "NaN"] for name in names},
    "a file name": lambda names: dict.fromkeys(names, "../../etc/passwd"),
    "a number of a million digits": lambda names: dict.fromkeys(names, "9" * 1_000_000),
}
FIELDS = {
    "/login": ["mobile"],
    "/staff/login": ["username", "password"],
    "/register": "ben_id name date_of_birth gender centre address language consent".split(),
    "/tokens/new": "beneficiary specialty complaint consent".split(),
    "/visits/{own}/records": ["records"],
    "/referrals/new": "ben_id specialty reason urgent".split(),
    "/board/duty": ["state"],
    "/visits/{treated}/prescription": ["diagnosis", "items-0-drug", "items-0-quantity", "follow_up_on", "vitals-pulse"],
    "/dispense/RX-2611-000001": ["code", "items-0-quantity", "collected_by"],
    "/admin/plugins/sms_gateway": ["driver", "sender", "password"],
    "/admin/plugins/nonsense/enable": ["confirm"],
    "/admin/settings": ["call_seconds"],
    "/admin/centres": ["code", "name"],
    "/admin/holidays": ["day", "name"],
}
ROLE_OF = {
    "/register": "beneficiary",
    "/tokens/new": "beneficiary",
    "/visits/{own}/records": "beneficiary",
    "/referrals/new": "medical_officer",
    "/board/duty": "doctor",
    "/visits/{treated}/prescription": "doctor",
    "/dispense/RX-2611-000001": "pharmacist",
}
# A draft is saved even if it cannot be issued, which is audited, and the page renews lease and room; a refused
# password is recorded as an event.
CHANGES = {
    "/visits/{treated}/prescription": (CallRoom, Consult, Visit, AuditRow, AuditShard),
    "/staff/login": (Event,),
}
REFUSALS = {400, 404, 409, 413, 415, 422, 429}


@pytest.fixture
def clinic(db, sign_in):
    """A waiting patient, a doctor in a call, and a browser for each role."""
    own = make.make_visit()
    doctor = make.make_staff("doctor")
    treated = make.make_visit("in_call", doctor=doctor)
    people = {"beneficiary": own.beneficiary, "doctor": doctor}
    return {
        "addresses": {"own": own.uid, "treated": treated.uid},
        "browser": lambda role: sign_in(people.get(role) or make.make_staff(role)),
    }


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("form", FIELDS)
def test_invalid_input_is_refused_and_changes_nothing(clinic, client, form, kind):
    role = ROLE_OF.get(form, "admin" if form.startswith("/admin") else "")
    browser = clinic["browser"](role) if role else client
    address = form.format(**clinic["addresses"])
    body = {"csrf_token": browser.hidden_fields("/help")["csrf_token"]} | ALL[kind](FIELDS[form])
    switch("sms_gateway", True, by=SYSTEM, now=make.clock.now())
    before = database_hash(*CHANGES.get(form, ()))
    answer = browser.post(address, data=body)
    assert answer.status_code in REFUSALS, answer.status_code
    assert database_hash(*CHANGES.get(form, ())) == before
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "address", ["/visits/{uid}/here", "/visits/{uid}/call", "/visits/{uid}/cancel", "/visits/{uid}/records"]
)
def test_no_permission_to_change_a_visit_of_another_account(sign_in, db, address):
    visit, stranger = make.make_visit("called"), sign_in(make.make_beneficiary())
    body = {"csrf_token": stranger.hidden_fields("/help")["csrf_token"]}
    before = database_hash()
    theirs = stranger.post(address.format(uid=visit.uid), data=body)
    nobodys = stranger.post(address.format(uid="A" * 22), data=body)
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert database_hash() == before


@pytest.mark.parametrize("step", ["here", "call", "cancel"])
@pytest.mark.parametrize("state", ["completed", "cancelled", "no_show", "expired"])
def test_a_visit_in_a_final_state_conflicts_with_every_step(sign_in, db, step, state):
    visit = make.make_visit(state)
    browser = sign_in(visit.beneficiary)
    body = {"csrf_token": browser.hidden_fields("/help")["csrf_token"]}
    before = database_hash()
    assert browser.post(f"/visits/{visit.uid}/{step}", data=body).status_code == 409
    assert database_hash() == before


def token_form(person, **more):
    """Return the fields of a token request."""
    fields = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "Headache", "consent": "yes"}
    return fields | more


def post_file(browser, address, fields, control, name, content):
    """Post a form with one file. (The test client itself would leak a temporary file.)"""
    request = httpx.Request("POST", "http://localhost", data=fields, files={control: (name, content)})
    return browser.post(address, data=request.read(), content_type=request.headers["Content-Type"])


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("huge.pdf", b"%PDF-1.7\n" + bytes(20 * 1024 * 1024), 413),
        ("program.pdf", b"MZ\x90\x00" + bytes(64), 415),
        ("page.pdf", b"<!doctype html><script>alert(1)</script>", 415),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        ("program.exe", b"MZ\x90\x00" + bytes(64), 415),  # the content decides, not the name
        ("empty.pdf", b"", 415),
    ],
)
def test_a_wrong_file_gets_no_token(sign_in, db, name, content, status):
    person = make.make_beneficiary()
    make.make_referral(person.entry)
    browser = sign_in(person)
    body = browser.hidden_fields("/tokens/new") | token_form(person)
    before = database_hash()
    answer = post_file(browser, "/tokens/new", body, "records", name, content)
    assert answer.status_code == status
    assert database_hash() == before
    assert "Headache" in answer.text, "what was typed is kept"


def test_a_full_session_conflicts(sign_in, db):
    make.make_session(quota=1)
    make.make_visit()
    person = make.make_beneficiary()
    make.make_referral(person.entry)
    before = database_hash()
    answer = sign_in(person).submit("/tokens/new", token_form(person))
    assert answer.status_code == 409
    assert "All tokens of today for this doctor are taken" in answer.text
    assert database_hash() == before


def test_a_body_beyond_all_limits_is_refused_unread(client, db):
    body = {"csrf_token": client.hidden_fields("/login")["csrf_token"]}
    before = database_hash()
    assert post_file(client, "/login", body, "mobile", "x", bytes(90_000_000)).status_code == 413
    assert database_hash() == before


@pytest.fixture
def challenge(client, now):
    """The OTP challenge of the client, which is on the page of the code."""
    switch("sms_gateway", True, by=SYSTEM, now=now)
    assert client.submit("/login", {"mobile": "9000000001"}).status_code == 303
    return OtpChallenge.get()


def test_the_right_otp_signs_in_once(client, challenge):
    code = otp.code_of(challenge)
    body = {"csrf_token": client.hidden_fields("/login/otp")["csrf_token"], "otp": code}
    assert client.post("/login/otp", data=body).headers["Location"] == "/home"
    assert otp.OtpChallenge.get().used_at is not None


def test_an_otp_expires(client, challenge, clock):
    clock.tick(timedelta(minutes=5).total_seconds() + 1)
    answer = client.submit("/login/otp", {"otp": otp.code_of(challenge)})
    assert answer.status_code == 422
    assert "This OTP is over" in answer.text
    assert client.get("/home").status_code == 303


def test_after_five_wrong_tries_the_right_otp_is_invalid_too(client, challenge):
    right = otp.code_of(challenge)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    answers = [client.submit("/login/otp", {"otp": wrong}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 6
    assert client.submit("/login/otp", {"otp": right}).status_code == 422
    assert client.get("/home").status_code == 303


def test_an_otp_is_refused_in_another_browser(app, challenge):
    other = app.test_client()
    answer = other.submit("/login/otp", {"otp": otp.code_of(challenge)}, page="/login")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert other.get("/home").status_code == 303


def test_the_answer_does_not_disclose_whether_a_number_is_registered(client, app, now):
    switch("sms_gateway", True, by=SYSTEM, now=now)
    make.make_beneficiary(mobile="+919000000001")
    known = client.submit("/login", {"mobile": "9000000001"})
    unknown = app.test_client().submit("/login", {"mobile": "9000000002"})
    assert known.status_code == unknown.status_code == 303
    assert known.headers["Location"] == unknown.headers["Location"]
    assert known.get_data() == unknown.get_data()


def test_a_double_click_on_the_token_request_is_idempotent(sign_in, db):
    person = make.make_beneficiary()
    make.make_referral(person.entry)
    browser = sign_in(person)
    body = browser.hidden_fields("/tokens/new") | token_form(person)
    first, second = (browser.post("/tokens/new", data=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert (first.headers["Location"], second.headers.get("Idempotent-Replayed")) == (second.headers["Location"], "1")
    assert Visit.select().count() == 1
