"""Presets of gateways read the delivery reports that their vendors publish (`receipts/`)."""

import json
from pathlib import Path

import pytest
from portal_plugins.sms_gateway.presets import PAYLOADS, PRESETS

from portal.core.messages.models import Message
from tests.factories import make_staff
from tests.plugins.sms_gateway.test_receipts import counted, tell
from tests.plugins.sms_gateway.test_receipts import make_message as make_message
from tests.plugins.sms_gateway.test_receipts import through as through

FILES = Path(__file__).parent / "receipts"


PUBLISHED = {path.stem: json.loads(path.read_text())["samples"] for path in sorted(FILES.glob("*.json"))}


SAMPLES = [
    pytest.param(name, sample, id=f"{name} {sample['name']}") for name, found in PUBLISHED.items() for sample in found
]


def test_every_preset_has_published_samples():
    assert set(PUBLISHED) == set(PRESETS) - {"own"}


@pytest.mark.parametrize(("gateway", "sample"), SAMPLES)
def test_a_published_delivery_report_sets_the_state(client, through, gateway, sample):
    text = through(gateway, sample["reference"])
    answer = tell(client, sample)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert Message.get_by_id(text.id).state == sample["state"]
    assert sum(count for count, _detail in counted().values()) == sample.get("unread", 0)


def test_the_payload_to_paste_has_the_fields_that_are_parsed(sign_in, through):
    through("msg91", "r")
    preset = PRESETS["msg91"]
    assert set(json.loads(PAYLOADS["msg91"])) == {preset.state_field, preset.reference_field}
    page = sign_in(make_staff("admin")).get("/x/sms_gateway/drivers").text
    assert PAYLOADS["msg91"].replace('"', "&#34;") in page
