"""A plugin reads its own state, and the portal's address."""

from pydantic import BaseModel

from portal.api import plugin
from portal.plugin_host.registry import registry


def test_a_plugin_reads_its_state_and_the_portals_url(db, app):
    with app.app_context():
        settings = plugin.settings("video_webrtc", registry().schema("video_webrtc"))
        assert isinstance(settings, BaseModel)
        assert plugin.is_on("video_webrtc") == registry().is_on("video_webrtc")
        assert plugin.data_folder() == app.config["PORTAL"].data_dir
        assert plugin.public_address() == app.config["PORTAL"].base_url
        assert plugin.is_demonstration() == app.config["PORTAL"].demo
