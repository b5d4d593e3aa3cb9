"""A call between Firefox ESR and Chromium through a real TURN server, either of them the patient's."""

from collections.abc import Iterator

import pytest

from tests.e2e.people import FRAMES, PEERS
from tests.plugins.video_webrtc.conftest import Call
from tests.plugins.video_webrtc.firefox import Firefox, running_firefox
from tests.plugins.video_webrtc.test_turn import line as line
from tests.plugins.video_webrtc.test_turn import turn as turn
from tests.plugins.video_webrtc.windows import IN_THE_PAGE, PAIRS
from tests.servers import wait_for

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
STATE = "document.getElementById('video-call')?.dataset.state"
HEARD = """(async () => {
  for (const report of (await window.peersOfTest.at(-1).getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") return report.packetsReceived;
  }
})()"""


@pytest.fixture(scope="session")
def browser_of_firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with running_firefox(tmp_path_factory.mktemp("firefox")) as firefox:
        firefox.before_each_page(PEERS)
        yield firefox


@pytest.fixture
def firefox(browser_of_firefox: Firefox) -> Iterator[Firefox]:
    yield browser_of_firefox
    browser_of_firefox.go("about:blank")


def enter(firefox: Firefox, call: Call, url: str, role: str) -> None:
    """Open the call of a signed-in person."""
    cookie = call.browsers[role].get_cookie("portal", domain="localhost")
    firefox.set_cookie("portal", cookie.value, "127.0.0.1")
    firefox.go(f"{url}/privacy")
    firefox.evaluate(f"({IN_THE_PAGE})({call.link(role)!r})")


@pytest.mark.parametrize("role", ["doctor", "patient"])
def test_firefox_and_chromium_see_and_hear_each_other_through_the_turn_server(line, windows, call, url, firefox, role):
    other = windows.open({"doctor": "patient", "patient": "doctor"}[role])
    other.expect("waiting")
    enter(firefox, call, url, role)
    wait_for(lambda: firefox.evaluate(STATE) == "connected", "Firefox in the call")
    other.expect("connected")
    other.sees()
    other.hears()
    seen, heard = firefox.evaluate(f"({FRAMES})()"), firefox.evaluate(HEARD)
    wait_for(lambda: firefox.evaluate(f"({FRAMES})()") - seen >= 10, "pictures in Firefox")
    wait_for(lambda: firefox.evaluate(HEARD) - heard >= 10, "sound in Firefox")
    assert {own for own, _other in firefox.evaluate(f"({PAIRS})()")} == {"relay"}
    assert {own for own, _other in other.pairs()} == {"relay"}
