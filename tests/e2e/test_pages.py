"""Every page that a role reaches from its menu, and the pages for everybody, in both languages."""

import pytest

from tests.e2e.conftest import Enter
from tests.e2e.looks import look_every_way

FOR_EVERYBODY = (
    "/",
    "/login",
    "/staff/login",
    "/help",
    "/doctors",
    "/privacy",
    "/accessibility",
    "/grievance",
    "/rx/ABCD-EFGH-JKLM-NPQR",
    "/demo/phone/9000000100",
)
MENUS = {
    "mo.02": ["/referrals/new?ben_id=1000002"],
    "dr.eye1": ["/formulary?q=para"],
    "pharm.02": [],
    "desk.01": [],
    "auditor": [],
    "admin": ["/admin/plugins/sms_gateway", "/admin/plugins/video_webrtc"],
}
# Every look tries the narrowest telephone too, so each language needs one size, and patients' pages the one they use.
at_home = pytest.mark.parametrize(("language", "size"), [("en", "phone"), ("hi", "phone"), ("en", "desktop")])
at_work = pytest.mark.parametrize(("language", "size"), [("en", "desktop"), ("hi", "phone")])


def named(address: str) -> str:
    """A file's name for an address."""
    return address.partition("?")[0].strip("/").replace("/", "-") or "front"


@at_home
def test_the_pages_for_everybody_can_be_read_by_everybody(enter: Enter, language, size):
    person = enter("anybody", language, is_desktop=size == "desktop")
    for address in FOR_EVERYBODY:
        person.open(address).look(named(address))
        if size == "phone":
            look_every_way(person, named(address))


@at_work
@pytest.mark.parametrize("username", MENUS)
def test_the_pages_of_a_role_can_be_read_by_everybody(enter: Enter, username, language, size):
    person = enter(username, language, is_desktop=size == "desktop").sign_in_as_staff(username)
    links = person.page.locator("nav.main a")
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses
    for address in addresses + MENUS[username]:
        answer = person.page.goto(address)
        assert answer.status == 200, address
        person.look(named(address))
        look_every_way(person, named(address))


@at_work
def test_refusals_and_errors_can_be_read_by_everybody(enter: Enter, language, size):
    person = enter("anybody", language, is_desktop=size == "desktop")
    person.open("/login").fill(mobile="12345").press("Send OTP")
    person.page.wait_for_load_state()
    person.look("wrong-mobile")
    person.open("/staff/login").fill(username="nobody", password="wrong").press("Sign in")
    person.page.wait_for_load_state()
    person.look("wrong-password")
    person.open("/no-such-page").look("not-found")
    expected = [line for line in person.complaints if "Failed to load resource" in line]
    assert len(expected) == 3, "the browser says aloud that the answers were 422, 422 and 404"
    person.complaints = [line for line in person.complaints if line not in expected]


def test_an_answer_of_the_help_page_opens_under_a_finger(enter: Enter):
    page = enter("anybody").open("/help").page
    heights = [summary.bounding_box()["height"] for summary in page.locator("details.card summary").all()]
    assert heights
    assert min(heights) >= 44
