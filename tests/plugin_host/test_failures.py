"""Circuit breaker: hook calls are counted, and a failing plugin is switched off, except the last provider."""

from datetime import timedelta

import pytest

from portal.contracts import GatewayError
from portal.core.messages.models import Message
from portal.plugin_host.failures import write_counts
from portal.plugin_host.models import HookCount, PluginState
from portal.plugin_host.registry import Registry, registry
from portal.plugin_host.switches import switch
from portal.settings.clinic import put
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_staff
from tests.fakes import Operator, install_plugin


@pytest.fixture
def senders(app, db):
    """Two senders, in this order; the first is down."""
    broken, sound = Operator(), Operator()
    broken.failure = GatewayError("the operator says 503 to 919876543210")
    install_plugin(app, "broken", position=1, send_message=broken.send_message)
    install_plugin(app, "sound", position=2, send_message=sound.send_message)
    return broken, sound


def send(times: int) -> None:
    for _ in range(times):
        try:
            registry().first("send_message", message=None)
        except GatewayError:
            continue


def row(plugin: str, hook: str = "send_message") -> HookCount:
    return HookCount.get((HookCount.plugin == plugin) & (HookCount.hook == hook))


def state(plugin: str) -> PluginState:
    return PluginState.get(PluginState.name == plugin)


def test_calls_errors_and_time_are_counted_and_the_last_error_is_masked(senders, now):
    send(3)
    write_counts(registry(), now=now)
    send(1)
    write_counts(registry(), now=now)
    broken, sound = row("broken"), row("sound")
    assert (broken.calls, broken.errors, broken.failing, broken.failing_since) == (4, 4, 4, now)
    assert (sound.calls, sound.errors, sound.failing) == (4, 0, 0)
    assert sound.seconds >= 0
    assert broken.last_error == "the operator says 503 to •••3210"


def test_an_unexpected_error_is_shown_by_its_class_only(app, db, now):
    def explode(role):
        raise ValueError("the password is hunter2")

    install_plugin(app, "bad", nav_items=explode)
    registry().collect("nav_items", role="admin")
    write_counts(registry(), now=now)
    assert row("bad", "nav_items").last_error == "ValueError"


def test_a_success_in_any_process_resets_the_failure_count(senders, app, config, now):
    broken, _sound = senders
    other = Registry(config, registry().installed)
    other.sync()
    send(3)
    write_counts(registry(), now=now)
    broken.failure = None
    other.first("send_message", message=None)
    write_counts(other, now=now)
    assert (row("broken").errors, row("broken").failing, row("broken").failing_since) == (3, 0, None)


def test_the_circuit_breaker_switches_a_failing_plugin_off_and_notifies(senders, clock, queue):
    admin = make_staff("admin", phone="98765 43210")
    send(19)
    write_counts(registry(), now=clock.now())
    later = clock.tick(600)
    send(1)
    write_counts(registry(), now=later)
    queue.drain()
    assert registry().enabled == ("sound",)
    assert (state("broken").enabled, state("broken").alarm, state("broken").alarmed_at) == (
        False,
        "send_message",
        later,
    )
    assert {row.action for row in AuditRow.select()} >= {"PluginSwitchedOff", "PluginFailed"}
    assert Message.get(Message.template == "plugin_failed").to == "+919876543210"
    assert admin


def test_a_short_outage_does_not_trip_the_circuit_breaker(senders, now):
    send(500)
    write_counts(registry(), now=now + timedelta(minutes=9))
    assert registry().enabled == ("broken", "sound")


def test_the_last_provider_stays_on_and_the_alarm_is_raised_once(senders, clock):
    switch("sound", False, by=SYSTEM, now=clock.now())
    send(20)
    write_counts(registry(), now=clock.now())
    for _ in range(2):
        clock.tick(700)
        send(1)
        write_counts(registry(), now=clock.now())
    assert registry().enabled == ("broken",)
    assert AuditRow.select().where(AuditRow.action == "PluginFailed").count() == 1


def test_the_alarm_is_cleared_after_a_recovery(senders, clock):
    broken, _sound = senders
    switch("sound", False, by=SYSTEM, now=clock.now())
    send(20)
    write_counts(registry(), now=clock.tick(700))
    assert state("broken").alarmed_at
    broken.failure = None
    send(1)
    write_counts(registry(), now=clock.now())
    assert (state("broken").alarm, state("broken").alarmed_at) == ("", None)


def test_switching_on_again_resets_the_failure_count(senders, clock):
    send(20)
    write_counts(registry(), now=clock.tick(700))
    assert not registry().is_on("broken")
    switch("broken", True, by=SYSTEM, now=clock.now())
    send(1)
    write_counts(registry(), now=clock.now())
    assert (registry().is_on("broken"), row("broken").failing, state("broken").alarmed_at) == (True, 1, None)


def test_switching_off_by_hand_clears_the_alarm(senders, clock, sign_in):
    send(20)
    write_counts(registry(), now=clock.tick(700))
    browser = sign_in(make_staff("admin"))
    assert (
        "It was switched off by itself: Messages (send_message) failed again and again." in browser.get("/admin").text
    )
    browser.submit("/admin/plugins/broken/disable", page="/admin/plugins/broken")
    assert "again and again" not in browser.get("/admin").text
    assert not registry().is_on("broken")


def test_zero_allowed_failures_disables_the_circuit_breaker(senders, now):
    put("plugin_failures_allowed", "0")
    send(100)
    write_counts(registry(), now=now + timedelta(hours=2))
    assert registry().enabled == ("broken", "sound")
