"""Step-up: actions that require the second factor again, and what was typed meanwhile."""

import json
import re
from dataclasses import replace

import pyotp
import pytest
from lxml import html

from portal.core.accounts import credentials
from portal.core.accounts.models import RecoveryCode, SignIn, Staff
from portal.core.prescriptions.models import Prescription
from portal.web.access import roles_of
from tests.consulting import make_drug, typed
from tests.factories import make_duty, make_session, make_staff, make_visit
from tests.live.polls import POLL, address_in

SECRET = "A" * 32
LATE = 301  # seconds after the proof: one more than the setting's five minutes
DEEDS = {
    "POST /admin/beneficiaries/import/<uid>/confirm",
    "POST /admin/beneficiaries/import/<uid>/undo",
    "POST /admin/formulary/drafts/<uid>/confirm",
    "POST /admin/openings/<uid>/confirm",
    "POST /admin/record/<uid>/open",
    "POST /admin/resets/<uid>/confirm",
    "POST /admin/prescriptions",
    "POST /admin/prescriptions/<uid>/confirm",
    "POST /admin/holds/<uid>",
    "POST /admin/plugins/<name>",
    "POST /admin/retention/<uid>/confirm",
    "POST /admin/staff/<uid>",
    "POST /admin/staff/<uid>/code",
    "POST /admin/staff/<uid>/disable",
    "POST /admin/staff/<uid>/enable",
    "POST /admin/staff/<uid>/identities",
    "POST /admin/staff/<uid>/identities/<identity>/remove",
    "POST /admin/staff/<uid>/sign-out",
    "POST /staff/password",
    "POST /admin/staff/<uid>/second-factor",
    "POST /admin/staff/new",
    "POST /desk/people/<ben_id>/mobile",
    "POST /staff/passkeys/<uid>/remove",
    "POST /staff/passkeys/new",
    "POST /staff/recovery-codes",
    "POST /visits/<uid>/prescription",
}
STAFF_FORM = {"username": "new.one", "role": "auditor", "name": "Kept Name"}


@pytest.fixture
def in_production(app, db):
    app.config["PORTAL"] = replace(app.config["PORTAL"], demo=False)


@pytest.fixture
def admin(in_production, sign_in):
    return sign_in(make_staff("admin", totp_secret=credentials.seal(SECRET)))


@pytest.fixture
def visit(in_production):
    for name in ("Paracetamol", "Cetirizine"):
        make_drug(name)
    return make_visit("in_call", doctor=make_staff(totp_secret=credentials.seal(SECRET)))


@pytest.fixture
def doctor(visit, sign_in):
    return sign_in(visit.doctor)


def code(clock) -> str:
    return pyotp.TOTP(SECRET).at(clock.now())


def confirm(browser, clock, address):
    return browser.submit(address, {"code": code(clock), "next": next_of(address)}, page=address)


def next_of(address: str) -> str:
    return address.partition("next=")[2]


def send(browser, address, page, data, **options):
    """Submit as the page's own form does, with the signed field that names its owner and page."""
    return browser.submit(address, data | {"form_of": browser.hidden_fields(page)["form_of"]}, page=page, **options)


