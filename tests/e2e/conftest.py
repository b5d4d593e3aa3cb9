"""Fixtures of the browser tests: one Chromium, people in windows of their own, a portal as `make run` starts it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.e2e import axe
from tests.e2e.people import PHONE, Person
from tests.servers import Portal, unavailable
from tests.servers import portal as portal

ARTEFACTS = Path(__file__).parent / "artefacts"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)  # fmt: skip
Enter = Callable[..., Person]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that Playwright installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        except Error as error:
            unavailable(f"Chromium does not start, so no browser test runs: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def accessibility() -> str:
    """The script that checks a page against WCAG 2.1 AA."""
    source = axe.source()
    if not source:
        unavailable("axe-playwright-python is not installed, so accessibility is not tested (make test installs it)")
    return source


@pytest.fixture
def enter(chromium: Browser, portal: Portal, accessibility: str, request: pytest.FixtureRequest) -> Iterator[Enter]:
    """enter("patient", "hi") → somebody with a telephone; enter("doctor", is_desktop=True) → with a computer.

    At the end nobody's browser may have complained about anything.
    """
    people: list[Person] = []
    folder = ARTEFACTS / request.node.name.replace("[", "-").rstrip("]")
    shutil.rmtree(folder, ignore_errors=True)

    def make(name: str, language: str = "en", *, is_desktop: bool = False) -> Person:
        size = {"width": 1280, "height": 800} if is_desktop else PHONE
        context = chromium.new_context(
            viewport=size, locale=f"{language}-IN", base_url=portal.url, permissions=["camera", "microphone"],
            has_touch=not is_desktop, timezone_id="Asia/Kolkata",
        )  # fmt: skip
        context.set_default_timeout(15_000)
        people.append(Person(name, language, context, accessibility, folder, portal))
        return people[-1]

    yield make
    complaints = [line for person in people for line in person.complaints]
    for person in people:
        person.context.close()
    assert complaints == []
