"""A plugin reads its own state, and the portal's address."""

from types import FunctionType

import pytest

from portal.api import plugin
from portal.contracts import PluginSettings
from portal.plugin_host.registry import registry


def settings_of(name: str) -> PluginSettings:
    """Ask the door for a plugin's settings, from wherever this code stands."""
    return plugin.settings(name, PluginSettings)


def standing_in(module: str) -> FunctionType:
    """The same code in another module."""
    return FunctionType(settings_of.__code__, {**globals(), "__name__": module})


def test_a_plugin_reads_its_state_and_the_portals_url(db, app):
    with app.app_context():
        assert plugin.is_on("video_webrtc") == registry().is_on("video_webrtc")
        assert plugin.data_folder() == app.config["PORTAL"].data_dir
        assert plugin.public_address() == app.config["PORTAL"].base_url
        assert plugin.is_demonstration() == app.config["PORTAL"].demo


@pytest.mark.parametrize("module", ["portal_plugins.video_webrtc", "portal_plugins.video_webrtc.views"])
def test_a_plugin_is_given_its_own_settings(db, module):
    assert type(standing_in(module)("video_webrtc")) is registry().schema("video_webrtc")


@pytest.mark.parametrize("module", ["portal_plugins.video_webrtc.views", "portal_plugins.sms_gateway_too", "stranger"])
def test_a_plugin_is_not_given_anothers_settings(db, module):
    with pytest.raises(PermissionError):
        standing_in(module)("sms_gateway")
