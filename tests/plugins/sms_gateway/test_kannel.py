"""Kannel's sendsms, field by field, and the meaning of its responses."""

import pytest
from portal_plugins.sms_gateway import addresses, breaker, services

from portal.contracts import GatewayError
from tests.plugins.sms_gateway.conftest import ENTITY, HINDI, TEMPLATE, make_message
from tests.scripted import Step

TAKEN = Step(202, b"0: Accepted for delivery")


def test_a_hindi_text_is_sent_as_unicode_with_dlt_ids(by_kannel, gateway, now):
    gateway.script.append(TAKEN)
    receipt = services.send(make_message(now))
    assert (receipt.state, receipt.driver, receipt.attempts) == ("accepted", "kannel", ())
    asked = gateway.ledger[0]
    assert (asked.method, asked.path) == ("GET", "/cgi-bin/sendsms")
    assert asked.params == {
        "username": "opd",
        "password": "opd pw&1",
        "from": "CGHSTC",
        "to": "919876543210",
        "text": HINDI,
        "charset": "UTF-8",
        "coding": "2",
        "priority": "1",
        "validity": "5",
        "meta-data": f"?smpp?peid={ENTITY}&tmid={TEMPLATE}&",
        "dlr-mask": "27",
        "dlr-url": addresses.callback("kannel", "u" * 22, 1) + "?type=%d&id=%F&said=%A",
    }


def test_an_english_otp_has_priority_gsm_coding_and_a_validity(by_kannel, gateway, now, clock):
    gateway.script.append(TAKEN)
    message = make_message(now, "123456 is your OTP. -CGHSTC", "otp")
    clock.tick(185)
    services.send(message)
    params = gateway.ledger[0].params
    assert (params["coding"], params["priority"], params["validity"]) == ("0", "3", "2")


def test_without_dlt_ids_those_fields_are_left_out(by_kannel, gateway, now):
    gateway.script.append(TAKEN)
    services.send(make_message(now, dlt_entity="", dlt_header="", dlt_template=""))
    assert not {"from", "meta-data", "smsc"} & gateway.ledger[0].params.keys()


@pytest.mark.parametrize(
    ("step", "permanent"),
    [
        (Step(400, b"Missing receiver number, rejected"), True),
        (Step(403, b"Authorization failed for sendsms"), False),
        (Step(503, b"Temporal failure, try again later."), False),
        (Step(202, b"Sent."), False),
        (Step(200, b"<html>Welcome</html>"), False),
        (Step(302, headers={"Location": "http://169.254.169.254/"}), False),
    ],
)
def test_every_other_response_is_a_failure(by_kannel, gateway, now, step, permanent):
    gateway.script.append(step)
    with pytest.raises(GatewayError) as failure:
        services.send(make_message(now))
    assert (failure.value.permanent, failure.value.unknown) == (permanent, False)
    assert len(gateway.ledger) == 1


def test_a_text_that_kannel_queues_is_accepted_but_counts_for_the_circuit_breaker(by_kannel, gateway, now):
    gateway.otherwise = Step(202, b"3: Queued for later delivery")
    for _ in range(breaker.LIMIT):
        assert services.send(make_message(now)).state == "accepted"
    with pytest.raises(GatewayError, match="rests"):
        services.send(make_message(now))


def test_the_health_check_sends_no_text(by_kannel, gateway):
    check = services.health_checks()[0]
    gateway.script.append(Step(400, b"Missing receiver number, rejected"))
    check.probe()
    assert gateway.ledger[0].params == {"username": "opd", "password": "opd pw&1"}
    gateway.script.append(Step(403, b"Authorization failed for sendsms"))
    with pytest.raises(GatewayError, match="403: Authorization failed"):
        check.probe()


def test_the_error_excerpt_has_no_codes_and_numbers(by_kannel, gateway, now):
    gateway.script.append(Step(500, b"cannot send\r\n\x1b[31m 123456 to 919876543210"))
    with pytest.raises(GatewayError) as failure:
        services.send(make_message(now))
    assert str(failure.value) == "the gateway answered 500: cannot send [31m … to …"
