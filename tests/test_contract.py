"""The external contract: every implemented line holds, and unimplemented ones do not exist."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from lxml import html

from portal import cli
from portal.config import ConfigError, load
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.boards import patient_status
from portal.core.clinic.models import Centre, Specialty
from portal.core.messages.kinds import KINDS
from portal.core.prescriptions.models import Prescription
from portal.demo.seed import PASSWORD, seed
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM, Actor
from tests import contract_lines as lines
from tests import factories as make

ROOT = Path(__file__).parent.parent
KEY = "k" * 40
PLACEHOLDER = re.compile("<[^>]*>")
UID = "A" * 22


def routes_of(app: Flask) -> set[str]:
    """Return every "METHOD /address" of the application, placeholders without names."""
    return {
        f"{method} {PLACEHOLDER.sub('<>', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def command(name: str):
    """Return a CLI command by name, or None."""
    found = cli.main
    for word in name.split():
        found = found.get_command(click.Context(found), word) if isinstance(found, click.Group) else None
        if found is None:
            return None
    return found


def test_the_list_of_unbuilt_lines_names_only_the_contract():
    assert set(lines.open_lines()) <= lines.all_lines()
    assert all(lines.open_lines().values())


@pytest.mark.parametrize("route", lines.built("route"))
def test_an_address_of_the_contract_exists(app, route):
    assert PLACEHOLDER.sub("<>", route) in routes_of(app)


@pytest.mark.parametrize("route", lines.unbuilt("route"))
def test_an_address_that_is_not_built_answers_404(app, client, route):
    method, rule = route.split(" ")
    assert PLACEHOLDER.sub("<>", route) not in routes_of(app)
    data = {"csrf_token": client.hidden_fields("/login")["csrf_token"]} if method == "POST" else None
    assert client.open(PLACEHOLDER.sub(UID, rule), method=method, data=data).status_code == 404


@pytest.mark.parametrize("name", lines.built("command"))
def test_a_command_explains_itself(name):
    result = CliRunner().invoke(cli.main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert (command(name).help or "").strip()


@pytest.mark.parametrize("name", lines.unbuilt("command"))
def test_a_command_that_is_not_built_is_unknown(name):
    result = CliRunner().invoke(cli.main, [*name.split(), "--help"])
    assert result.exit_code == 2
    assert "No such command" in result.output


@pytest.mark.parametrize("name", ["serve", "worker", "migrate", "check", "plugin list", "outbox", "audit verify"])
def test_a_command_that_fails_says_why_in_one_sentence(name, tmp_path):
    wrong = {"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_SECRET_KEY": "short", "PORTAL_DEMO": ""}
    result = CliRunner().invoke(cli.main, name.split(), env=wrong)
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "PORTAL_SECRET_KEY is too short" in result.output


@pytest.mark.parametrize("name", lines.built("variable"))
def test_a_variable_is_read_and_an_invalid_value_is_named(name, tmp_path):
    wrong = lines.VARIABLES[name]
    environ = {"PORTAL_SECRET_KEY": KEY, "PORTAL_DEMO": "1", "PORTAL_DATA_DIR": str(tmp_path)}
    assert load(environ).data_dir == tmp_path
    if wrong is not None:
        with pytest.raises(ConfigError, match=name):
            load(environ | {name: wrong})


@pytest.mark.parametrize("name", lines.unbuilt("variable"))
def test_a_variable_that_is_not_built_is_not_read(name):
    assert name not in (ROOT / "portal" / "config.py").read_text()


@pytest.mark.parametrize("name", lines.built("make"))
def test_a_target_of_make_exists(name):
    assert re.search(rf"^{name}:.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", lines.unbuilt("make"))
def test_a_target_that_is_not_built_does_not_exist(name):
    assert not re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_texts_have_the_names_of_the_contract():
    assert set(lines.built("sms")) <= set(KINDS)
    assert not set(lines.unbuilt("sms")) & set(KINDS)


def test_the_demonstration_has_the_documented_people_and_places(db, now, config):
    seed(300, now=now, config=config)
    assert Centre.select().count() == 41
    assert Centre.get(Centre.code == "01").name == "Gole Market"
    prefixes = {row.code: row.prefix for row in Specialty.select()}
    assert prefixes == {"medicine": "MED", "orthopaedics": "ORT", "eye": "EYE", "ent": "ENT", "psychiatry": "PSY"}
    doctors = {f"dr.{code}1" for code in prefixes} | {"dr.medicine2"}
    of_centres = {f"{kind}.{number:02d}" for kind in ("mo", "pharm", "desk") for number in (1, 2, 3)}
    assert {row.username for row in Staff.select()} == {"admin", "admin2", "auditor"} | doctors | of_centres
    assert not Staff.select().where(Staff.totp_secret != "").exists()
    assert {row.name for row in PluginState.select() if row.enabled} == {"sms_gateway", "video_webrtc"}


def test_the_demonstration_has_the_documented_register(db, now, config):
    seed(300, now=now, config=config)
    people = list(RegisterEntry.select(RegisterEntry, Centre).join(Centre).order_by(RegisterEntry.ben_id))
    assert len(people) == 300
    for number, person in enumerate(people, 1):
        assert person.ben_id == str(1000000 + number)
        assert person.mobile == f"+91{9000000000 - -number // 3}"
        assert person.centre.code == f"{(number - 1) % 41 + 1:02d}"
        assert str(person.date_of_birth) == ("1950-01-01" if number % 3 == 0 else "1985-05-05")
        assert person.name.isascii()
        assert not person.name_hi.isascii()


def test_the_staff_of_the_demonstration_sign_in_with_the_documented_password(client, now, config):
    seed(3, now=now, config=config)
    first_pages = {
        "mo.01": "/referrals",
        "dr.ent1": "/board",
        "pharm.03": "/dispense",
        "desk.02": "/desk",
        "admin": "/admin",
        "auditor": "/admin/audit",
    }
    assert PASSWORD == "demo-paramarsh"
    for username, page in first_pages.items():
        answer = client.submit("/staff/login", {"username": username, "password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        client.submit("/logout", page="/help")


@pytest.mark.parametrize("address", ["/login", "/staff/login"])
def test_a_form_for_strangers_has_its_fields(client, address, sender):
    assert_form(client.get(address).text, *lines.FORMS[address])


def test_the_form_for_the_otp_has_its_field(client, sender):
    answer = client.submit("/login", {"mobile": "9000000001"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login/otp")
    assert_form(client.get("/login/otp").text, *lines.FORMS["/login/otp"])


@pytest.mark.parametrize("address", ["/register", "/tokens/new", "/referrals/requests"])
def test_a_form_for_patients_has_its_fields(sign_in, address):
    make.make_specialty()
    browser = sign_in(make.make_beneficiary())
    assert_form(browser.get(address).text, *lines.FORMS[address])


def test_the_form_for_referrals_has_its_fields(sign_in, db):
    officer = make.make_staff("medical_officer")
    assert_form(sign_in(officer).get("/referrals/new").text, *lines.FORMS["/referrals/new"])


def test_the_form_of_the_consultation_has_its_fields(sign_in, db):
    doctor = make.make_staff("doctor")
    visit = make.make_visit("in_call", doctor=doctor)
    page = sign_in(doctor).get(f"/visits/{visit.uid}/consult").text
    assert_form(page, *lines.FORMS["consult"])
    assert html.fromstring(page).xpath("//form[@id='consult-form']//input[@type='hidden'][@name='version']/@value") == [
        "0"
    ]
    assert buttons_of(page) >= {"Issue prescription"}


def test_the_status_of_a_visit_has_its_keys(sign_in, db, now):
    visit = make.make_visit()
    answer = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}", headers={"Accept": "application/json"})
    assert answer.json == json.loads(json.dumps(patient_status.status(visit, now)))
    assert answer.json.keys() == lines.STATUS_KEYS


@pytest.mark.parametrize(("state", "label"), [("waiting", "I am here"), ("called", "Call now")])
def test_the_buttons_of_the_queue_have_their_names(sign_in, db, state, label):
    visit = make.make_visit(state)
    browser = sign_in(visit.beneficiary)
    page = browser.get(f"/visits/{visit.uid}").text
    assert label in buttons_of(page)
    address = re.search(r'hx-get="(/live/[^"]+)"', page)
    assert browser.get(address[1], headers={"Accept": "application/json"}).json.keys() == lines.STATUS_KEYS


def test_the_board_has_the_button_call_next(sign_in, db):
    doctor = make.make_staff("doctor")
    visit = make.make_visit()
    make.make_duty(doctor, visit.session)
    page = sign_in(doctor).get("/board").text
    assert "Call next" in buttons_of(page)
    assert {"break10", "break20", "break30", "off"} <= set(
        html.fromstring(page).xpath("//button[@name='state']/@value")
    )


@pytest.fixture
def issued(sign_in, sender, queue):
    """A prescription issued during the call, its file stored and its messages sent."""
    doctor = make.make_staff("doctor")
    visit = make.make_visit("in_call", doctor=doctor)
    notes = {
        "diagnosis": "Fever",
        "identity": "yes",
        "age": "yes",
        "items-0-drug": "Paracetamol",
        "items-0-form": "tablet",
        "items-0-strength": "500 mg",
        "items-0-dose": "1",
        "items-0-frequency": "BD",
        "items-0-duration_days": "5",
        "mode": "video",
        "judgement": "yes",
        "items-0-reason": "no list of the test knows it",
    }
    address = f"/visits/{visit.uid}/consult"
    answer = sign_in(doctor).submit(f"/visits/{visit.uid}/prescription", notes, page=address)
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    queue.drain()
    return Prescription.get()


def test_the_sheet_of_the_pharmacist_has_its_fields(sign_in, issued):
    page = sign_in(make.make_staff("pharmacist")).get(f"/dispense?code={issued.code}").text
    assert_form(page, *lines.FORMS["dispense"])


def test_a_prescription_can_be_downloaded_and_its_code_is_long(sign_in, issued):
    browser = sign_in(issued.visit.beneficiary)
    assert "Download prescription" in html.fromstring(browser.get(f"/visits/{issued.visit.uid}").text).text_content()
    assert browser.get(f"/visits/{issued.visit.uid}/prescription.pdf").mimetype == "application/pdf"
    assert browser.get(f"/rx/{issued.code}").status_code == 200
    assert len(re.sub("[^0-9A-Z]", "", issued.code)) >= 16, "sixteen of 32 signs are 80 bits"


def test_a_message_in_the_outbox_has_its_keys(config, issued):
    sent = [json.loads(line) for line in (config.data_dir / "outbox" / "sms.jsonl").read_text().splitlines()]
    assert [sms["template"] for sms in sent] == ["prescription"]
    assert sent[0].keys() == lines.SMS_KEYS
    page = html.fromstring(render_phone(sent[0]["to"])).text_content()
    assert issued.number in page


def test_the_plugin_page_switches_on_and_off(sign_in, db, now):
    for name in registry().installed:
        switch(name, name == "sms_gateway", by=SYSTEM, now=now)
    page = sign_in(make.make_staff("admin")).get("/admin/plugins").text
    assert {"Switch on", "Switch off"} <= buttons_of(page)


def test_a_switch_that_must_ask_answers_409_with_a_form(sign_in, db, now):
    from portal.core.calls.rooms import open_room

    switch("video_webrtc", True, by=SYSTEM, now=now)
    doctor = make.make_staff("doctor")
    open_room(registry(), make.make_visit("in_call", doctor=doctor), by=Actor("staff", doctor.uid), now=now)
    admin = sign_in(make.make_staff("admin"))
    answer = admin.submit("/admin/plugins/video_webrtc/disable", page="/admin/plugins")
    assert answer.status_code == 409
    assert html.fromstring(answer.text).xpath("//form//input[@name='confirm']/@value") == ["yes"]
    answer = admin.submit("/admin/plugins/video_webrtc/disable", {"confirm": "yes"}, page="/admin/plugins")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/plugins")


def test_outside_a_demo_there_is_no_demo_telephone(tmp_path, db):
    from portal.app import create_app

    config = load({"PORTAL_SECRET_KEY": KEY, "PORTAL_DATA_DIR": str(tmp_path)})
    assert not {route for route in routes_of(create_app(config)) if "demo" in route}


@pytest.fixture
def sender(db, now):
    """An active SMS sender."""
    switch("sms_gateway", True, by=SYSTEM, now=now)


def render_phone(mobile: str) -> str:
    """The demo's phone."""
    from flask import current_app

    return current_app.test_client().get(f"/demo/phone/{mobile.removeprefix('+91')}").text


def assert_form(page: str, button: str, fields: list[str]) -> None:
    """Assert that a button's form has these visible controls, and the hidden CSRF field."""
    found = html.fromstring(page).xpath("//button[normalize-space()=$label]/ancestor::form", label=button)
    assert found, f"no form with the button {button!r}"
    controls = [one for one in found[0].iter("input", "select", "textarea") if not list(one.iterancestors("template"))]
    visible = {one.get("name") for one in controls if one.get("type") != "hidden"}
    assert visible >= set(fields)
    assert "csrf_token" in {one.get("name") for one in controls if one.get("type") == "hidden"}


def buttons_of(page: str) -> set[str]:
    """Buttons and links, by their text."""
    return {" ".join(one.text_content().split()) for one in html.fromstring(page).iter("button")}
