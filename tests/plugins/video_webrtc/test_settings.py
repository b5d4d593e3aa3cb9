"""Settings: what is wrong is said in a sentence before the plugin can be switched on."""

import pytest
from portal_plugins.video_webrtc.settings import Settings

from portal.core.admin.plugin_settings import problems_of

TURN = {"turn_urls": ["turn:turn.example.in:3478?transport=udp"], "turn_username": "opd", "turn_credential": "secret"}


def test_without_settings_there_are_only_the_hosts_own_candidates():
    assert Settings().for_browser() == {"iceServers": [], "iceTransportPolicy": "all"}


def test_servers_reach_the_browser_and_the_secret_no_text():
    settings = Settings(stun_urls=["stun:stun.example.in:3478"], **TURN, force_relay=True)
    assert settings.for_browser() == {
        "iceServers": [
            {"urls": ["stun:stun.example.in:3478"]},
            {"urls": TURN["turn_urls"], "username": "opd", "credential": "secret"},
        ],
        "iceTransportPolicy": "relay",
    }
    assert "secret" not in repr(settings) + str(settings)


def test_the_environment_gives_several_addresses_in_one_line():
    assert Settings(stun_urls="stun:a.in:1, stuns:b.in:2").stun_urls == ("stun:a.in:1", "stuns:b.in:2")
    assert Settings(stun_urls="").stun_urls == ()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"stun_urls": ["http://x"]}, {"stun_urls": "Each STUN server must look like stun:stun.example.in:3478."}),
        (
            {"turn_urls": ["turn:a b"]},
            {"turn_urls": "Each TURN server must look like turn:turn.example.in:3478?transport=udp."},
        ),
        (TURN | {"turn_username": ""}, {"": "A TURN server needs a user name and a password."}),
        ({"force_relay": True}, {"": "Relaying every call needs a TURN server."}),
    ],
)  # fmt: skip
def test_wrong_settings_are_named(values, problem):
    assert problems_of(Settings, values) == problem
