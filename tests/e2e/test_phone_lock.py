"""The lock of a phone in place of an SMS, in a real browser: switched on after an OTP, used, switched off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Enter
from tests.e2e.test_passkeys import AUTHENTICATOR
from tests.servers import Portal, running_portal


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Browsers bind passkeys to names, never to the number of a computer."""
    with running_portal(tmp_path_factory.mktemp("portal"), host="localhost") as running:
        yield running


@pytest.mark.parametrize(("language", "mobile"), [("en", "9000000001"), ("hi", "9000000002")])
def test_a_family_signs_in_without_an_sms(enter: Enter, language: str, mobile: str) -> None:
    person = enter("family", language, is_desktop=language == "en")
    keys = person.context.new_cdp_session(person.page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    person.open(f"/lang/{language}?next=/help").sign_in_by_otp(mobile)
    person.page.wait_for_url(lambda url: "/login" not in url)
    person.open("/my/sign-in").look("offered").press("Switch on for this phone")
    expect(person.page.get_by_role("main")).to_contain_text(person.say("This phone"))
    person.look("on")
    person.page.get_by_role("button", name=person.say("Sign out"), exact=True).first.click()
    person.open("/login").look("asked").press("Sign in with fingerprint or screen lock, without SMS")
    person.page.wait_for_url(lambda url: "/login" not in url)
    person.open("/my/sign-in").look("without an OTP").press("Switch off")
    expect(person.page.get_by_role("main")).not_to_contain_text(person.say("This phone"))
    person.page.get_by_role("button", name=person.say("Sign out"), exact=True).first.click()
    person.open("/login")
    expect(person.button("Sign in with fingerprint or screen lock, without SMS")).to_have_count(0)
