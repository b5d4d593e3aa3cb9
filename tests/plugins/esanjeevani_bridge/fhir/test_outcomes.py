"""Each refusal of an update is an OperationOutcome that says why."""

import pytest
from portal_plugins.esanjeevani_bridge import webhook
from portal_plugins.esanjeevani_bridge.models import Incoming

from tests.plugins.esanjeevani_bridge.fhir.test_updates import entry as entry
from tests.plugins.esanjeevani_bridge.fhir.test_updates import issues
from tests.plugins.esanjeevani_bridge.test_inbox import REFERRAL, call


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        (b"{", 400, "structure", "not JSON"),
        (b"\xff\xfe", 400, "structure", "not JSON"),
        (b"[" * 30_000, 400, "structure", "nested too deeply"),
        (b'{"resourceType": "ServiceRequest", "x": NaN}', 400, "structure", "NaN"),
        (b'{"x": -Infinity}', 400, "structure", "-Infinity"),
        (b'{"x": 1e999}', 400, "structure", "1e999"),
        (b'{"status": "active", "status": "revoked"}', 400, "structure", "twice"),
        (b" " * (webhook.LARGEST + 1), 413, "too-long", "64 KiB"),
        (b" " * (webhook.LARGEST + 9000), 413, "too-long", "64 KiB"),
    ],
)
def test_ambiguous_json_is_refused_with_a_reason(bridge, client, entry, now, body, status, code, words):
    bridge()
    answer = call(client, body, now)
    assert answer.status_code == status
    assert issues(answer) == [(code, "")]
    assert words in answer.json["issue"][0]["diagnostics"]
    assert Incoming.select().count() == 0


def test_every_other_refusal_is_an_operation_outcome_too(bridge, client, entry, now, monkeypatch):
    bridge()
    assert issues(call(client, REFERRAL, now, signature="0" * 64)) == [("login", "")]
    call(client, REFERRAL, now)
    assert issues(call(client, REFERRAL, now)) == [("duplicate", "")]
    monkeypatch.setattr(webhook, "A_MINUTE", 0)
    slow = call(client, REFERRAL, now)
    assert (slow.status_code, slow.headers["Retry-After"], issues(slow)) == (429, "60", [("throttled", "")])
