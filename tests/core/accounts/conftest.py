"""A fake SMS sender, and fixtures that request and enter codes."""

from collections.abc import Callable

import pytest

from tests.fakes import Operator, install_plugin

MOBILE = "+919876543210"
Ask = Callable[..., str]


@pytest.fixture
def operator(app, client) -> Operator:
    """The only sender installed."""
    operator = Operator()
    install_plugin(app, "operator", send_message=operator.send_message)
    return operator


@pytest.fixture
def ask(operator, queue) -> Ask:
    """ask(browser, mobile) → the code that was sent, "" if none was."""

    def ask(browser, mobile: str = MOBILE, address: str = "198.51.100.7", **options) -> str:
        before = len(operator.ledger)
        answer = browser.submit("/login", {"mobile": mobile}, environ_overrides={"REMOTE_ADDR": address}, **options)
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/login/otp")
        queue.drain()
        arrived = operator.ledger[before:]
        return arrived[-1].text[:6] if arrived else ""

    return ask


@pytest.fixture
def enter() -> Callable[..., object]:
    """enter(browser, code) → the answer."""
    return lambda browser, code: browser.submit("/login/otp", {"otp": code})
