"""The circuit breaker of a driver: open after failures, half-open after a pause, stored for all workers."""

from datetime import timedelta

import pytest
from portal_plugins.sms_gateway import breaker, services
from portal_plugins.sms_gateway.breaker import DriverState

from portal.contracts import GatewayError
from portal.core.messages.models import Message
from portal.core.outbox import delivery
from tests.plugins.sms_gateway.conftest import make_message
from tests.plugins.sms_gateway.test_services import TAKEN, paths, say
from tests.plugins.sms_gateway.test_services import two_ways as two_ways
from tests.scripted import Step


def test_in_ten_minutes_of_failure_every_text_is_sent_and_the_circuit_breaker_opens(two_ways, gateway, queue, clock):
    plan = two_ways()
    for number in range(40):
        say(clock.tick(15), number)
        queue.drain()
    assert {row.state for row in Message.select()} == {"accepted"}
    assert paths(gateway).count("second") == 40
    assert breaker.LIMIT <= paths(gateway).count("sendsms") <= breaker.LIMIT + 600 / 30
    plan["/cgi-bin/sendsms"] = TAKEN
    gateway.ledger.clear()
    for number in range(40, 44):
        say(clock.tick(31), number)
        queue.drain()
    assert paths(gateway) == ["sendsms"] * 4
    assert DriverState.get().failures == 0


def test_a_half_open_circuit_breaker_lets_one_text_through(two_ways, gateway, clock, now):
    two_ways()
    for _ in range(breaker.LIMIT):
        breaker.failed("kannel", "busy", now=now)
    later = clock.tick(31)
    assert [breaker.allows("kannel", now=later) for _ in range(3)] == [True, False, False]
    check = services.health_checks()[0]
    gateway.script.append(Step(400, b"Missing receiver number, rejected"))
    with pytest.raises(GatewayError, match="rests after 5 failures, the last: busy"):
        check.probe()


def test_a_rate_limited_gateway_opens_the_circuit_breaker(by_kannel, gateway, queue, now, clock):
    gateway.otherwise = Step(429, b"slow down")
    say(now)
    waits = []
    for _ in range(4):
        queue.drain()
        waits.append(Message.get().next_at - clock.now())
        clock.set(Message.get().next_at + delivery.LATE)
        delivery.sweep_due(clock.now())
    assert all(timedelta(seconds=5 * 2**n) <= wait <= timedelta(seconds=7.5 * 2**n) for n, wait in enumerate(waits))


def test_the_administrator_can_test_a_driver_with_an_open_circuit_breaker(two_ways, gateway, now):
    plan = two_ways()
    plan["/cgi-bin/sendsms"] = TAKEN
    for _ in range(breaker.LIMIT):
        breaker.failed("kannel", "busy", now=now)
    assert services.send(make_message(now)).driver == "http"
    assert services.send(make_message(now, driver="kannel")).driver == "kannel"
    with pytest.raises(GatewayError):
        services.send(make_message(now, driver="pigeon"))
    assert services.names() == ["kannel", "http"]
