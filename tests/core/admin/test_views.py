"""The administrator's pages: every form with valid and invalid input."""

from datetime import time

import pytest
from lxml import html

from portal.core.accounts.models import SignIn, Staff
from portal.core.visits import transfers, undoing
from portal.core.visits.models import Visit
from portal.plugin_host.models import PluginState
from portal.settings.clinic import ClinicHours, QueueRules, ReferralRules
from portal.work.audit import Actor, AuditRow
from tests.factories import make_duty, make_session, make_specialty, make_staff, make_visit

PAGES = [
    "",
    "/plugins",
    "/staff",
    "/staff/new",
    "/centres",
    "/specialties",
    "/sessions",
    "/holidays",
    "/settings",
    "/audit",
]
GOOD = {
    "username": "asha.v",
    "role": "doctor",
    "name": "Dr Asha Verma",
    "name_hi": "आशा",
    "specialty": "medicine",
    "qualification": "MD",
    "registration_number": "DMC-1",
}


@pytest.fixture
def browser(sign_in):
    make_session()
    return sign_in(make_staff("admin"))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens(browser, path):
    assert browser.get(f"/admin{path}").status_code == 200


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("staff/new", {"role": "doctor"}),
        ("centres", {}),
        ("holidays", {}),
        ("settings", {"record_max_mb": "x", "here_minutes": "x", "wait_long_minutes": "x", "wait_late_minutes": "x"}),
    ],
)
def test_lines_of_an_error_summary_are_distinct(browser, path, form):
    answer = browser.submit(f"/admin/{path}", form)
    lines = [line.text_content().strip() for line in html.fromstring(answer.text).xpath("//*[@id='errors']//li")]
    assert (answer.status_code, len(lines) > 1, len(set(lines))) == (422, True, len(lines))


def test_the_overview_agrees_with_the_board(browser, sign_in, now):
    for state in ("waiting", "awaiting_recall", "awaiting_recall"):
        make_visit(state)
    words = {"Waiting": "1", "Missed or set aside": "2"}
    overview = html.fromstring(browser.get("/admin").text)
    for word, count in words.items():
        assert overview.xpath("//dt[.=$word]/following-sibling::dd/text()", word=word) == [count]
        assert overview.xpath("//td[@data-label=$word]/text()", word=word) == [count]
    board = html.fromstring(sign_in(make_staff("doctor")).get("/board").text)
    for word, count in words.items():
        assert board.xpath("//h2[starts-with(., $word)]/span/text()", word=word) == [count]


def test_the_token_of_an_undone_transfer_is_not_counted_as_not_served(browser, now):
    doctor = make_staff("doctor")
    make_duty(doctor, make_session())
    visit = make_visit("in_call", doctor=doctor, lease_until=now)
    make_specialty("eye")
    by = Actor("staff", doctor.uid)
    transfers.transfer(visit, "eye", reason="Blurred vision", by=by, now=now)
    undoing.undo(Visit.get_by_id(visit.id), doctor, by=by, now=now)
    make_visit("cancelled")
    overview = html.fromstring(browser.get("/admin").text)
    assert overview.xpath("//td[@data-label='Not served']/text()") == ["1", "0"]


def test_a_member_of_staff_is_added_changed_disabled_and_enabled(browser, sign_in):
    assert browser.submit("/admin/staff/new", GOOD).status_code == 200
    person = Staff.get(Staff.username == "asha.v")
    sign_in(person)
    browser.submit(f"/admin/staff/{person.uid}", GOOD | {"name": "Dr A. Verma"})
    assert Staff.get_by_id(person.id).name == "Dr A. Verma"
    browser.submit(f"/admin/staff/{person.uid}/disable", page="/admin/staff")
    assert Staff.get_by_id(person.id).disabled_at
    assert SignIn.get(SignIn.staff == person).ended_at
    browser.submit(f"/admin/staff/{person.uid}/enable", page="/admin/staff")
    assert Staff.get_by_id(person.id).disabled_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "a b"},
        {"username": ""},
        {"role": "king"},
        {"name": ""},
        {"name": "x" * 251},
        {"specialty": "surgery"},
        {"qualification": ""},
        {"registration_number": ""},
        {"role": "pharmacist", "centre": "99"},
    ],
)
def test_a_wrong_entry_is_refused_and_nobody_is_added(browser, wrong):
    before = Staff.select().count()
    assert browser.submit("/admin/staff/new", GOOD | wrong).status_code == 422
    assert Staff.select().count() == before


