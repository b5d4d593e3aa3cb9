"""Administrators are told when messages fail."""

from datetime import timedelta

import pytest

from portal.core.messages.models import Message
from portal.core.outbox import alarms
from portal.plugin_host.models import PluginHealth
from portal.settings.clinic import put
from tests.factories import make_staff


@pytest.fixture
def messages(db, clock):
    """messages(count, state, template) → so many, queued now."""

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
def test_many_failures_by_number_and_by_share_raise_it(messages, now, failed, delivered, is_alarm):
    messages(failed, "failed")
    messages(delivered, "delivered")
    found = alarms.standing(now)
    assert found == (
        [f"{failed} of {failed + delivered} messages could not be sent in the last 15 minutes."] if is_alarm else []
    )


def test_three_lost_otps_are_enough_and_it_ends_by_itself(messages, clock):
    messages(3, "unknown", "otp")
    messages(5, "delivered", "otp")
    assert "3 of 8 one-time passwords" in alarms.standing(clock.now())[0]
    assert alarms.standing(clock.tick(901)) == []


def test_what_is_tried_in_vain_and_what_is_out_of_date_counts_as_lost(messages, now):
    messages(5, "expired")
    messages(7, "new")
    Message.update(tries=2).where(Message.cause.in_([f"token-new-{number}" for number in range(5)])).execute()
    assert alarms.standing(now) == ["10 of 10 messages could not be sent in the last 15 minutes."]


def test_a_text_that_nobody_takes_for_a_minute_raises_it(messages, clock):
    messages(2, "new")
    assert alarms.standing(clock.tick(59)) == []
    assert "2 messages that are due have not been sent, the oldest since 9:30" in alarms.standing(clock.tick(1))[0]


def test_the_clinic_can_switch_it_off(messages, now):
    messages(50, "failed")
    put("message_alarm_percent", "0")
    assert alarms.standing(now) == []


@pytest.mark.parametrize("address", ["/admin", "/admin/messages"])
def test_administrators_see_it_and_a_low_balance(sign_in, messages, operator, now, address):
    messages(10, "failed")
    PluginHealth.create(plugin="operator", probe="http: balance", error="the balance is 3, less than 500", at=now)
    page = sign_in(make_staff("admin")).get(address).text
    assert "10 of 10 messages could not be sent" in page
    assert "the balance is 3" in page
