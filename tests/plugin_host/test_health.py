"""Health checks of plugins: run in jobs, their results masked."""

from portal.contracts import GatewayError, HealthCheck, PluginSettings
from portal.plugin_host import health
from portal.plugin_host.models import PluginHealth
from portal.plugin_host.switches import switch
from portal.work import jobs
from portal.work.audit import SYSTEM
from tests.fakes import install_plugin


def test_a_failing_health_checks_hook_is_a_failed_health_check(app, db, queue, now):
    def explode():
        raise GatewayError("no settings")

    install_plugin(app, "mute", health_checks=explode)
    health.probe_all(now)
    queue.drain()
    assert [(row.probe, row.error) for row in PluginHealth.select()] == [("health_checks", "no settings")]


def test_health_checks_run_in_jobs_and_their_results_are_masked(app, db, queue, now):
    def probe():
        raise GatewayError("the balance is 12 rupees")

    checks = [HealthCheck("balance", probe), HealthCheck("reachable", lambda: None)]
    install_plugin(app, "sender", health_checks=lambda: checks, settings_schema=lambda: PluginSettings)
    health.probe_all(now)
    queue.drain()
    found = {row.probe: (row.error, row.at) for row in PluginHealth.select()}
    assert found == {"balance": ("the balance is 12 rupees", now), "reachable": ("", now)}
    switch("sender", False, by=SYSTEM, now=now)
    health.probe_all(now)
    assert not PluginHealth.select().exists()
    assert jobs.lane_of("probe") == "texts"
