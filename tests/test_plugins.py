"""The registry: order, failover, isolation, switching."""

import pytest

from portal.contracts import GatewayError, PluginSettings, Receipt
from portal.core import events
from portal.core.admin.models import PluginRevision, PluginState
from portal.core.admin.switches import switch
from portal.core.audit import SYSTEM
from portal.core.errors import Invalid, NotFound
from portal.core.events import record
from portal.plugins import Registry, registry
from tests.fakes import Operator, install_plugin


class Strict(PluginSettings):
    """Needs an address."""

    url: str


def test_the_first_in_the_administrators_order_answers(app, db):
    first, second = Operator(), Operator()
    install_plugin(app, "later", position=20, send_message=second.send_message)
    install_plugin(app, "sooner", position=10, send_message=first.send_message)
    assert registry().first("send_message", message=None) == ("sooner", Receipt("ref-1"))
    assert second.ledger == []


def test_a_temporary_failure_passes_to_the_next(app, db):
    broken, sound = Operator(), Operator()
    broken.failure = GatewayError("busy")
    install_plugin(app, "broken", position=1, send_message=broken.send_message)
    install_plugin(app, "sound", position=2, send_message=sound.send_message)
    assert registry().first("send_message", message=None)[0] == "sound"


def test_a_permanent_failure_is_not_tried_elsewhere(app, db):
    broken, sound = Operator(), Operator()
    broken.failure = GatewayError("no such number", permanent=True)
    install_plugin(app, "broken", position=1, send_message=broken.send_message)
    install_plugin(app, "sound", position=2, send_message=sound.send_message)
    with pytest.raises(GatewayError):
        registry().first("send_message", message=None)
    assert sound.ledger == []


def test_when_all_fail_the_last_failure_rises(app, db):
    broken = Operator()
    broken.failure = GatewayError("busy")
    install_plugin(app, "broken", send_message=broken.send_message)
    with pytest.raises(GatewayError, match="busy"):
        registry().first("send_message", message=None)


def test_nobody_on_is_no_answer(db):
    assert registry().first("send_message", message=None) is None


def test_one_plugin_that_raises_leaves_the_others_their_say(app, db):
    def explode(role):
        raise RuntimeError

    install_plugin(app, "bad", position=1, nav_items=explode)
    install_plugin(app, "good", position=2, nav_items=lambda role: [role])
    assert registry().collect("nav_items", role="doctor") == [["doctor"]]


def test_a_switch_is_seen_by_another_process_at_its_next_sync(app, db, config, now):
    install_plugin(app, "sender", send_message=Operator().send_message)
    other = Registry(config, registry().installed)
    other.sync()
    assert other.is_on("sender")
    switch("sender", False, by=SYSTEM, now=now)
    assert other.is_on("sender")
    other.sync()
    assert not other.is_on("sender")


def test_a_plugin_with_a_problem_in_its_settings_stays_off(app, db, now):
    install_plugin(app, "strict", settings_schema=lambda: Strict)
    switch("strict", False, by=SYSTEM, now=now)
    with pytest.raises(Invalid) as refusal:
        switch("strict", True, by=SYSTEM, now=now)
    assert refusal.value.fields == {"url": "This is required."}
    assert not PluginState.get(PluginState.name == "strict").enabled


def test_the_environment_wins_over_stored_settings(app, db, config, now):
    install_plugin(app, "strict", settings_schema=lambda: Strict)
    own = Registry(_with_environ(config, PORTAL_STRICT_URL="http://a"), registry().installed)
    assert own.settings("strict").url == "http://a"


def _with_environ(config, **values):
    from dataclasses import replace

    return replace(config, environ=values)


def test_an_unknown_plugin_cannot_be_switched(db, now):
    with pytest.raises(NotFound):
        switch("nothing", True, by=SYSTEM, now=now)


def test_switching_raises_the_revision_once(app, db, now):
    install_plugin(app, "sender", send_message=Operator().send_message)
    before = PluginRevision.get_by_id(1).number
    switch("sender", False, by=SYSTEM, now=now)
    switch("sender", False, by=SYSTEM, now=now)
    assert PluginRevision.get_by_id(1).number == before + 1


def test_every_plugin_that_is_on_hears_every_event(app, db, now, queue):
    heard = []
    install_plugin(app, "ear", on_event=lambda event: heard.append((event.name, event.subject)))
    record("ThingHappened", "x", by=SYSTEM, now=now)
    queue.drain()
    assert heard == [("ThingHappened", "x")]


def test_a_plugin_that_was_off_when_it_happened_is_not_told(app, db, now, queue):
    heard = []
    install_plugin(app, "ear", on_event=lambda event: heard.append(event.name))
    switch("ear", False, by=SYSTEM, now=now)
    queue.drain()
    event = record("ThingHappened", "x", by=SYSTEM, now=now)
    queue.drain()
    assert heard == []
    assert events.Event.get_by_id(event.id).delivered_at
