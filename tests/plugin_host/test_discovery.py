"""A plugin is held to the version of the plugin API that it was written for."""

from types import ModuleType

import pytest

from portal.base.errors import Invalid
from portal.hookspecs import API_VERSION, hookimpl
from portal.plugin_host.capabilities import held_off
from portal.plugin_host.discovery import check, misfit_of, wanted_version
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.fakes import install_plugin

MAJOR, MINOR = (int(part) for part in API_VERSION.split("."))


def plugin_for(version) -> ModuleType:
    module = ModuleType("guest")
    module.__file__ = __file__
    module.api_version = hookimpl(lambda: version)
    return module


def test_a_plugin_that_says_nothing_was_written_for_the_first_version():
    assert wanted_version(ModuleType("guest")) == "1.0"


@pytest.mark.parametrize("version", [f"{MAJOR}.{minor}" for minor in range(MINOR + 1)])
def test_this_and_earlier_minor_versions_fit(version):
    assert misfit_of(plugin_for(version)) == ""


@pytest.mark.parametrize(
    ("version", "cure"),
    [
        (f"{MAJOR}.{MINOR + 1}", "Update the portal first."),
        (f"{MAJOR + 1}.0", "Update the portal first."),
        ("0.9", "Update the plugin."),
        ("latest", "does not say properly"),
        (None, "does not say properly"),
    ],
)
def test_another_version_does_not_fit_and_the_cure_is_said(app, version, cure):
    assert cure in misfit_of(plugin_for(version))


def test_a_plugin_for_a_newer_version_stops_nothing_and_stays_off_with_the_reason(app, db, now):
    module = install_plugin(app, "newer", api_version=lambda: f"{MAJOR}.{MINOR + 1}")
    assert not registry().is_on("newer")
    assert [name for name, why in held_off(registry()) if "Update the portal first." in why] == ["newer"]
    module.hook_of_the_future = hookimpl(lambda: None)
    check({"newer": module})
    PluginState.update(enabled=False).execute()
    with pytest.raises(Invalid, match="Update the portal first"):
        switch("newer", True, by=SYSTEM, now=now)
