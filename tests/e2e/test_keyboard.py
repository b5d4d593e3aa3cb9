"""A patient's whole journey with a keyboard alone: Tab to each control, Enter and Space to press, nothing else."""

import pytest
from playwright.sync_api import Locator, expect

from tests.day import cast
from tests.day.reader import Person as Reader
from tests.e2e.conftest import Enter
from tests.e2e.people import Person
from tests.servers import Portal

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
MOBILE, BEN_ID = "9000000092", "1000276"  # older than seventy, who needs no referral
MOST_STEPS = 80
RING = """(element) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const shown = element.closest(".choice") ? getComputedStyle(element.closest(".choice")).outlineStyle : outlineStyle;
  return shown !== "none" && parseFloat(outlineWidth) >= 2;
}"""


class Keys:
    """What a person does who has no mouse and no finger on the screen."""

    def __init__(self, person: Person) -> None:
        self.person, self.page = person, person.page

    def go_to(self, control: Locator) -> "Keys":
        """Press Tab until this control has the focus, and see the ring around it."""
        expect(control).to_be_visible()
        for _step in range(MOST_STEPS):
            self.page.keyboard.press("Tab")
            if control.evaluate("(element) => element === document.activeElement"):
                assert control.evaluate(RING), f"no ring around {control}"
                return self
        raise AssertionError(f"{MOST_STEPS} times Tab on {self.page.url} did not lead to {control}")

    def enter(self, label: str) -> "Keys":
        """Press the button or link of this English name."""
        self.go_to(self.person.button(label).first)
        self.page.keyboard.press("Enter")
        return self

    def tick(self, name: str) -> "Keys":
        """Choose the first of several, or tick a box."""
        control = self.page.locator(f"input[name='{name}']").first
        self.go_to(control)
        self.page.keyboard.press("Space")
        expect(control).to_be_checked()
        return self

    def type(self, name: str, text: str) -> "Keys":
        """Type into the control of this name."""
        self.go_to(self.page.locator(f"[name='{name}']").first)
        self.page.keyboard.type(text)
        return self


def sign_in(keys: Keys, portal: Portal) -> None:
    keys.person.open("/")
    keys.enter("Sign in with mobile").type("mobile", MOBILE).enter("Send OTP")
    keys.page.wait_for_url("**/login/otp")
    keys.type("otp", cast.otp_of(portal.message("otp", MOBILE)["text"])).enter("Verify")
    keys.page.wait_for_url("**/register")


def register(keys: Keys) -> None:
    keys.type("ben_id", BEN_ID).type("date_of_birth", "1").type("date_of_birth-month", "1")
    keys.type("date_of_birth-year", "1950")
    keys.type("address", cast.ADDRESS).tick("consent").enter("Register")
    keys.page.wait_for_url("**/home")


def ask_for_token(keys: Keys) -> str:
    keys.enter("New token")
    keys.page.wait_for_url("**/tokens/new")
    keys.tick("specialty").type("complaint", cast.COMPLAINT).tick("consent").enter("Request token")
    keys.page.wait_for_url("**/visits/*")
    return keys.page.url.rpartition("/")[2]


def test_a_patient_comes_from_the_front_page_through_the_call_by_keyboard(enter: Enter, portal: Portal) -> None:
    patient = enter("patient", is_desktop=True)
    keys = Keys(patient)
    sign_in(keys, portal)
    register(keys)
    visit = ask_for_token(keys)
    doctor: Reader = cast.on_duty(portal).open("/board").press("Call next")
    expect(patient.button("Call now")).to_be_enabled()
    keys.enter("Call now")
    keys.page.wait_for_url("**/room")
    expect(keys.page.locator("#video-call")).to_have_attribute("data-state", "waiting")
    keys.enter("Photo or help").enter("Back to the call").enter("Leave call").enter("No, stay in the call")
    keys.enter("Leave call").enter("Yes, leave")
    keys.page.wait_for_url(f"**/visits/{visit}")
    doctor.http.close()
