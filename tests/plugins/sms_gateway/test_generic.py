"""HTTP gateways: the request of each preset, and the meaning of the response."""

import base64

import pytest
from portal_plugins.sms_gateway import addresses, generic, services
from portal_plugins.sms_gateway.presets import PRESETS
from portal_plugins.sms_gateway.settings import SmsSettings

from portal.base.errors import Invalid
from portal.contracts import GatewayError, SentMessage
from portal.plugin_host.plugin_settings import problems_of
from tests.plugins.sms_gateway.conftest import ENTITY, HINDI, MOBILE, TEMPLATE, make_message
from tests.scripted import Step

BASIC = "Basic " + base64.b64encode(b"user:s3cret/+").decode()
CALLBACK = "callback"

REQUESTS = {
    "msg91": (
        {"authkey": "s3cret/+"},
        {
            "sender": "CGHSTC",
            "route": "4",
            "country": "91",
            "unicode": "1",
            "DLT_TE_ID": TEMPLATE,
            "sms": [{"message": HINDI, "to": ["9876543210"]}],
        },
        b'{"message":"3763646c3058373530393938","type":"success"}',
        "3763646c3058373530393938",
    ),
    "gupshup": (
        {},
        {
            "method": "sendMessage",
            "v": "1.1",
            "format": "text",
            "auth_scheme": "plain",
            "userid": "user",
            "password": "s3cret/+",
            "send_to": "919876543210",
            "msg": HINDI,
            "msg_type": "Unicode_text",
            "mask": "CGHSTC",
            "principalEntityId": ENTITY,
            "dltTemplateId": TEMPLATE,
        },
        b"success | 919876543210 | 728014710863298817-1234567890",
        "728014710863298817-1234567890",
    ),
    "kaleyra": (
        {"api-key": "s3cret/+"},
        {
            "to": MOBILE,
            "sender": "CGHSTC",
            "body": HINDI,
            "channel": "sms",
            "type": "TXN",
            "template_id": TEMPLATE,
            "callback_url": CALLBACK,
        },
        b'{"body":"x","id":"7f1-2","status":"queued"}',
        "7f1-2",
    ),
    "twilio": (
        {"authorization": BASIC},
        {"To": MOBILE, "From": "CGHSTC", "Body": HINDI, "StatusCallback": CALLBACK},
        b'{"sid": "SM0123456789abcdef", "status": "queued"}',
        "SM0123456789abcdef",
    ),
    "exotel": (
        {"authorization": BASIC},
        {
            "From": "CGHSTC",
            "To": MOBILE,
            "Body": HINDI,
            "DltEntityId": ENTITY,
            "DltTemplateId": TEMPLATE,
            "SmsType": "transactional",
            "EncodingType": "unicode",
            "Priority": "normal",
            "StatusCallback": CALLBACK,
        },
        b'{"SMSMessage":{"Sid":"a1b2","Status":"queued"}}',
        "a1b2",
    ),
    "fast2sms": (
        {"authorization": "s3cret/+"},
        {
            "route": "dlt_manual",
            "sender_id": "CGHSTC",
            "message": HINDI,
            "template_id": TEMPLATE,
            "entity_id": ENTITY,
            "numbers": "9876543210",
        },
        b'{"return":true,"request_id":"lwdtp7cjyqxvfe9","message":["Message sent successfully"]}',
        "lwdtp7cjyqxvfe9",
    ),
}


@pytest.fixture
def by_http(gateway, use):
    def by_http(preset: str, **more):
        own = {"http_url": f"{gateway.url}/send", "http_user": "user", "http_secret": "s3cret/+"}
        return use(drivers=("http",), http_preset=preset, **(own | more))

    return by_http


def test_every_preset_is_tested():
    assert set(REQUESTS) == PRESETS.keys() - {"own"}


@pytest.mark.parametrize("preset", REQUESTS)
def test_the_request_of_each_gateway(by_http, gateway, now, preset):
    headers, fields, answer, reference = REQUESTS[preset]
    by_http(preset)
    gateway.script.append(Step(200, answer))
    assert services.send(make_message(now)).reference == reference
    asked = gateway.ledger[0]
    url = addresses.callback("http", "u" * 22, 1)
    wanted = {name: url if value == CALLBACK else value for name, value in fields.items()}
    assert (asked.method, asked.json if preset == "msg91" else asked.form) == ("POST", wanted)
    assert {name: asked.headers.get(name) for name in headers} == headers


def test_an_english_otp_has_its_own_coding_and_kind(by_http, gateway, now):
    by_http("exotel")
    gateway.script.append(Step(200, b'{"SMSMessage":{"Sid":"a1b2"}}'))
    services.send(make_message(now, "123456 is your OTP", "otp"))
    assert (gateway.ledger[0].form["EncodingType"], gateway.ledger[0].form["Priority"]) == ("plain", "high")


@pytest.mark.parametrize(
    ("step", "permanent"),
    [
        (Step(200, b'{"return":false,"status_code":412,"message":"Invalid authentication"}'), False),
        (Step(200, b'{"return":false,"status_code":411,"message":"Invalid numbers"}'), True),
        (Step(200, b"<html>maintenance</html>"), False),
        (Step(200, b"\xff" * 100), False),
        (Step(200, b"x" * 10_000_000), False),
        (Step(200, how="endless"), False),
        (Step(429, b'{"message":"slow down"}'), False),
        (Step(500, b"insufficient balance"), False),
    ],
)
def test_a_response_that_does_not_match_accepted_is_a_failure(by_http, gateway, now, step, permanent):
    by_http("fast2sms")
    gateway.script.append(step)
    with pytest.raises(GatewayError) as failure:
        services.send(make_message(now))
    assert (failure.value.permanent, failure.value.unknown) == (permanent, False)
    assert len(str(failure.value)) < 200


