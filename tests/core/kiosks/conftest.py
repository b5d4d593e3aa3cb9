"""A browser that is the kiosk of centre 01."""

import pytest

from portal.core.accounts.kiosks import pairing
from portal.work.audit import SYSTEM
from tests.client import Browser
from tests.factories import make_centre, make_staff


@pytest.fixture
def kiosk(client, now):
    """A paired browser, on its start page."""
    return paired(client, now)


def paired(browser: Browser, now, centre: str = "01") -> Browser:
    """Pair a browser by a code."""
    code = pairing.offer("Hall", make_centre(centre), by=SYSTEM, now=now)
    assert browser.submit("/kiosk", {"code": f"{code[:4]} {code[4:]}"}).location == "/kiosk"
    return browser


@pytest.fixture
def desk(sign_in):
    """The browser of the desk of centre 01."""
    return sign_in(make_staff("desk"))
