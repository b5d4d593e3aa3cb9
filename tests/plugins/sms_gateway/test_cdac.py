"""C-DAC Mobile Seva, byte by byte. The hashes were made with sha1sum and sha512sum, not with our code."""

import pytest
from portal_plugins.sms_gateway import cdac, services

from portal.contracts import GatewayError, SentMessage
from tests.plugins.sms_gateway.conftest import ENTITY, MOBILE, TEMPLATE, make_message
from tests.scripted import Step

TAKEN = Step(200, b"402,MsgID = 150620161466003974245msdgsms\n")
PASSWORD_SHA1 = "b012a4265dfed3f6499539d9c95e877b466332ad"
KEY_ENGLISH = (
    "bbe493036294f1ea171d54f8ea72119d042af6f64458f2d56d975f406922cf7c"
    "4ac238dd5eeafe783c50caced9acaa2c09fa214c4193e9779af4a1ccea185e10"
)
KEY_HINDI = (
    "d4c2beacf99747f7b70ef2ca56fba18cdd08a5f2385bffbdf22a8e9fae4fbcd4"
    "d59cb07ff614fa2a08167aeed0fa52beb06b3f43283a11e22860052a2a3772c5"
)
KEY_OTP = (
    "eaba329ddd697674c0d34fa7ee8d71e42e74f674127f19d5b8a12faa998175bd"
    "aaf583945ea2af6b8676172dcfec5328b554854c4a50ae3a6a8684a8e9e93507"
)
ENCODED_OTP = "&#49;&#50;&#51;&#52;&#53;&#54;&#32;&#2323;&#2335;&#2368;&#2346;&#2368;"


@pytest.fixture
def by_cdac(gateway, use):
    def by_cdac(**more):
        return use(
            drivers=("cdac",),
            cdac_url=f"{gateway.url}/esms/sendsmsrequestDLT",
            cdac_key="8f6f1c1e-secure-key",
            cdac_report_url=f"{gateway.url}/ReportAPI/csvreport",
            cdac_username="cghs-opd",
            cdac_password="p@ss word",
            **more,
        )

    return by_cdac


def form(**changes: str) -> dict[str, str]:
    known = {
        "username": "cghs-opd",
        "password": PASSWORD_SHA1,
        "senderid": "CGHSTC",
        "mobileno": "9876543210",
        "templateid": TEMPLATE,
        "entityid": ENTITY,
    }
    return known | changes


@pytest.mark.parametrize(
    ("text", "template", "content", "service", "key"),
    [
        ("Token MED-001. -CGHSTC", "token", "Token MED-001. -CGHSTC", "singlemsg", KEY_ENGLISH),
        ("Token MED-001. -CGHSTC", "otp", "Token MED-001. -CGHSTC", "otpmsg", KEY_ENGLISH),
        ("टोकन 😀", "token", "&#2335;&#2379;&#2325;&#2344;&#32;&#55357;&#56832;", "unicodemsg", KEY_HINDI),
        ("123456 ओटीपी", "otp", "123456 ओटीपी", "unicodeotpmsg", KEY_OTP),
    ],
)
def test_the_form_and_its_hashes(by_cdac, gateway, now, text, template, content, service, key):
    by_cdac()
    gateway.script.append(TAKEN)
    receipt = services.send(make_message(now, text, template))
    assert (receipt.reference, receipt.state) == ("150620161466003974245msdgsms", "accepted")
    asked = gateway.ledger[0]
    assert (asked.method, asked.path, asked.query) == ("POST", "/esms/sendsmsrequestDLT", "")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form == form(content=content, smsservicetype=service, key=key)


def test_hindi_otps_can_be_encoded_by_a_setting(by_cdac, gateway, now):
    by_cdac(cdac_otp_raw=False)
    gateway.script.append(TAKEN)
    services.send(make_message(now, "123456 ओटीपी", "otp"))
    assert gateway.ledger[0].form == form(content=ENCODED_OTP, smsservicetype="unicodeotpmsg", key=KEY_OTP)


@pytest.mark.parametrize("body", [b"416,Hash is not matching", b"", b"<html>", b"\xff\xfe402", b"402", b"x" * 70_000])
def test_any_other_response_is_a_failure(by_cdac, gateway, now, body):
    by_cdac()
    gateway.script.append(Step(200, body))
    with pytest.raises(GatewayError) as failure:
        services.send(make_message(now))
    assert not failure.value.permanent


def test_a_text_without_dlt_ids_is_not_sent(by_cdac, gateway, now):
    by_cdac()
    with pytest.raises(GatewayError) as failure:
        services.send(make_message(now, dlt_template=""))
    assert (failure.value.permanent, gateway.ledger) == (True, [])


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        (b"919876543210,DELIVERED,2026-11-23 09:31:00\r\n", "delivered"),
        (b"919876543210,SUBMITTED,2026-11-23 09:31:00\n", "sent"),
        (b"919876543210,FAILEDBYTELCO,2026-11-23 09:31:00\n", "failed"),
        (b"910000000000,DELIVERED,2026-11-23 09:31:00\n", "accepted"),
        (b"No records", "accepted"),
    ],
)
def test_delivery_reports_are_polled(by_cdac, gateway, now, rows, state):
    by_cdac()
    gateway.script.append(Step(200, rows))
    news = services.report(SentMessage("u" * 22, MOBILE, 1, "cdac", "1506msdgsms", now))
    assert news.state == state
    assert gateway.ledger[0].params == {
        "userid": "cghs-opd",
        "password": "p@ss word",
        "msgid": "1506msdgsms",
        "pwd_encrypted": "false",
    }


def test_without_a_reference_there_is_no_poll(by_cdac, gateway, now):
    by_cdac()
    assert services.report(SentMessage("u" * 22, MOBILE, 1, "cdac", "", now)) is None
    assert gateway.ledger == []


def test_characters_beyond_the_basic_plane_take_two_units():
    assert cdac.encode("क😀") == "&#2325;&#55357;&#56832;"