def test_the_views_that_require_a_step_up(app, db):
    found = {
        f"POST {rule.rule}"
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and getattr(app.view_functions[rule.endpoint], "needs_step_up", False)
    }
    assert found == DEEDS
    assert all(
        "anyone" not in roles_of(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if f"POST {rule.rule}" in DEEDS
    )


def test_no_step_up_is_required_within_five_minutes(admin, clock):
    clock.tick(LATE - 1)
    assert admin.submit("/admin/staff/new", STAFF_FORM).status_code == 200
    assert Staff.select().where(Staff.username == "new.one").exists()


def test_later_the_code_is_required_and_the_form_comes_back_filled(admin, clock):
    clock.tick(LATE)
    answer = send(admin, "/admin/staff/new", "/admin/staff/new", STAFF_FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/confirm?next=/admin/staff/new")
    assert not Staff.select().where(Staff.username == "new.one").exists()
    before = SignIn.get(SignIn.ended_at.is_null()).key_hash
    assert confirm(admin, clock, answer.headers["Location"]).headers["Location"] == "/admin/staff/new"
    assert SignIn.get(SignIn.ended_at.is_null()).key_hash != before
    form = admin.get("/admin/staff/new").text
    assert 'value="Kept Name"' in form
    assert "What you typed is here again" in form
    assert send(admin, "/admin/staff/new", "/admin/staff/new", STAFF_FORM).status_code == 200
    assert "Kept Name" not in admin.get("/admin/staff/new").text


def test_htmx_is_redirected_to_the_step_up_and_json_gets_an_error(admin, clock):
    clock.tick(LATE)
    htmx = admin.submit("/admin/staff/new", STAFF_FORM, headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (403, "/staff/confirm?next=/admin/staff/new")
    assert admin.submit("/admin/staff/new", STAFF_FORM, headers={"Accept": "application/json"}).status_code == 403


def test_a_recent_step_up_redirects_without_asking_again(admin, clock):
    assert admin.get("/staff/confirm?next=/admin/staff").headers["Location"] == "/admin/staff"
    clock.tick(LATE)
    assert admin.get("/staff/confirm?next=/admin/staff").status_code == 200


def test_a_wrong_code_is_refused_and_keeps_the_target(admin, clock):
    clock.tick(LATE)
    answer = admin.submit("/staff/confirm", {"code": "000000", "next": "/admin/staff"})
    assert (answer.status_code, 'value="/admin/staff"' in answer.text) == (422, True)


def test_settings_of_a_plugin_require_a_step_up_if_they_hold_a_secret(admin, clock):
    clock.tick(LATE)
    assert "confirm" in admin.submit("/admin/plugins/sms_gateway").headers["Location"]
    assert admin.submit("/admin/plugins/nothing", page="/admin/plugins").status_code == 404


def test_recovery_codes_are_replaced_on_the_page_that_counts_them(admin, clock):
    clock.tick(LATE)
    page = "/staff/second-factor"
    assert "still good: 0" in admin.get(page).text
    answer = admin.submit("/staff/recovery-codes", page=page)
    assert confirm(admin, clock, answer.headers["Location"]).headers["Location"] == page
    assert admin.submit("/staff/recovery-codes", page=page).status_code == 200
    assert f"still good: {RecoveryCode.select().count()}" in admin.get(page).text


def test_in_a_demo_no_step_up_is_required_for_twelve_hours(sign_in, db, clock):
    browser = sign_in(make_staff("admin"))
    clock.tick(14 * 60)
    browser.get("/admin")
    clock.tick(14 * 60)
    assert browser.submit("/admin/staff/new", STAFF_FORM).status_code == 200


def test_the_issuing_form_asks_for_the_code_itself_so_that_the_call_goes_on(doctor, visit, clock):
    page, issue = f"/visits/{visit.uid}/consult", f"/visits/{visit.uid}/prescription"
    assert "step_up_code" not in doctor.get(page).text
    clock.tick(LATE)
    assert 'name="step_up_code"' in doctor.get(page).text
    for wrong in ("", "000000"):
        form = typed(step_up_code=wrong, **{"vitals-spo2": "300"})
        answer = doctor.submit(issue, form, page=page, headers={"HX-Request": "true"})
        assert 'id="vitals-spo2-error"' in answer.text
        assert (answer.status_code, "Tension headache" in answer.text) == (422, True)
        assert 'id="step_up_code-error"' in answer.text
        assert [tag[:4] for tag in re.findall("<[^>]*data-focus", answer.text)] == ["<div"]
    done = doctor.submit(issue, typed(step_up_code=code(clock)), page=page, headers={"HX-Request": "true"})
    assert (done.status_code, Prescription.select().count()) == (303, 1)


def test_where_only_the_code_is_missing_nothing_stands_above_the_form_and_the_cursor_is_in_its_box(
    doctor, visit, clock
):
    page, issue = f"/visits/{visit.uid}/consult", f"/visits/{visit.uid}/prescription"
    clock.tick(LATE)
    answer = doctor.submit(issue, typed(), page=page, headers={"HX-Request": "true"})
    (focused,) = re.findall("<[^>]*data-focus", answer.text)
    assert 'name="step_up_code"' in focused
    assert 'id="errors"' not in answer.text


def test_without_javascript_the_notes_come_back_filled_after_the_step_up(doctor, visit, clock):
    page, issue = f"/visits/{visit.uid}/consult", f"/visits/{visit.uid}/prescription"
    clock.tick(LATE)
    answer = send(doctor, issue, page, typed())
    assert answer.headers["Location"] == f"/staff/confirm?next={page}"
    assert confirm(doctor, clock, answer.headers["Location"]).headers["Location"] == page
    text = doctor.get(page).text
    assert all(part in text for part in ("Tension headache", 'value="Cetirizine"', "What you typed is here again"))
    assert re.search(r'id="identity"[^>]* checked', text)
    assert send(doctor, issue, page, typed()).status_code == 303
    assert Prescription.select().count() == 1


def test_other_windows_stay_signed_in_after_the_step_up(doctor, visit, clock):
    make_duty(visit.doctor, make_session())
    board = doctor.get("/board").text
    ticket = address_in(board)
    token = re.search(r'name="csrf-token" content="([^"]+)"', board)[1]
    clock.tick(LATE)
    confirm(doctor, clock, "/staff/confirm?next=/board")
    assert doctor.get(ticket, headers=POLL).status_code == 200
    assert doctor.post("/board/duty", data={"csrf_token": token, "state": "on"}).status_code == 303


def test_the_old_key_is_invalid_and_requests_in_flight_with_it_are_retried(doctor, visit, app, clock):
    with doctor.session_transaction() as session:
        old = session["_user_id"]
    clock.tick(LATE)
    confirm(doctor, clock, "/staff/confirm?next=/board")
    thief = app.test_client()
    with thief.session_transaction() as session:
        session["_user_id"] = old
    assert thief.get("/board").status_code == 303
    poll = f"/visits/{visit.uid}/consult?part=call"
    assert thief.get(poll, headers=POLL).status_code == 204
    again = thief.get(poll, headers={"X-Background": "1"})
    assert (again.status_code, again.headers["Retry-After"]) == (503, "1")
    clock.tick(31)
    assert thief.get(poll, headers=POLL).status_code == 401


def test_the_check_of_what_is_typed_does_not_lead_out_of_the_call_when_it_meets_the_step_up(doctor, visit, app, clock):
    page = html.fromstring(doctor.get(f"/visits/{visit.uid}/consult").text)
    (check,) = page.xpath("//span[contains(@hx-post, '/checks')]")
    with doctor.session_transaction() as session:
        before = dict(session)
    clock.tick(LATE)
    confirm(doctor, clock, "/staff/confirm?next=/board")
    late = app.test_client()
    with late.session_transaction() as session:
        session.update(before)
    headers = {"HX-Request": "true"} | json.loads(check.get("hx-headers", "{}"))
    form = typed(csrf_token=page.xpath("//meta[@name='csrf-token']/@content")[0])
    answer = late.post(check.get("hx-post"), data=form, headers=headers)
    assert (answer.status_code, answer.headers.get("HX-Redirect")) == (204, None)


def test_a_form_without_the_signed_field_leads_back_to_its_page(admin, clock):
    person = make_staff("desk")
    clock.tick(LATE)
    answer = admin.submit(f"/admin/staff/{person.uid}/disable", page="/admin/staff")
    assert answer.headers["Location"] == f"/staff/confirm?next=/admin/staff/{person.uid}"
    assert Staff.get_by_id(person.id).disabled_at is None
