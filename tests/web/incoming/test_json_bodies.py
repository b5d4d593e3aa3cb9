"""APIs and webhooks: bad JSON is refused with a machine-readable reason, at each of them."""

import json
import re
from pathlib import Path

import pytest
from portal_plugins.esanjeevani_bridge import webhook as bridge
from portal_plugins.sms_gateway import addresses
from portal_plugins.video_jitsi import webhook as jitsi

from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from tests.fakes import turn_on
from tests.plugins.video_jitsi.test_webhook import signature

ROOT = Path(__file__).parents[3]
REASON = re.compile(r"JSON|UTF-8|larger than [0-9]+ KiB")
SECRET = "a secret of the other side, long enough"
BAD = {
    "deep": (b"[" * 16_000, "application/json", 400),
    "deep and whole": (b'{"a":' * 500 + b"1" + b"}" * 500, "application/json", 400),
    "NaN": (b'{"a": NaN}', "application/json", 400),
    "Infinity": (b'{"a": [-Infinity]}', "application/json", 400),
    "no JSON": (b"resourceType=Task", "application/json", 400),
    "not UTF-8": (b'{"a": "\xff"}', "application/json", 400),
    "another charset": (b'{"a": "\xe9"}', "application/json; charset=iso-8859-1", 415),
    "too big": (b'"' + b"x" * 300_000 + b'"', "application/json", 413),
}


@pytest.fixture
def doors(db, now):
    """APIs and webhooks: URL, and the headers that authenticate a body."""
    for name in ("esanjeevani_bridge", "video_jitsi", "sms_gateway"):
        turn_on(name)
        if name != "sms_gateway":
            row = PluginState.get(PluginState.name == name)
            sealed = plugin_settings.sealed(registry().schema(name), {"webhook_secret": SECRET})
            PluginState.update(settings=row.settings | sealed).where(PluginState.id == row.id).execute()
    bump_revision()
    stamp = str(int(now.timestamp()))
    return {
        "bridge": (
            "/x/esanjeevani_bridge/webhook",
            lambda body: {bridge.TIMESTAMP: stamp, bridge.SIGNATURE: bridge.sign(SECRET, stamp, body)},
        ),
        "jitsi": ("/x/video_jitsi/callbacks", lambda body: {jitsi.HEADER: signature(body, now, SECRET)}),
        "receipts": (addresses.shared_callback("http").removeprefix("http://localhost"), lambda body: {}),
    }


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("door", ["bridge", "jitsi", "receipts"])
def test_an_unparsable_body_is_refused_with_a_reason_in_json(client, doors, door, bad):
    (path, proof), (body, kind, status) = doors[door], BAD[bad]
    answer = client.post(path, data=body, headers=proof(body), content_type=kind)
    status = 400 if (door, status) == ("receipts", 415) else status  # SMS gateways announce arbitrary charsets
    assert answer.status_code == status, answer.text
    assert "json" in answer.mimetype
    assert REASON.search(answer.text)


@pytest.mark.parametrize("door", ["bridge", "jitsi"])
@pytest.mark.parametrize("body", [b"[]", b"7", b'{"resourceType": "Task"}', b'{"eventType": 5}'])
def test_invalid_json_is_422_and_unparsable_json_400(client, doors, door, body):
    path, proof = doors[door]
    answer = client.post(path, data=body, headers=proof(body), content_type="application/json")
    assert (answer.status_code, "json" in answer.mimetype) == (422, True), answer.text


@pytest.mark.parametrize("door", ["bridge", "jitsi", "receipts"])
def test_nul_and_lone_surrogates_in_json_are_no_error(client, doors, door):
    path, proof = doors[door]
    odd = dict.fromkeys(("id", "key", "requestId", "status", "eventType", "fqn", "resourceType"), "a\x00b�")
    body = json.dumps(odd | {"idempotencyKey": "12345678\x00", "timestamp": 1}).encode()
    answer = client.post(path, data=body, headers=proof(body), content_type="application/json")
    assert answer.status_code in {200, 202, 422}, answer.text


def test_request_bodies_are_parsed_in_one_module_only():
    """One parser: a fix there is a fix everywhere."""
    other = re.compile(r"get_json\(|request\.(json|data|stream)\b|get_data\(cache")
    places = [path for folder in ("portal", "plugins") for path in (ROOT / folder).rglob("*.py")]
    assert {path.name for path in places if other.search(path.read_text())} == {"json_bodies.py", "reports.py"}


def test_the_signature_is_checked_before_the_body_is_parsed(client, doors):
    answer = client.post(doors["bridge"][0], data=b"[" * 30_000, content_type="application/json")
    assert answer.status_code == 401
    assert "not signed" in answer.text