def test_nobody_disables_the_own_account(sign_in):
    me = make_staff("admin")
    assert sign_in(me).submit(f"/admin/staff/{me.uid}/disable", page="/admin/staff").status_code == 409
    assert Staff.get_by_id(me.id).disabled_at is None


def test_a_second_factor_is_reset_and_no_secret_is_shown(browser):
    person = make_staff("doctor")
    answer = browser.submit(f"/admin/staff/{person.uid}/second-factor", page="/admin/staff")
    assert (answer.status_code, Staff.get_by_id(person.id).totp_secret) == (303, "")


def test_settings_are_saved_in_one_transaction(browser):
    answer = browser.submit("/admin/settings", {"call_seconds": "90", "opens_at": "noon"})
    assert answer.status_code == 422
    assert QueueRules.in_force().call_seconds == 120
    browser.submit("/admin/settings", {"call_seconds": "90", "opens_at": "10:00", "confirm": "yes"})
    assert (QueueRules.in_force().call_seconds, ClinicHours.in_force().opens_at) == (90, time(10))


def test_a_preset_sets_the_four_referral_rules(browser):
    browser.submit("/admin/settings", {"preset": "2020"})
    assert [value for _key, value in ReferralRules.in_force()] == [30, 3, 3, 60]
    assert browser.submit("/admin/settings", {"preset": "1999"}).status_code == 422


def test_a_plugin_is_switched_on_for_every_process_at_its_next_request(browser, client):
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 404
    browser.submit("/admin/plugins/video_webrtc/enable", page="/admin/plugins")
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 200
    browser.submit("/admin/plugins/video_webrtc/disable", {"confirm": "yes"}, page="/admin/plugins")
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 404


def test_a_secret_is_sealed_never_shown_and_kept_when_left_empty(browser):
    form = {
        "stun_urls": "",
        "turn_urls": "turn:t.example:3478",
        "turn_secret": "canary-secret-of-coturn",
    }
    browser.submit("/admin/plugins/video_webrtc", form)
    browser.submit("/admin/plugins/video_webrtc", form | {"turn_secret": "", "turn_urls": "turn:u.example:3478"})
    stored = PluginState.get(PluginState.name == "video_webrtc").settings
    assert stored["turn_urls"] == ["turn:u.example:3478"]
    assert stored["turn_secret"]
    assert "canary" not in str(stored)
    pages = "".join(browser.get(f"/admin{path}").get_data(as_text=True) for path in [*PAGES, "/plugins/video_webrtc"])
    assert "canary" not in pages
    assert not any("canary" in row.details for row in AuditRow.select())


def test_wrong_plugin_settings_are_refused_and_nothing_is_stored(browser):
    assert browser.submit("/admin/plugins/video_webrtc", {"turn_urls": "http://x"}).status_code == 422
    row = PluginState.get_or_none(PluginState.name == "video_webrtc")
    assert row is None or row.settings == {}


def test_an_unknown_plugin_gets_404(browser):
    assert browser.get("/admin/plugins/nothing").status_code == 404
    assert browser.submit("/admin/plugins/nothing/enable", page="/admin/plugins").status_code == 404


def test_the_order_is_changed_up_and_down(browser):
    for name in ("sms_gateway", "video_webrtc"):
        browser.submit(f"/admin/plugins/{name}/enable", page="/admin/plugins")
    browser.submit("/admin/plugins/video_webrtc/move", {"direction": "up"}, page="/admin/plugins")
    order = [row.name for row in PluginState.select().order_by(PluginState.position)]
    assert order.index("video_webrtc") < order.index("sms_gateway")


def test_a_try_out_sends_a_real_message(browser, config):
    browser.submit("/admin/plugins/sms_gateway/test", {"to": "9000000001"}, page="/admin/plugins")
    assert "test message" in (config.data_dir / "outbox" / "sms.jsonl").read_text()


def test_the_audit_log_has_search_and_pagination(browser):
    assert browser.get("/admin/audit?q=nothing&page=99999999999").status_code == 200
