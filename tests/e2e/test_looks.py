"""However a page is looked at, nothing overflows and nothing is cut off: a family's pages, and a hall's display."""

import pytest

from tests.day import cast
from tests.e2e.conftest import Enter
from tests.e2e.looks import CLIPPED, faults_of, look_every_way
from tests.e2e.test_pages import named
from tests.servers import Portal

# Somebody older than seventy for each language, who needs no referral.
FAMILIES = {"en": ("9000000092", "1000276"), "hi": ("9000000093", "1000279")}
AT_HOME = (
    "/home",
    "/tokens/new",
    "/register",
    "/referrals/requests",
    "/my/referrals",
    "/my/visits",
    "/my/rights",
    "/my/data",
    "/my/consents",
    "/my/readers",
    "/my/cases",
    "/my/cases/new",
    "/messages",
)
PLANTED = {
    "too wide": "width: 900px",
    "clipped": "width: 4em; overflow: hidden; white-space: nowrap",
    "color-contrast": "color: #233; background: #122",
}
# The policy bars style attributes, and not what a script sets.
PLANT = """(style) => {
  const planted = document.querySelector("main").appendChild(document.createElement("p"));
  planted.textContent = "What nobody can read";
  planted.style.cssText = style;
}"""


@pytest.mark.parametrize("fault", PLANTED)
def test_what_overflows_is_cut_off_or_pale_is_found(enter: Enter, fault: str) -> None:
    person = enter("anybody").open("/accessibility")
    assert faults_of(person, "accessibility") == []
    person.page.evaluate(PLANT, PLANTED[fault])
    assert [line for line in faults_of(person, "accessibility") if fault in line]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_pages_of_a_family_fit_however_they_are_looked_at(enter: Enter, portal: Portal, language: str) -> None:
    mobile, ben_id = FAMILIES[language]
    with cast.sign_in(portal, mobile) as family:
        cast.register(family, ben_id, "1950-01-01", language)
        visit = cast.ask_for_token(family, specialty="eye")
    person = enter("family", language).sign_in_by_otp(mobile)
    person.page.wait_for_url("**/home")
    for address in (*AT_HOME, f"/visits/{visit}", f"/visits/{visit}/records"):
        answer = person.page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        look_every_way(person, named(address))


def test_a_display_with_five_queues_is_read_across_a_hall_at_720p(enter: Enter) -> None:
    admin = enter("admin", is_desktop=True).sign_in_as_staff("admin").open("/admin/displays").fill(place="Hall")
    for box in admin.page.locator("[name=specialties]").all()[:5]:
        box.check()
    address = str(admin.press("Make a display").page.locator(".notice a").text_content())
    screen = enter("display", is_desktop=True)
    screen.page.set_viewport_size({"width": 1280, "height": 720})
    screen.open(address).shoot("720p")
    size = screen.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1280, 720]
    sizes = screen.page.evaluate(
        "[...document.querySelectorAll('.hall-label, .hall dt')].map((one) => parseInt(getComputedStyle(one).fontSize))"
    )
    assert len(sizes) == 25
    assert min(sizes) >= 18
    assert screen.page.evaluate(CLIPPED) == []
