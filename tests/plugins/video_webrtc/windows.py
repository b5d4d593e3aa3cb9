"""Windows of Chromium with fake cameras, in a call through the real application."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.people import FRAMES, PEERS
from tests.servers import wait_for

if TYPE_CHECKING:
    from tests.plugins.video_webrtc.conftest import Call

ARTEFACTS = Path(__file__).parents[2] / "e2e" / "artefacts" / "call"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
IN_THE_PAGE = """(address) => {
  window.said = [];
  document.addEventListener("portal:call", ({ detail }) => window.said.push(detail.state));
  const place = document.createElement("div");
  for (const [name, value] of Object.entries({ "hx-get": address, "hx-trigger": "load", "hx-swap": "outerHTML" })) {
    place.setAttribute(name, value);
  }
  document.getElementById("main").replaceChildren(place);
  htmx.process(place);
}"""
PAIRS = """async () => {
  const found = [];
  for (const peer of window.peersOfTest.filter((each) => each.connectionState === "connected")) {
    const reports = await peer.getStats(), by = (id) => reports.get(id);
    for (const each of reports.values()) {
      if (each.type !== "transport" || !each.selectedCandidatePairId) continue;
      const pair = by(each.selectedCandidatePairId);
      found.push([by(pair.localCandidateId).candidateType, by(pair.remoteCandidateId).candidateType]);
    }
  }
  return found;
}"""
UFRAG = "() => /a=ice-ufrag:(.*)/.exec(window.peersOfTest.at(-1).localDescription.sdp)[1]"
LOUDNESS = """async () => {
  for (const report of (await window.peersOfTest.at(-1).getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") return report.totalAudioEnergy;
  }
}"""


def denied(*devices: str) -> str:
    """Make a script by which these permissions are denied, as when somebody pressed Block."""
    return f"""(() => {{
      const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
      if (real) navigator.mediaDevices.getUserMedia = (wanted) => {list(devices)!s}.some((name) => wanted[name])
        ? Promise.reject(new DOMException("no", "NotAllowedError")) : real(wanted);
    }})()"""


def artefact(name: str) -> Path:
    """Return the path of a screenshot."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return ARTEFACTS / f"{name}.png"


@dataclass
class Window:
    """One side's window, with the call in the page as htmx puts it there."""

    page: Page

    @property
    def call(self) -> Locator:
        return self.page.locator("#video-call")

    def part(self, name: str) -> Locator:
        return self.call.locator(f"[data-part={name}]")

    def button(self, name: str) -> Locator:
        return self.call.get_by_role("button", name=name, exact=True)

    def expect(self, state: str) -> None:
        expect(self.call).to_have_attribute("data-state", state)

    def frames(self) -> int:
        return int(self.page.evaluate(FRAMES))

    def sees(self, frames: int = 10) -> None:
        """Wait for video of the other side."""
        before = self.frames()
        wait_for(lambda: self.frames() - before >= frames, f"{frames} more pictures")

    def pairs(self) -> list[list[str]]:
        """Return the kinds of candidates, own and remote, of each connection."""
        return list(self.page.evaluate(PAIRS))

    def hears(self) -> None:
        """Wait for audio of the other side."""
        before = self.loudness()
        wait_for(lambda: self.loudness() - before > 1e-4, "sound")

    def hears_nothing(self) -> bool:
        """Wait until video goes on without audio; what was in transit at the muting has been played."""
        before = self.loudness()
        self.sees()
        return self.loudness() - before < 1e-4

    def write(self, text: str) -> None:
        """Open the chat if it is closed, and send one line."""
        if not self.part("chat-text").is_visible():
            self.open_chat()
        self.part("chat-text").fill(text)
        self.button("Send").click()

    def open_chat(self) -> None:
        """The doctor's chat has a button of its own; the patient's is under "More"."""
        if not self.part("messages").is_visible():
            self.part("settings").click()
        self.part("messages").click()

    def leave(self) -> None:
        """Leave; the patient is asked first."""
        self.part("leave").click()
        if self.part("leave-yes").count():
            self.part("leave-yes").click()

    def loudness(self) -> float:
        return float(self.page.evaluate(LOUDNESS))

    def shot(self, name: str) -> None:
        self.page.screenshot(path=artefact(name))


class Windows:
    """Opens windows of either side, on the server under test."""

    def __init__(self, chromium: Browser, call: "Call", url: str) -> None:
        self.chromium, self.call, self.url = chromium, call, url
        self.contexts: list[BrowserContext] = []

    def open(self, role: str, size: dict[str, int] = PHONE, script: str = "", language: str = "en") -> Window:
        """Open a window of a signed-in person, in the call."""
        window = self.browse(role, size, script, language)
        self.enter(window, role)
        return window

    def browse(self, role: str, size: dict[str, int] = PHONE, script: str = "", language: str = "en") -> Window:
        """Open a window of a signed-in person; of nobody, when the role has no account."""
        context = self.chromium.new_context(viewport=size, locale=f"{language}-IN", base_url=self.url)
        self.contexts.append(context)
        if role in self.call.browsers:
            cookie = self.call.browsers[role].get_cookie("portal", domain="localhost")
            context.add_cookies([{"name": "portal", "value": cookie.value, "url": self.url}])
        context.add_init_script(PEERS)
        if script:
            context.add_init_script(script)
        return Window(context.new_page())

    def enter(self, window: Window, role: str) -> None:
        """Load the page around the call, and the call in it."""
        window.page.goto("/privacy")
        window.page.evaluate(IN_THE_PAGE, self.call.link(role))
