"""In Chromium: the worker shows a notice and says so with its key, and keeps one page for when there is no internet.

A push service is out of reach of a headless browser; what it would hand over is handed over by the browser's protocol.
"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from portal_plugins.notify_webpush import notices
from portal_plugins.notify_webpush.models import Push, Subscription

from portal.contracts import Message
from portal.core.visits.models import Visit
from tests.factories import make_visit
from tests.plugins.notify_webpush.phone import Phone
from tests.plugins.video_webrtc.conftest import url as url
from tests.servers import wait_for

HERE = "/x/notify_webpush"
# The browser's own push manager, which would call its maker; all else is the page's and the worker's own.
ADDRESS = """(address) => {
  PushManager.prototype.subscribe = async () => ({ toJSON: () => address });
  PushManager.prototype.getSubscription = async () => null;
}"""


@pytest.fixture
def visit(service) -> Visit:
    return make_visit("waiting")


@pytest.fixture
def context(chromium: Browser, url: str, visit, sign_in) -> Iterator[BrowserContext]:
    """A phone's browser with the family signed in, which may be shown notices."""
    opened = chromium.new_context(viewport={"width": 320, "height": 640}, base_url=url, permissions=["notifications"])
    cookie = sign_in(visit.beneficiary).get_cookie("portal")
    opened.add_cookies([{"name": "portal", "value": cookie.value, "url": url}])
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, visit, phone) -> Page:
    """The switch, with the worker at work."""
    opened = context.new_page()
    opened.add_init_script(f"({ADDRESS})({phone.text})")
    opened.goto(f"{HERE}/on/{visit.uid}")
    expect(opened.get_by_text("Notices are off. An SMS tells you.")).to_be_visible()
    return opened


def deliver(context: BrowserContext, page: Page, url: str, text: str) -> None:
    """Hand a decrypted notice to the worker, as the browser does."""
    protocol = context.new_cdp_session(page)
    found: list[str] = []
    protocol.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    protocol.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(50)
    message = {"origin": url, "registrationId": found[-1], "data": text}
    protocol.send("ServiceWorker.deliverPushMessage", message)


def test_the_switch_gives_the_portal_the_browsers_address(page, visit):
    page.get_by_role("button", name="Switch notices on").click()
    expect(page.get_by_text("Notices are on.")).to_be_visible()
    assert Subscription.get().account == visit.beneficiary.account.uid


def test_a_notice_that_the_worker_shows_spares_the_sms(context, page, phone: Phone, service, visit, url, now):
    mobile = visit.beneficiary.account.mobile
    notices.switch_on(visit.beneficiary.account.uid, mobile, phone.text, now=now)
    text = Message("m-1", mobile, "your_turn", "en", "x", now + timedelta(minutes=2))
    notices.show(text, now=now)
    deliver(context, page, url, json.dumps(phone.read(service.ledger[0])))
    wait_for(lambda: Push.get().shown_at, "the worker to say that it showed the notice")
    shown = page.evaluate(
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => one.title)"
    )
    assert shown == ["It is your turn"]
    assert notices.show(text, now=now).is_shown


def test_without_internet_the_kept_page_says_that_the_place_is_kept(context, page, visit):
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"/visits/{visit.uid}")
    context.set_offline(True)
    page.goto(f"/visits/{visit.uid}")
    expect(page.get_by_text("Your place in the queue is kept.")).to_be_visible()
    expect(page.get_by_text("कतार में आपका स्थान सुरक्षित है।")).to_be_visible()
    context.set_offline(False)


def test_the_worker_keeps_that_page_alone_and_nobodys_name(context, page, visit):
    page.goto(f"/visits/{visit.uid}")
    page.goto("/home")
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const one of await cache.keys()) {
              found.push([new URL(one.url).pathname, await (await cache.match(one)).text()]);
            }
          }
          return found;
        }"""
    )
    assert [path for path, _text in kept] == [f"{HERE}/offline"]
    assert visit.beneficiary.entry.name not in kept[0][1]
    assert "/logout" not in kept[0][1]
