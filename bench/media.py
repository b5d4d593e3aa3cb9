"""Time to media: `python -m bench.media`.

A demonstration with coturn as its TURN server, relayed on both sides. The doctor sits in the call; the patient opens
it, as "Call now" does. From there to the first decoded picture and sound on each side, TIMES times for each pair.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser import QUIET, TIMEOUT
from tests.day import cast
from tests.e2e.people import PEERS
from tests.plugins.video_webrtc.firefox import Firefox, running_firefox
from tests.plugins.video_webrtc.turn import SECRET, running_turn
from tests.servers import Portal, running_portal, wait_for

TIMES = int(os.environ.get("TIMES", "5"))
MOBILE, BEN_ID, DOCTOR = "9000000001", "1000001", "dr.medicine1"
PAIRS = (("Chromium", "Chromium"), ("Chromium", "Firefox"), ("Firefox", "Chromium"))  # patient, doctor
# When each kind of the other side's media was first decoded, in milliseconds of the machine's clock.
FIRST = """(() => {
  window.firstOfTest = {};
  setInterval(async () => {
    for (const peer of window.peersOfTest.filter((each) => each.connectionState === "connected")) {
      for (const report of (await peer.getStats()).values()) {
        const decoded = report.kind === "video" ? report.framesDecoded : report.jitterBufferEmittedCount;
        if (report.type === "inbound-rtp" && decoded) window.firstOfTest[report.kind] ??= Date.now();
      }
    }
  }, 20);
})()"""
LEAVE = "document.querySelector('#video-call [data-part=leave-yes]').click()"
STATE = "document.getElementById('video-call')?.dataset.state"


class Window:
    """A window of a signed-in person, in either browser."""

    def __init__(self, go: Callable[[str], object], evaluate: Callable[[str], Any]) -> None:
        self.go, self.evaluate = go, evaluate

    def first(self, since: float) -> dict[str, float]:
        """Wait for picture and sound; return the seconds to each."""
        found = wait_for(lambda: _both(self.evaluate("window.firstOfTest")), "picture and sound")
        return {kind: at / 1000 - since for kind, at in found.items()}

    def wait_alone(self) -> None:
        """Wait until this side is in the call, and nobody else."""
        wait_for(lambda: self.evaluate(STATE) == "waiting", "an empty call")
        self.evaluate("window.firstOfTest = {}")


def _both(first: dict[str, float]) -> dict[str, float] | None:
    return first if len(first) == len(("video", "audio")) else None


def in_chromium(browser: Browser, portal: Portal, cookie: str) -> Window:
    """Open a window with its own cookies."""
    context = browser.new_context(permissions=["camera", "microphone"])
    context.set_default_timeout(TIMEOUT)
    context.add_cookies([{"name": "portal", "value": cookie, "url": portal.url}])
    for script in (PEERS, FIRST):
        context.add_init_script(script)
    page = context.new_page()
    return Window(page.goto, page.evaluate)


def in_firefox(firefox: Firefox, cookie: str) -> Window:
    """Take the one window of Firefox."""
    firefox.set_cookie("portal", cookie, "127.0.0.1")
    return Window(firefox.go, firefox.evaluate)


def measured(patient: Window, doctor: Window, address: str) -> Iterator[dict[str, dict[str, float]]]:
    """Let the patient come TIMES times into the doctor's call."""
    doctor.go(f"{address}/consult")
    for _time in range(TIMES):
        doctor.wait_alone()
        since = time.time()
        patient.go(f"{address}/room")
        yield {"patient": patient.first(since), "doctor": doctor.first(since)}
        patient.evaluate(LEAVE)
    doctor.go("about:blank")


@contextmanager
def called(portal: Portal) -> Iterator[tuple[str, dict[str, str]]]:
    """Let a doctor call a visit, and the patient answer once; return its address and the cookie of each side."""
    uid = cast.wait_in_queue(portal, MOBILE, BEN_ID)
    with cast.on_duty(portal, DOCTOR) as doctor, cast.sign_in(portal, MOBILE) as patient:
        doctor.press("Call next")
        patient.open(f"/visits/{uid}").press("Call now")
        cookies = {"doctor": doctor, "patient": patient}
        yield f"{portal.url}/visits/{uid}", {who: side.http.cookies["portal"] for who, side in cookies.items()}


def lines(portal: Portal, chromium: Browser, firefox: Firefox) -> Iterator[str]:
    """A line for each pair of browsers and each side."""
    with called(portal) as (address, cookies):
        for pair in PAIRS:
            sides = {}
            for who, name in zip(("patient", "doctor"), pair, strict=True):
                cookie = cookies[who]
                sides[who] = (
                    in_chromium(chromium, portal, cookie) if name == "Chromium" else in_firefox(firefox, cookie)
                )
            found = list(measured(**sides, address=address))
            for who, name in zip(("patient", "doctor"), pair, strict=True):
                texts = (_text(kind, [each[who][kind] for each in found]) for kind in ("video", "audio"))
                yield f"{pair[0]:8} to {pair[1]:8}: {who:7} in {name:8} {', '.join(texts)}"


def _text(kind: str, seconds: list[float]) -> str:
    word = {"video": "picture", "audio": "sound"}[kind]
    return f"{word} {median(seconds):.1f} s ({min(seconds):.1f} to {max(seconds):.1f})"


def main() -> None:
    """Print all lines."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("turn", "firefox"):
            (folder / name).mkdir()
        turn = stack.enter_context(running_turn(folder / "turn"))
        urls = f"turn:127.0.0.1:{turn}?transport=udp"
        settings = {"PORTAL_VIDEO_WEBRTC_TURN_URLS": urls, "PORTAL_VIDEO_WEBRTC_TURN_SECRET": SECRET}
        portal = stack.enter_context(running_portal(folder / "portal", **settings))
        firefox = stack.enter_context(running_firefox(folder / "firefox"))
        for script in (PEERS, FIRST):
            firefox.before_each_page(script)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        for line in lines(portal, browser, firefox):
            print(line, flush=True)  # noqa: T201
        browser.close()


if __name__ == "__main__":
    main()
