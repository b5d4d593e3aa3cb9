"""Circuit breaker: store hook counts, raise an alarm, and switch off a plugin that keeps failing."""

from datetime import datetime, timedelta

import peewee
import structlog

from portal.base import clock
from portal.base.errors import PortalError
from portal.plugin_host.calling.tallies import Tally
from portal.plugin_host.capabilities import KINDS
from portal.plugin_host.models import HookCount, PluginFailed, PluginState, PluginSwitchedOff, bump_revision
from portal.plugin_host.registry import Registry
from portal.settings.clinic import PluginRules
from portal.store.db import claim, write
from portal.work.audit import SYSTEM
from portal.work.events import record

log = structlog.get_logger(__name__)


def write_counts_when_due(registry: Registry) -> None:
    """Flush this process's counts every few seconds. A locked database costs the counts, never the page."""
    if registry.tallies.are_due():
        try:
            write_counts(registry, now=clock.now())
        except (peewee.PeeweeException, PortalError) as error:
            log.warning("hook_counts_not_written", error=type(error).__name__)


def write_counts(registry: Registry, *, now: datetime) -> None:
    """Flush this process's counts to the table, and judge the plugins with failed or recovered hooks."""
    taken = registry.tallies.take()
    with write():
        for (plugin, hook), tally in sorted(taken.items()):
            _store_tally(plugin, hook, tally)
    for plugin in sorted({plugin for (plugin, _hook), tally in taken.items() if tally.errors or tally.recovered}):
        judge(registry, plugin, now=now)


def judge(registry: Registry, plugin: str, *, now: datetime) -> None:
    """Raise the alarm, once, for a plugin that failed too often, or clear it after a recovery."""
    state = PluginState.get_or_none(PluginState.name == plugin)
    if state is None or not registry.is_on(plugin):
        return
    worst = _worst(plugin, now)
    if worst is None and state.alarmed_at:
        PluginState.update(alarm="", alarmed_at=None).where(PluginState.id == state.id).execute()
    elif worst is not None and not state.alarmed_at:
        _raise_alarm(registry, state, worst, now)


def _raise_alarm(registry: Registry, state: PluginState, worst: HookCount, now: datetime) -> None:
    """Switch the plugin off and notify, but not the last provider of a kind: a failing sender is better than none."""
    off = not last_of_kinds(registry, state.name)
    raised = PluginState.update(alarm=worst.hook, alarmed_at=now)
    with write():
        if not claim(raised.where((PluginState.id == state.id) & PluginState.alarmed_at.is_null())):
            return
        if off:
            PluginState.update(enabled=False).where(PluginState.id == state.id).execute()
            bump_revision()
            record(PluginSwitchedOff(hook=worst.hook), state.name, by=SYSTEM, now=now)
        record(PluginFailed(hook=worst.hook, failures=worst.failing, off=off), state.name, by=SYSTEM, now=now)
    log.error("plugin_failing", plugin=state.name, hook=worst.hook, failures=worst.failing, switched_off=off)
    registry.sync()


def last_of_kinds(registry: Registry, plugin: str) -> list[str]:
    """List the hooks for which this is the only active provider."""
    doers = {hook: [name for name, _function in registry.implementations(hook)] for hook in KINDS}
    return [hook for hook, names in doers.items() if names == [plugin]]


def _worst(plugin: str, now: datetime) -> HookCount | None:
    """Find the hook with most consecutive failures over both limits; 0 allowed failures disables the breaker."""
    rules = PluginRules.in_force()
    allowed = rules.plugin_failures_allowed
    since = now - timedelta(minutes=rules.plugin_failing_minutes)
    bad = (HookCount.plugin == plugin) & (HookCount.failing >= allowed) & (HookCount.failing_since <= since)
    found: HookCount | None = HookCount.select().where(bad).order_by(HookCount.failing.desc()).first()
    return found if allowed else None


def _store_tally(plugin: str, hook: str, tally: Tally) -> None:
    HookCount.insert(plugin=plugin, hook=hook).on_conflict_ignore().execute()
    mine = (HookCount.plugin == plugin) & (HookCount.hook == hook)
    if tally.recovered:
        HookCount.update(failing=0, failing_since=None).where(mine).execute()
    if tally.failing:
        HookCount.update(failing_since=tally.failing_since).where(mine & (HookCount.failing == 0)).execute()
    if tally.errors:
        HookCount.update(last_error=tally.last_error, last_error_at=tally.last_error_at).where(mine).execute()
    HookCount.update(
        calls=HookCount.calls + tally.calls,
        errors=HookCount.errors + tally.errors,
        seconds=HookCount.seconds + tally.seconds,
        failing=HookCount.failing + tally.failing,
    ).where(mine).execute()
