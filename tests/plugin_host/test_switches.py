"""Switching off the last provider of a capability needs confirmation, and pages report what is missing."""

import pytest
from click.testing import CliRunner
from lxml import html
from pydantic import Field

from portal.cli import main
from portal.contracts import PluginSettings
from portal.plugin_host.models import PluginHealth
from portal.plugin_host.registry import registry
from portal.store.db import close_database
from tests.factories import make_beneficiary, make_staff, make_visit
from tests.fakes import install_plugin, turn_on


class Picky(PluginSettings):
    """Settings with a required key."""

    key: str = Field(title="Key")


def nothing(**_arguments: object) -> None:
    """A hook that passes to the next plugin."""


@pytest.fixture
def browser(app, db, sign_in):
    """The administrator's browser, with one sender and one video plugin active."""
    install_plugin(app, "sender", send_message=nothing)
    install_plugin(app, "rooms", open_room=nothing)
    return sign_in(make_staff("admin"))


def press_off(browser, name: str, **form: str):
    return browser.submit(f"/admin/plugins/{name}/disable", form, page="/admin/plugins")


@pytest.mark.parametrize(
    ("name", "words"),
    [("sender", "no patient can sign in"), ("rooms", "doctors can only telephone their patients")],
)
def test_switching_the_last_provider_off_needs_confirmation(browser, name: str, words: str) -> None:
    make_visit("waiting")
    answer = press_off(browser, name)
    assert answer.status_code == 409
    assert words in answer.text.replace("Doctors", "doctors")
    assert "with a token now: 1" in " ".join(answer.text.split())
    assert html.fromstring(answer.text).xpath("//form//input[@name='confirm']/@value") == ["yes"]
    assert registry().is_on(name)
    assert press_off(browser, name, confirm="yes").status_code == 303
    assert not registry().is_on(name)


def test_no_confirmation_while_another_provider_is_active(app, browser) -> None:
    install_plugin(app, "second", send_message=nothing)
    assert press_off(browser, "sender").status_code == 303


def test_an_unhealthy_provider_does_not_count_as_another(app, browser, now) -> None:
    install_plugin(app, "second", send_message=nothing)
    PluginHealth.create(plugin="second", probe="server", error="it does not answer", at=now)
    answer = press_off(browser, "sender")
    assert answer.status_code == 409
    assert "second for tests is on too, but does not work at the moment." in answer.text


def test_the_overview_lists_missing_capabilities(browser) -> None:
    assert "No plugin that sends texts is on" not in browser.get("/admin").text
    press_off(browser, "sender", confirm="yes")
    press_off(browser, "rooms", confirm="yes")
    page = browser.get("/admin").text
    assert "No plugin that sends texts is on: no patient can sign in" in page
    assert "No plugin that opens video calls is on" in page


def test_the_overview_lists_plugins_held_off_by_invalid_settings(app, browser) -> None:
    install_plugin(app, "picky", settings_schema=lambda: Picky)
    page = browser.get("/admin").text
    assert "It is switched on but stays off until this is put right: key: This is required." in page


def test_the_command_needs_confirmation_too(app, db, config) -> None:
    turn_on("sms_gateway")
    environ = dict(config.environ) | {"PORTAL_DATABASE_URL": config.database_url}
    close_database()
    refused = CliRunner().invoke(main, ["plugin", "off", "sms_gateway"], env=environ)
    assert refused.exit_code == 1
    assert "no patient can sign in" in refused.output
    assert "--yes" in refused.output
    close_database()
    done = CliRunner().invoke(main, ["plugin", "off", "sms_gateway", "--yes"], env=environ)
    assert (done.exit_code, done.output) == (0, "sms_gateway is off.\n")


def test_without_a_sender_patients_pages_name_the_helpline(app, db, client, sign_in) -> None:
    make_staff("doctor")
    page = client.get("/login")
    assert page.status_code == 503
    assert "1800-208-8900" in page.text
    assert "trying again in a minute does not help" in page.text
    assert "Please wait a moment" not in page.text
    assert 'href="/staff/login"' in page.text
    visit = make_visit("waiting")
    shown = sign_in(visit.beneficiary).get(f"/visits/{visit.uid}").text
    assert "No SMS can be sent at the moment. Keep this page open" in shown
    assert "we call you by SMS" not in shown
    assert "There is no video at the moment: the doctor telephones you." in shown
    assert "There is no video at the moment" in sign_in(make_beneficiary()).get("/tokens/new").text


def test_an_unhealthy_sender_is_reported_on_waiting_pages(browser, client, now) -> None:
    assert "SMS may come late" not in client.get("/login").text
    PluginHealth.create(plugin="sender", probe="server", error="it does not answer", at=now)
    for address in ("/login", "/login/otp"):
        client.submit("/login", {"mobile": "9000000001"})
        page = client.get(address).text
        assert "SMS may come late or not at all at the moment." in page
        assert "1800-208-8900" in page
