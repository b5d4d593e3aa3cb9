"""Fixtures of the browser tests: one Chromium, people in windows of their own, a portal as `make run` starts it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import TIMEOUT
from tests.e2e import axe
from tests.e2e.people import PHONE, Person
from tests.servers import Portal, unavailable
from tests.servers import portal as portal

ARTEFACTS = Path(__file__).parent / "artefacts"
Enter = Callable[..., Person]


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
            viewport=size,
            locale=f"{language}-IN",
            base_url=portal.url,
            permissions=["camera", "microphone"],
            has_touch=not is_desktop,
            timezone_id="Asia/Kolkata",
        )
        context.set_default_timeout(TIMEOUT)
        people.append(Person(name, language, context, accessibility, folder, portal))
        return people[-1]

    yield make
    complaints = [line for person in people for line in person.complaints]
    for person in people:
        person.context.close()
    assert complaints == []
