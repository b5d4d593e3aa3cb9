"""The registry: order, failover, isolation, switching."""

from importlib.metadata import EntryPoint
from threading import Thread
from types import ModuleType

import pytest

from portal.app import create_app
from portal.base import language
from portal.base.errors import Invalid, NotFound
from portal.contracts import GatewayError, PluginSettings, Receipt
from portal.hookspecs import hookimpl
from portal.plugin_host.changes import save_plugin_settings
from portal.plugin_host.discovery import PluginError, discover
from portal.plugin_host.models import PluginRevision, PluginState, bump_revision
from portal.plugin_host.registry import Registry, registry
from portal.plugin_host.switches import switch
from portal.work import events
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests.fakes import NobodyCares, Operator, ThingHappened, install_plugin


class Strict(PluginSettings):
    """Settings with a required URL."""

    url: str


def test_the_first_plugin_in_the_administrators_order_answers(app, db):
    first, second = Operator(), Operator()
    install_plugin(app, "later", position=20, send_message=second.send_message)
    install_plugin(app, "sooner", position=10, send_message=first.send_message)
    assert registry().first("send_message", message=None) == ("sooner", Receipt("ref-1"))
    assert second.ledger == []


def test_a_temporary_failure_fails_over_to_the_next(app, db):
    broken, sound = Operator(), Operator()
    broken.failure = GatewayError("busy")
    install_plugin(app, "broken", position=1, send_message=broken.send_message)
    install_plugin(app, "sound", position=2, send_message=sound.send_message)
    assert registry().first("send_message", message=None)[0] == "sound"


def test_a_permanent_failure_does_not_fail_over(app, db):
    broken, sound = Operator(), Operator()
    broken.failure = GatewayError("no such number", permanent=True)
    install_plugin(app, "broken", position=1, send_message=broken.send_message)
    install_plugin(app, "sound", position=2, send_message=sound.send_message)
    with pytest.raises(GatewayError):
        registry().first("send_message", message=None)
    assert sound.ledger == []


def test_when_all_fail_the_last_error_is_raised(app, db):
    broken = Operator()
    broken.failure = GatewayError("busy")
    install_plugin(app, "broken", send_message=broken.send_message)
    with pytest.raises(GatewayError, match="busy"):
        registry().first("send_message", message=None)


def test_without_an_active_plugin_there_is_no_answer(db):
    assert registry().first("send_message", message=None) is None


def test_a_plugin_that_raises_is_isolated_from_the_others(app, db):
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
    switch("sender", False, by=SYSTEM, now=now, confirmed=True)
    assert other.is_on("sender")
    other.sync()
    assert not other.is_on("sender")


def test_a_plugin_with_invalid_settings_stays_off(app, db, now):
    install_plugin(app, "strict", settings_schema=lambda: Strict)
    switch("strict", False, by=SYSTEM, now=now)
    with pytest.raises(Invalid) as refusal:
        switch("strict", True, by=SYSTEM, now=now)
    assert refusal.value.fields == {"url": "This is required."}
    assert not PluginState.get(PluginState.name == "strict").enabled


def test_the_environment_overrides_stored_plugin_settings(app, db, config, now):
    install_plugin(app, "strict", settings_schema=lambda: Strict)
    own = Registry(_with_environ(config, PORTAL_STRICT_URL="http://a"), registry().installed)
    assert own.settings("strict").url == "http://a"


def _with_environ(config, **values):
    from dataclasses import replace

    return replace(config, environ=values)


def test_an_unknown_plugin_cannot_be_switched(db, now):
    with pytest.raises(NotFound):
        switch("nothing", True, by=SYSTEM, now=now)


def test_switching_is_idempotent_and_increments_the_revision_once(app, db, now):
    install_plugin(app, "sender", send_message=Operator().send_message)
    before = PluginRevision.get_by_id(1).number
    switch("sender", False, by=SYSTEM, now=now, confirmed=True)
    switch("sender", False, by=SYSTEM, now=now, confirmed=True)
    assert PluginRevision.get_by_id(1).number == before + 1


def test_every_active_plugin_gets_every_event(app, db, now, queue):
    heard = []
    install_plugin(app, "ear", on_event=lambda event: heard.append((event.name, event.subject)))
    record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    assert heard == [("ThingHappened", "x")]


