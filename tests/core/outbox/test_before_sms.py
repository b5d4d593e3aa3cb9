"""A text that was shown on a screen is not sent as an SMS; one that was not goes out after the wait."""

from datetime import timedelta

import pytest

from portal.contracts import GatewayError, Shown
from portal.core.messages.models import Message
from portal.core.outbox import delivery
from tests.core.outbox.test_delivery import ask_for_code, attempts, states
from tests.fakes import install_plugin

WAIT = timedelta(seconds=8)


class Screen:
    """A plugin that waits once, and then knows whether the text was shown."""

    def __init__(self, until, then) -> None:
        self.until, self.then, self.asked = until, then, 0

    def show_message(self, message):
        self.asked += 1
        return Shown(until=self.until) if self.asked == 1 else self.then


@pytest.fixture
def screen(app, db, now):
    def install(then) -> Screen:
        made = Screen(now + WAIT, then)
        install_plugin(app, "screen", show_message=made.show_message)
        return made

    return install


def test_a_text_that_is_shown_is_delivered_without_an_sms(operator, screen, queue, text, now):
    screen(Shown(is_shown=True))
    row = text()
    queue.drain()
    assert (states(), operator.ledger) == (["new"], [])
    assert Message.get().next_at == now + WAIT
    delivery.send_message(row.id, now + WAIT)
    kept = Message.get()
    assert (kept.state, kept.provider, kept.delivered_at, kept.tries) == ("delivered", "screen", now + WAIT, 1)
    assert (attempts(), operator.ledger) == ([("screen", "delivered")], [])


def test_a_text_that_nobody_saw_is_sent_after_the_wait(operator, screen, queue, text, now):
    screen(None)
    row = text()
    queue.drain()
    delivery.send_message(row.id, now + WAIT)
    assert (states(), attempts(), len(operator.ledger)) == (["accepted"], [("operator", "accepted")], 1)


def test_a_text_is_not_sent_before_the_wait_is_over(operator, screen, queue, text, now):
    screen(None)
    row = text()
    queue.drain()
    delivery.send_message(row.id, now + WAIT / 2)
    assert operator.ledger == []


@pytest.mark.parametrize("error", [GatewayError("gone", permanent=True), GatewayError("?", unknown=True), ValueError()])
def test_whatever_the_screen_breaks_with_the_sms_goes_out(app, operator, queue, text, error):
    def broken(message):
        raise error

    install_plugin(app, "screen", show_message=broken)
    text()
    queue.drain()
    assert (states(), len(operator.ledger)) == (["accepted"], 1)


def test_a_wait_that_is_over_already_does_not_keep_the_text(app, operator, queue, text, now):
    install_plugin(app, "screen", show_message=lambda message: Shown(until=now))
    text()
    queue.drain()
    assert states() == ["accepted"]


def test_an_otp_is_never_shown(app, operator, queue, now):
    asked = []
    install_plugin(app, "screen", show_message=asked.append)
    ask_for_code(now)
    queue.drain()
    assert (asked, len(operator.ledger)) == ([], 1)
