"""Signed updates in FHIR with anything in them: taken, refused by field, or kept as a dead letter to be opened."""

from datetime import timedelta
from itertools import count

import pytest
from portal_plugins.esanjeevani_bridge import webhook

from portal.core.referrals.models import Referral
from tests.factories import make_staff
from tests.fuzz.inputs import MIB, bodies, fuzz
from tests.plugins.esanjeevani_bridge.test_inbox import OUTCOME, REFERRAL, call
from tests.plugins.esanjeevani_bridge.test_inbox import entry as entry


@pytest.mark.parametrize("payload", [REFERRAL, OUTCOME], ids=["referral", "outcome"])
def test_any_signed_update_is_answered_and_does_nothing_by_itself(
    bridge, client, sign_in, entry, now, monkeypatch, payload
):
    monkeypatch.setattr(webhook, "A_MINUTE", 10**9)
    bridge()
    numbers = count()

    def send(body: bytes) -> None:
        at = now + timedelta(seconds=next(numbers) % 200)
        assert call(client, body, now, at=at).status_code in {200, 202, 400, 409, 413, 415, 422}
        assert Referral.select().count() == 0

    fuzz(send, bodies(payload), examples=80, seconds=1, memory=32 * MIB)
    assert sign_in(make_staff("admin")).get("/x/esanjeevani_bridge/").status_code == 200, (
        "what is kept of it can be shown"
    )
