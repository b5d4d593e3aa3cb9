"""One browser for all browser tests, as Playwright can be started only once per process."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from tests.servers import unavailable

TIMEOUT = 60_000  # timeout in milliseconds, generous for a busy machine
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the path of Debian's Chromium, or Playwright's."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        except Error as error:
            unavailable(f"Chromium does not start, so no browser test runs: {str(error).splitlines()[0]}")
        yield browser
        browser.close()