def test_a_plugin_gets_only_the_events_it_subscribes_to(app, db, now, queue):
    heard = []
    hear = lambda event: heard.append(event.name)  # noqa: E731
    install_plugin(app, "ear", event_names=lambda: ["NobodyCares"], on_event=hear)
    for what in (ThingHappened(), NobodyCares()):
        record(what, "x", by=SYSTEM, now=now)
    queue.drain()
    assert heard == ["NobodyCares"]
    assert [row.listener for row in events.Delivery.select()] == ["plugin.ear"]


def test_a_subscription_to_an_unknown_event_stops_the_start(app):
    module = ModuleType("ear")
    module.__file__ = __file__
    module.event_names = hookimpl(lambda: ["TokenIssued", "VisitCaled"])
    sentence = (
        r"The plugin ear wants to hear of VisitCaled, which is no event \(docs/events.md\); did it mean VisitCalled\?"
    )
    with pytest.raises(PluginError, match=sentence):
        create_app(app.config["PORTAL"], {"ear": module})


def test_a_plugin_gets_no_events_from_while_it_was_off(app, db, now, queue):
    heard = []
    install_plugin(app, "ear", on_event=lambda event: heard.append(event.name))
    switch("ear", False, by=SYSTEM, now=now)
    queue.drain()
    event = record(ThingHappened(), "x", by=SYSTEM, now=now)
    queue.drain()
    assert heard == []
    assert events.Event.get_by_id(event.id).delivered_at


def test_a_request_keeps_its_snapshot_while_another_thread_syncs(app, db, now):
    install_plugin(app, "sender", send_message=Operator().send_message)
    seen = []

    def other_request():
        with app.app_context():
            registry().sync()
            seen.append(registry().is_on("sender"))

    PluginState.update(enabled=False).execute()
    PluginRevision.update(number=PluginRevision.number + 1).execute()
    thread = Thread(target=other_request)
    thread.start()
    thread.join()
    assert (seen, registry().is_on("sender")) == ([False], True)
    registry().sync()
    assert not registry().is_on("sender")


def test_a_hook_may_take_fewer_arguments(app, db):
    install_plugin(app, "modest", nav_items=lambda: ["mine"])
    assert registry().collect("nav_items", role="doctor") == [["mine"]]


def test_a_slow_hook_counts_as_a_failure_but_its_answer_is_used(app, db, monkeypatch):
    monkeypatch.setattr("portal.plugin_host.registry.SLOW_SECONDS", -1.0)
    install_plugin(app, "slow", nav_items=lambda role: [role], send_message=lambda message: Receipt("1"))
    assert registry().collect("nav_items", role="doctor") == [["doctor"]]
    registry().first("send_message", message=None)
    taken = registry().tallies.take()
    assert (taken["slow", "nav_items"].errors, taken["slow", "send_message"].errors) == (1, 0)


def test_cached_settings_of_a_snapshot_do_not_change_during_a_request(app, db, now):
    install_plugin(app, "strict", settings_schema=lambda: Strict)
    save_plugin_settings("strict", {"url": "http://a"}, by=SYSTEM, now=now)
    PluginState.update(settings={"url": "http://b"}).where(PluginState.name == "strict").execute()
    assert registry().settings("strict").url == "http://a"
    bump_revision()
    registry().sync()
    assert registry().settings("strict").url == "http://b"


def test_every_built_in_plugin_is_described_in_hindi(app, db):
    built_in = {name: module for name, module in registry().installed.items() if "portal_plugins" in module.__name__}
    with language.speaking("hi"):
        english = [
            (name, part)
            for name, module in built_in.items()
            for part in str(module.__doc__).strip().split("\n\n")
            if language.gettext(" ".join(part.split())) == " ".join(part.split())
        ]
    assert english == []


@pytest.mark.parametrize("name", ["Upper", "1st", "with-dash", "a", "x" * 41])
def test_an_invalid_plugin_name_stops_the_start(monkeypatch, name):
    entry = EntryPoint(name, "tests.fakes", "portal.plugins")
    monkeypatch.setattr("portal.plugin_host.discovery.entry_points", lambda group: [entry])
    with pytest.raises(PluginError, match="has no proper name"):
        discover()


def test_pages_of_a_plugin_for_another_version_of_the_api_are_not_mounted(app):
    asked, module = [], ModuleType("guest")
    module.__file__ = __file__
    module.api_version = hookimpl(lambda: "99.0")
    module.blueprint = hookimpl(lambda: asked.append("blueprint"))
    create_app(app.config["PORTAL"], {"guest": module})
    assert asked == []
