"""Health checks of plugins: run in background jobs, cached in the database, so that no page waits for a server."""

from datetime import datetime

from portal.contracts import HealthCheck
from portal.plugin_host import plugin_settings
from portal.plugin_host.failures import write_counts
from portal.plugin_host.models import PluginHealth, PluginState
from portal.plugin_host.registry import Registry, registry
from portal.store.db import write
from portal.work import jobs


@jobs.sweep(every=5)
def write_hook_counts(now: datetime) -> None:
    """Flush the worker's hook counts."""
    write_counts(registry(), now=now)


@jobs.sweep(every=60)
def probe_all(now: datetime) -> None:
    """Enqueue a health check for every active plugin that has probes, each as its own job, as servers may be slow."""
    plugins = registry()
    probed = [name for name, _function in plugins.implementations("health_checks")]
    PluginHealth.delete().where(PluginHealth.plugin.not_in(probed)).execute()
    for state in PluginState.select(PluginState.id).where(PluginState.name.in_(probed)):
        jobs.enqueue(probe, state.id)


@jobs.in_lane("texts")
def probe(state_id: int, now: datetime) -> None:
    """Run the probes of one plugin and store the results. In the lane for slow servers."""
    state = PluginState.get_or_none(PluginState.id == state_id)
    plugins = registry()
    if state is not None and plugins.is_on(state.name):
        _store(
            state.name, {check.name[:80]: problem_of(plugins, state.name, check) for check in _checks(state.name)}, now
        )


def _checks(name: str) -> list[HealthCheck]:
    """Return a plugin's probes; if the hook itself raises, a probe that reports that."""
    try:
        return registry().ask(name, "health_checks") or []
    except Exception as error:  # noqa: BLE001 the error is the result
        problem = error

        def fail() -> None:
            raise problem

        return [HealthCheck("health_checks", fail)]


def problem_of(plugins: Registry, name: str, check: HealthCheck) -> str:
    """Run a probe and return its error with secrets masked; "" when healthy."""
    try:
        check.probe()
    except Exception as error:  # noqa: BLE001 the error is the result
        secrets = plugin_settings.secrets_in(plugins.settings(name))
        return plugin_settings.masked(str(error) or type(error).__name__, secrets)[:200]
    return ""


def _store(name: str, found: dict[str, str], now: datetime) -> None:
    with write():
        PluginHealth.delete().where(PluginHealth.plugin == name).execute()
        for check, error in found.items():
            PluginHealth.create(plugin=name, probe=check, error=error, at=now)