def test_a_text_cannot_change_the_structure_of_json(by_http, gateway, now):
    by_http("msg91")
    gateway.script.append(Step(200, b'{"type":"success"}'))
    nasty = '", "to": ["910000000000"]}], "x": "$secret'
    services.send(make_message(now, nasty))
    assert gateway.ledger[0].json["sms"] == [{"message": nasty, "to": ["9876543210"]}]


def test_a_custom_gateway_by_query(by_http, gateway, now):
    by_http(
        "own",
        http_url=f"{gateway.url}/a/$account?x=1",
        http_method="GET",
        http_format="query",
        http_account="a/b",
        http_fields=("to=$mobile", "msg=$text", "empty=$reference"),
        http_accepted="^OK",
        http_reference=r"^OK (\d+)",
    )
    gateway.script.append(Step(200, b"OK 17"))
    assert services.send(make_message(now)).reference == "17"
    asked = gateway.ledger[0]
    assert (asked.path, asked.params) == ("/a/a%2Fb", {"x": "1", "to": "9876543210", "msg": HINDI})


@pytest.mark.parametrize(
    ("said", "state"),
    [("delivered", "delivered"), ("undelivered", "failed"), ("failed", "failed"), ("sent", "sent"), ("queued", "sent")],
)
def test_delivery_reports_come_by_webhook_and_by_polling(by_http, gateway, now, said, state):
    settings = by_http("twilio", http_report_url=f"{gateway.url}/Messages/$reference.json")
    assert generic.read({"MessageSid": "SM1", "MessageStatus": said}, settings).state == state
    gateway.script.append(Step(200, f'{{"status": "{said}"}}'.encode()))
    assert services.report(SentMessage("u" * 22, MOBILE, 1, "http", "SM1", now)).state == state
    assert (gateway.ledger[0].path, gateway.ledger[0].headers["authorization"]) == ("/Messages/SM1.json", BASIC)


def test_there_is_no_balance_without_an_api_for_it(by_http):
    by_http("gupshup")
    assert [check.name for check in services.health_checks()] == ["http"]


def test_a_low_balance_raises_the_alarm(by_http, gateway):
    by_http("fast2sms", http_balance_url=f"{gateway.url}/wallet", balance_low="100")
    check = services.health_checks()[1]
    gateway.script.extend([Step(200, b'{"return":true,"wallet":"500.00"}'), Step(200, b'{"wallet":"99.5"}')])
    check.probe()
    with pytest.raises(GatewayError, match=r"the balance is 99\.5, less than 100"):
        check.probe()
    gateway.script.append(Step(200, b"<html>"))
    with pytest.raises(GatewayError, match="cannot be read"):
        check.probe()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("http_fields", ("to=$password",)),
        ("http_fields", ("to=${to.__class__}",)),
        ("http_headers", ("nonsense",)),
        ("http_accepted", "("),
        ("http_url", "http://127.0.0.1:1/"),
        ("http_url", "http://a@b/"),
        ("http_balance_url", "file:///etc/passwd"),
        ("drivers", ()),
        ("drivers", ("http", "http")),
        ("drivers", ("pigeon",)),
        ("drivers", "pigeon, http"),
        ("callback_url", "javascript:x"),
    ],
)
def test_invalid_settings_are_refused(db, field, value):
    assert set(problems_of(SmsSettings, {"http_preset": "twilio", field: value})) == {field}


@pytest.mark.parametrize(
    ("chosen", "missing"),
    [
        ({"http_preset": "msg91"}, {"http_secret"}),
        ({"http_preset": "gupshup"}, {"http_user", "http_secret"}),
        ({"http_preset": "kaleyra"}, {"http_user", "http_secret"}),
        ({"http_preset": "kaleyra", "http_account": "HX1"}, {"http_secret"}),
        ({"http_preset": "own"}, {"http_url"}),
        ({"http_preset": "twilio", "http_secret": "s"}, {"http_user"}),
    ],
)
def test_a_preset_requires_the_account_fields_it_fills_in(db, chosen, missing):
    assert set(problems_of(SmsSettings, {"drivers": ("http",), **chosen})) == missing


@pytest.mark.parametrize("how", [{"http_format": "json"}, {"http_preset": "msg91"}])
def test_json_is_validated_when_saved(db, how):
    assert set(problems_of(SmsSettings, {**how, "http_fields": ('{"to": "$to"',)})) == {"http_fields"}
    assert problems_of(SmsSettings, {**how, "http_fields": '{"to":\n"$to"}'}) == {}


def test_a_driver_in_use_names_its_required_settings(use):
    with pytest.raises(Invalid) as refusal:
        use(drivers=("kannel", "cdac", "http"))
    assert set(refusal.value.fields) == {
        "kannel_url",
        "kannel_username",
        "kannel_password",
        "cdac_username",
        "cdac_password",
        "cdac_key",
        "http_url",
    }
