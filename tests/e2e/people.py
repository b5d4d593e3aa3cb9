"""Somebody in front of a browser, who looks closely at every page and remembers all complaints of the browser."""

from pathlib import Path
from urllib.parse import urlsplit

from babel.support import Translations
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request

from portal.demo.seed import PASSWORD
from tests.day.cast import otp_of
from tests.e2e import axe
from tests.servers import ROOT, Portal

PHONE = {"width": 360, "height": 740}
NARROW = {"width": 320, "height": 640}
PEERS = """(() => {
  const Real = window.RTCPeerConnection;
  window.peersOfTest = [];
  window.RTCPeerConnection = class extends Real {
    constructor(...options) { super(...options); window.peersOfTest.push(this); }
  };
})()"""
FRAMES = """async () => {
  let frames = 0;
  for (const peer of window.peersOfTest) {
    for (const report of (await peer.getStats()).values()) {
      if (report.type === "inbound-rtp" && report.kind === "video") frames += report.framesDecoded ?? 0;
    }
  }
  return frames;
}"""
TOO_WIDE = """() => {
  const seen = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= seen) return [];
  const hides = (element) => ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX);
  const scrolls = (element) => element && (hides(element)
    ? element !== document.body && element !== document.documentElement : scrolls(element.parentElement));
  const ends = (thing) => {
    const range = document.createRange();
    range.selectNodeContents(thing);
    return Math.round(range.getBoundingClientRect().right);
  };
  const own = (element) => [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map(ends);
  const sides = (element) => [  // its box, and text of its own that does not keep to it
    ...(scrolls(element.parentElement) ? [] : [Math.round(element.getBoundingClientRect().right)]),
    ...(scrolls(element) ? [] : own(element)),
  ];
  return [...document.body.querySelectorAll("*")]
    .filter((element) => Math.max(...sides(element)) > seen + 1)
    .map((element) => `${element.tagName}.${element.className} ${Math.max(...sides(element))}`);
}"""
# What a report endpoint would be told, by the event that comes with each report, also of what the console leaves out.
VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""
HINDI = ROOT / "portal" / "translations"


class Person:
    """One person, one browser window."""

    def __init__(
        self, name: str, language: str, context: BrowserContext, accessibility: str, folder: Path, portal: Portal
    ) -> None:
        self.name, self.language, self.context, self.portal = name, language, context, portal
        self.complaints: list[str] = []
        self.accessibility, self._folder, self._shots = accessibility, folder, 0
        self._words = Translations.load(HINDI, [language])
        context.add_init_script(PEERS)
        context.add_init_script(VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._complain(f"script error: {error.error}"))
        context.on("request", self._on_request)
        self.page: Page = context.new_page()

    def say(self, sentence: str) -> str:
        """A sentence of the portal in this person's language."""
        return self._words.gettext(sentence) if self.language == "hi" else sentence

    def open(self, address: str) -> "Person":
        """Open a page."""
        self.page.goto(address)
        return self

    def button(self, label: str) -> Locator:
        """A button of the page's main part, or a link that looks like one, by its English name."""
        text, main = self.say(label), self.page.get_by_role("main")
        return main.get_by_role("button", name=text, exact=True).or_(main.get_by_role("link", name=text, exact=True))

    def press(self, label: str) -> "Person":
        """Press a button by its English name."""
        self.button(label).first.click()
        return self

    def fill(self, **values: str) -> "Person":
        """Type into controls by their field names; two underscores stand for a hyphen."""
        for name, value in values.items():
            self.page.locator(f"[name='{name.replace('__', '-')}']").first.fill(value)
        return self

    def choose(self, name: str, value: str) -> "Person":
        """Tick a box or pick one of several, as cards show them."""
        self.page.locator(f"input[name='{name}'][value='{value}']").check()
        return self

    def sign_in_by_otp(self, mobile: str) -> "Person":
        """Mobile number, then the OTP of the SMS."""
        before = len([sms for sms in self.portal.messages(template="otp") if sms["to"].endswith(mobile)])
        self.open("/login").look("login").fill(mobile=mobile).press("Send OTP")
        self.page.wait_for_url("**/login/otp")
        self.look("otp").fill(otp=otp_of(self.portal.message("otp", mobile, after=before)["text"])).press("Verify")
        return self

    def sign_in_as_staff(self, username: str) -> "Person":
        """User name and the demonstration's password; the language is this browser's, not the one in the staff list."""
        self.open(f"/lang/{self.language}?next=/staff/login").fill(username=username, password=PASSWORD).press(
            "Sign in"
        )
        self.page.wait_for_url(lambda url: "/staff/login" not in url)
        return self

    def look(self, name: str) -> "Person":
        """Look closely: a picture, accessibility, and no sideways scrolling on the narrowest telephone."""
        self.page.wait_for_load_state("load")
        self.shoot(name)
        for line in axe.violations(self.page, self.accessibility):
            self._complain(f"accessibility of {name}: {line}")
        size = self.page.viewport_size
        self.page.set_viewport_size(NARROW)
        for line in self.page.evaluate(TOO_WIDE):
            self._complain(f"{name} is wider than 320 px: {line}")
        self.page.set_viewport_size(size or PHONE)
        return self

    def shoot(self, name: str) -> None:
        """A picture of the whole page."""
        self._shots += 1
        self._folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._folder / f"{self.name}-{self._shots:02d}-{name}.png", full_page=True)

    def frames_decoded(self) -> int:
        """Video frames that this person has seen of the other one."""
        return int(self.page.evaluate(FRAMES))

    def _complain(self, line: str) -> None:
        self.complaints.append(f"{self.name} ({self.language}): {line}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._complain(f"{message.type} on {urlsplit(message.location['url']).path}: {message.text}")

    def _on_request(self, request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in {"http", "https", "ws", "wss"} and host.hostname not in {"127.0.0.1", "localhost"}:
            self._complain(f"asked a foreign host: {request.url}")
