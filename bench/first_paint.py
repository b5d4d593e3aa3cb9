"""First contentful paint on a slow line: `python -m bench.first_paint`.

Chromium's emulation of 2G (a round trip of 2 s, 50 kbit/s both ways) and of a cheap telephone (a quarter of this CPU).
The front page and the sign-in with an empty cache, the waiting page as it is reached: after the token form.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import QUIET
from tests.day import cast
from tests.day.cast import otp_of
from tests.e2e.people import PHONE
from tests.servers import Portal, running_portal

LINE = {"offline": False, "latency": 2000, "downloadThroughput": 50_000 / 8, "uploadThroughput": 50_000 / 8}
SLOWER, MOBILE, BEN_ID = 4, "9000000001", "1000001"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def paint(page: Page, address: str) -> float:
    """Open a page on the slow line; seconds until the first words are to be seen."""
    page.goto(address, wait_until="commit", timeout=120_000)
    while not (painted := page.evaluate(PAINTED)):
        page.wait_for_timeout(100)
    return float(painted) / 1000


def slow_down(page: Page) -> None:
    """From here on the page is on a slow line, in a slow telephone."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def sign_in(portal: Portal, page: Page) -> None:
    """By the OTP that the demonstration's telephone shows."""
    page.goto(f"{portal.url}/login")
    page.fill("[name=mobile]", MOBILE)
    before = len([sms for sms in portal.messages(template="otp") if sms["to"].endswith(MOBILE)])
    page.click("main button")
    page.wait_for_url("**/login/otp")
    page.fill("[name=otp]", otp_of(portal.message("otp", MOBILE, after=before)["text"]))
    page.click("main button")
    page.wait_for_url("**/home")


def lines(portal: Portal) -> Iterator[str]:
    """A line for each page and language."""
    with cast.sign_in(portal, MOBILE) as patient:
        cast.register(patient, BEN_ID, "1985-05-05")
        cast.refer(portal, BEN_ID)
        uid = cast.ask_for_token(patient)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        for language in ("en", "hi"):
            for name, address in (("front", "/"), ("sign-in", "/login")):
                page = browser.new_context(viewport=PHONE, locale=f"{language}-IN").new_page()
                slow_down(page)
                yield f"{name}, {language}: {paint(page, portal.url + address):4.1f} s"
            page = browser.new_context(viewport=PHONE, locale=f"{language}-IN").new_page()
            sign_in(portal, page)
            page.goto(f"{portal.url}/tokens/new", wait_until="networkidle")
            slow_down(page)
            yield f"waiting page, {language}: {paint(page, f'{portal.url}/visits/{uid}'):4.1f} s"
        browser.close()


def main() -> None:
    """Print all lines."""
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder)) as portal:
        for line in lines(portal):
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
