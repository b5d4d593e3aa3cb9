"""What a page costs on a slow line: one request before the first words, and no more bytes than needed."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.day import cast
from tests.e2e.conftest import Enter
from tests.servers import Portal

LARGEST_FIRST_PAGE, LARGEST_WAITING_PAGE, LARGEST_UNCHANGED = 9_000, 12_000, 200  # bytes received, with headers
LARGEST_COLD = 37_000  # of the waiting page and its files, without pictures of records; see docs/performance.md
MOBILE, BEN_ID = "9000000001", "1000001"


@dataclass
class Load:
    """The requests of one page load: bytes received with headers, by path; those that held up the first paint."""

    session: CDPSession
    paths: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    blocking: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session.on("Network.requestWillBeSent", self._sent)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        self.paths[event["requestId"]] = path = event["request"]["url"].partition("://")[2].partition("/")[2]
        if event.get("renderBlockingBehavior") == "Blocking":
            self.blocking.append(path)

    def _finished(self, event: dict[str, Any]) -> None:
        path = self.paths.get(event["requestId"], "?")
        self.sizes[path] = self.sizes.get(path, 0) + int(event["encodedDataLength"])


def load(page: Page, address: str) -> Load:
    """Open a page, until the network is idle."""
    found = Load(page.context.new_cdp_session(page))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return found


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_first_words_of_a_page_before_sign_in_cost_one_short_request(enter: Enter, language: str):
    someone = enter("patient", language)
    for address in ("/", "/login"):
        found = load(someone.page, address)
        assert found.blocking == []
        assert found.sizes[address[1:]] <= LARGEST_FIRST_PAGE
        someone.look(f"first-{address[1:]}")


@pytest.fixture(scope="module")
def uid(portal: Portal) -> str:
    return cast.wait_in_queue(portal, MOBILE, BEN_ID)


def test_who_comes_from_the_token_form_waits_for_little_more_than_the_page_itself(enter: Enter, uid: str):
    someone = enter("patient", "hi")
    someone.sign_in_by_otp(MOBILE)
    someone.page.wait_for_url("**/home")
    load(someone.page, "/tokens/new")
    found = Load(someone.page.context.new_cdp_session(someone.page))
    someone.page.goto(f"/visits/{uid}")
    with someone.page.expect_response(lambda answer: "/live/" in answer.url and answer.status == 304):
        pass
    someone.page.wait_for_timeout(500)
    assert sum(size for path, size in found.sizes.items() if "thumbnail" not in path) <= LARGEST_WAITING_PAGE
    assert {path for path in found.sizes if path.startswith("static/") and found.sizes[path] > 0} == set()
    assert [size for path, size in found.sizes.items() if path.startswith("live/")][-1] <= LARGEST_UNCHANGED


@pytest.mark.parametrize("language", ["en", "hi"])
def test_who_comes_from_elsewhere_gets_the_waiting_page_without_what_is_not_looked_at(
    enter: Enter, uid: str, language: str
):
    someone = enter("patient", language)
    someone.sign_in_by_otp(MOBILE)
    someone.page.wait_for_url("**/home")
    page, found = someone.page, Load(someone.page.context.new_cdp_session(someone.page))
    found.session.send("Network.clearBrowserCache")
    page.goto(f"/visits/{uid}")
    page.wait_for_load_state("networkidle")
    of_page = {path: size for path, size in found.sizes.items() if path.startswith(("static/", "visits/"))}
    of_page.pop(next((path for path in of_page if "favicon" in path), ""), 0)  # asked for by chance, and kept for good
    assert sum(of_page.values()) <= LARGEST_COLD
    assert not [path for path in of_page if "family" in path]
