"""The webhook: signed, recent, not replayed, within its limits."""

from datetime import timedelta

import pytest
from portal_plugins.esanjeevani_bridge import webhook
from portal_plugins.esanjeevani_bridge.models import Incoming

from tests.plugins.esanjeevani_bridge.test_inbox import REFERRAL, call
from tests.plugins.esanjeevani_bridge.test_inbox import entry as entry


@pytest.mark.parametrize("wrong", ["secret", "old", "ahead", "none", "stamp"])
def test_an_unsigned_expired_or_foreign_webhook_call_is_401_and_stores_nothing(bridge, client, entry, now, wrong):
    bridge()
    options = {
        "secret": {"secret": "another secret that is long enough"},
        "old": {"at": now - timedelta(minutes=6)},
        "ahead": {"at": now + timedelta(minutes=6)},
        "none": {"signature": "0" * 64},
        "stamp": {"signature": "é"},
    }[wrong]
    answer = call(client, REFERRAL, now, **options)
    assert (answer.status_code, Incoming.select().count()) == (401, 0)


def test_the_webhook_is_closed_without_a_secret(bridge, client, now):
    bridge(webhook_secret="")
    assert call(client, REFERRAL, now, secret="").status_code == 401


def test_a_replayed_call_is_refused_and_a_duplicate_update_is_idempotent(bridge, client, entry, now):
    bridge()
    assert [call(client, REFERRAL, now).status_code for _ in range(2)] == [202, 409]
    again = call(client, REFERRAL, now, at=now + timedelta(seconds=1))
    assert (again.status_code, Incoming.select().count()) == (202, 1)


def test_the_webhook_has_a_size_limit_and_a_rate_limit_and_wants_json(bridge, client, now, monkeypatch):
    monkeypatch.setattr(webhook, "A_MINUTE", 5)
    bridge()
    assert call(client, b"x" * (webhook.LARGEST + 1), now).status_code == 413
    assert call(client, b"{", now).status_code == 400
    for number in range(webhook.A_MINUTE):
        last = call(client, b"{" + str(number).encode(), now)
    assert last.status_code == 429
