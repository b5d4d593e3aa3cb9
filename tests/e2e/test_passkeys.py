"""A passkey in a real browser: added, used at the sign-in by the keyboard alone, removed."""

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import expect

from portal.base import clock
from portal.demo.seed import PASSWORD
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal, running_portal

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Browsers bind passkeys to names, never to the number of a computer."""
    with running_portal(tmp_path_factory.mktemp("portal"), host="localhost") as running:
        yield running


def with_password(person: Person) -> Person:
    person.open(f"/lang/{person.language}?next=/staff/login")
    return person.fill(username="admin", password=PASSWORD).press("Sign in")


def set_up_the_app(person: Person) -> None:
    person.open("/staff/second-factor")
    secret = re.search(r"[A-Z2-7]{32}", person.page.get_by_role("main").inner_text())
    assert secret
    person.fill(code=pyotp.TOTP(secret[0]).at(clock.now())).press("Set it up")
    expect(person.page.get_by_role("main")).to_contain_text(person.say("Codes on paper"))


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_passkey_is_added_used_and_removed(enter: Enter, portal: Portal, language: str) -> None:
    admin = with_password(enter("admin", language, is_desktop=language == "en"))
    keys = admin.context.new_cdp_session(admin.page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    admin.page.wait_for_url("**/admin")
    set_up_the_app(admin)
    admin.open("/staff/second-factor").look("none").press("Add a passkey").look("add")
    admin.fill(name="office").press("Make the passkey")
    expect(admin.page.get_by_role("main")).to_contain_text("office")
    admin.look("added")
    admin.page.get_by_role("button", name=admin.say("Sign out"), exact=True).click()
    with_password(admin).look("asked")
    admin.button("Use a passkey").focus()
    admin.page.keyboard.press("Enter")
    admin.page.wait_for_url("**/admin")
    admin.open("/staff/second-factor")
    admin.page.get_by_role("button", name=re.compile("office")).click()
    expect(admin.page.get_by_role("main")).not_to_contain_text("office")
    portal.command("staff", "reset", "admin")
