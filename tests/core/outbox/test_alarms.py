"""Alarms for administrators when messages fail."""

from datetime import timedelta

import pytest

from portal.core.messages.models import Message
from portal.core.outbox import alarms
from portal.plugin_host.models import PluginHealth
from portal.settings.clinic import put
from tests.factories import make_staff


@pytest.fixture
def messages(db, clock):
    """messages(count, state, template): create that many messages, queued now."""

    def messages(count: int, state: str, template: str = "token") -> None:
        now = clock.now()
        for number in range(count):
            Message.create(
                cause=f"{template}-{state}-{number}",
                to="+919876543210",
                template=template,
                language="en",
                values={},
                state=state,
                created_at=now,
                next_at=now,
                expires_at=now + timedelta(hours=1),
            )

    return messages


@pytest.mark.parametrize(
    ("failed", "delivered", "is_alarm"), [(9, 0, False), (10, 0, True), (10, 40, True), (10, 41, False)]
)
def test_failures_over_both_thresholds_raise_the_alarm(messages, now, failed, delivered, is_alarm):
    messages(failed, "failed")
    messages(delivered, "delivered")
    found = alarms.standing(now)
    assert found == (
        [f"{failed} of {failed + delivered} messages could not be sent in the last 15 minutes."] if is_alarm else []
    )


def test_three_lost_otps_raise_the_alarm_and_it_expires(messages, clock):
    messages(3, "unknown", "otp")
    messages(5, "delivered", "otp")
    assert "3 of 8 one-time passwords" in alarms.standing(clock.now())[0]
    assert alarms.standing(clock.tick(901)) == []


def test_retried_and_expired_messages_count_as_lost(messages, now):
    messages(5, "expired")
    messages(7, "new")
    Message.update(tries=2).where(Message.cause.in_([f"token-new-{number}" for number in range(5)])).execute()
    assert alarms.standing(now) == ["10 of 10 messages could not be sent in the last 15 minutes."]


def test_a_message_overdue_for_a_minute_raises_the_alarm(messages, clock):
    messages(2, "new")
    assert alarms.standing(clock.tick(59)) == []
    assert "2 messages that are due have not been sent, the oldest since 9:30" in alarms.standing(clock.tick(1))[0]


def test_the_clinic_can_disable_the_alarm(messages, now):
    messages(50, "failed")
    put("message_alarm_percent", "0")
    assert alarms.standing(now) == []


@pytest.mark.parametrize("address", ["/admin", "/admin/messages"])
def test_administrators_see_the_alarm_and_a_low_balance(sign_in, messages, operator, now, address):
    messages(10, "failed")
    PluginHealth.create(plugin="operator", probe="http: balance", error="the balance is 3, less than 500", at=now)
    page = sign_in(make_staff("admin")).get(address).text
    assert "10 of 10 messages could not be sent" in page
    assert "the balance is 3" in page
