"""Gateway failures, from the outbox to the wire (F17, F18, F20, F22, F23)."""

import pytest
from portal_plugins.sms_gateway import drivers, services
from portal_plugins.sms_gateway.drivers import Driver, GatewayFault

from portal.contracts import GatewayError
from portal.core.accounts import otp
from portal.core.messages.models import Message, SendAttempt
from portal.core.messages.services import queue as put
from portal.core.outbox import delivery, receipts
from tests.plugins.sms_gateway.conftest import MOBILE, kannel, make_message
from tests.scripted import Step

TAKEN, OK = Step(202, b"0: Accepted for delivery"), Step(200, b"OK 1")


BUSY, SILENT = Step(503, b"Temporal failure"), Step(how="silent")


@pytest.fixture(autouse=True)
def short_timeout(monkeypatch):
    """A silent gateway is waited for half a second; elsewhere the real timeout holds, as a busy machine is slow too."""
    monkeypatch.setattr(drivers, "SECONDS", 0.5)


@pytest.fixture
def two_ways(gateway, use):
    """Kannel first, then another gateway that accepts; both at the scripted server, told apart by their path."""

    def two_ways(**more):
        own = {"http_url": f"{gateway.url}/second", "http_fields": ("to=$to", "text=$text"), "http_accepted": "^OK"}
        use(**kannel(gateway, "http"), **own, **more)
        plan = {"/second": OK}

        def play(asked):
            gateway.ledger.append(asked)
            return (
                gateway.script.popleft() if asked.path != "/second" and gateway.script else plan.get(asked.path, BUSY)
            )

        gateway.play = play
        return plan

    return two_ways


def say(now, number: int = 1) -> None:
    put(f"cause-{number}", MOBILE, "registered", "en", {"patient_id": "2611230000017"}, now=now)


def paths(gateway) -> list[str]:
    return [asked.path.rpartition("/")[2] for asked in gateway.ledger]


def attempts() -> list[tuple[str, str]]:
    return [(row.provider, row.outcome) for row in SendAttempt.select().order_by(SendAttempt.id)]


def test_the_next_driver_is_the_fallback_and_both_attempts_are_stored(two_ways, gateway, queue, now):
    two_ways()
    say(now)
    queue.drain()
    assert (Message.get().state, Message.get().provider, Message.get().tries) == ("accepted", "sms_gateway/http", 1)
    assert attempts() == [("sms_gateway/kannel", "temporary"), ("sms_gateway/http", "accepted")]


def test_after_a_timeout_there_is_no_fallback(two_ways, gateway, queue, now):
    two_ways()
    gateway.script.append(SILENT)
    say(now)
    queue.drain()
    assert (Message.get().state, Message.get().provider) == ("unknown", "sms_gateway/kannel")
    assert paths(gateway) == ["sendsms"]
    assert attempts() == [("sms_gateway/kannel", "unknown")]


def test_an_unknown_outcome_is_polled_by_our_uid_before_a_resend(gateway, use, queue, clock, now):
    use(
        drivers=("http",),
        http_url=f"{gateway.url}/send",
        http_fields=("to=$to", "ref=$uid"),
        http_accepted="^OK",
        http_report_url=f"{gateway.url}/status?ref=$uid",
        http_state="^state=(.*)",
        http_delivered="^there$",
    )
    gateway.script.extend([SILENT, Step(200, b"state=there")])
    say(now)
    queue.drain()
    receipts.sweep_questions(clock.tick(15))
    queue.drain()
    row = Message.get()
    assert (row.state, row.tries, paths(gateway)) == ("delivered", 1, ["send", "status"])
    assert gateway.ledger[1].params == {"ref": row.uid}


def test_an_otp_of_unknown_outcome_is_sent_once(two_ways, gateway, queue, clock, now):
    two_ways()
    gateway.script.append(SILENT)
    otp.ask(MOBILE, "198.51.100.7", language="en", now=now)
    queue.drain()
    for _ in range(20):
        for sweep in (delivery.sweep_due, receipts.sweep_questions, receipts.sweep_unknown):
            sweep(clock.tick(20))
        queue.drain()
    assert (paths(gateway), Message.get().state) == (["sendsms"], "unknown")


def test_an_expired_otp_is_not_sent_by_the_fallback(two_ways, gateway, queue, clock, now, monkeypatch):
    def slow(message, settings):
        clock.tick(301)
        raise GatewayFault("busy")

    two_ways()
    monkeypatch.setitem(services.DRIVERS, "kannel", Driver(slow, lambda settings: None))
    otp.ask(MOBILE, "198.51.100.7", language="en", now=now)
    queue.drain()
    delivery.sweep_due(clock.tick(30))
    queue.drain()
    assert (gateway.ledger, Message.get().state) == ([], "expired")


def test_no_driver_is_called_when_the_lease_would_expire(two_ways, gateway, now, monkeypatch):
    def slow(message, settings):
        monkeypatch.setattr(services, "LAST_START", -1.0)
        raise GatewayFault("busy")

    two_ways()
    monkeypatch.setitem(services.DRIVERS, "kannel", Driver(slow, lambda settings: None))
    with pytest.raises(GatewayError, match="busy"):
        services.send(make_message(now))
    assert gateway.ledger == []
