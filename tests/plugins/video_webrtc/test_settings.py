"""Settings: each mistake has a sentence before the plugin can be switched on."""

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from portal_plugins.video_webrtc.settings import Settings

from portal.plugin_host.plugin_settings import problems_of

SECRET = "a-secret-of-coturn-4711"
TURN = {"turn_urls": ["turn:turn.example.in:3478?transport=udp"], "turn_secret": SECRET}
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_without_settings_there_are_only_host_candidates():
    assert Settings().for_browser("u1", NOW) == {"iceServers": [], "iceTransportPolicy": "all"}
    stun = Settings(stun_urls=["stun:stun.example.in:3478"]).for_browser("u1", NOW)
    assert stun == {"iceServers": [{"urls": ["stun:stun.example.in:3478"]}], "iceTransportPolicy": "all"}


def test_with_turn_every_call_is_relayed_and_the_credentials_expire_in_ten_minutes():
    browser = Settings(stun_urls=["stun:stun.example.in:3478"], **TURN).for_browser("u1", NOW)
    assert browser["iceTransportPolicy"] == "relay"
    (server,) = browser["iceServers"]
    assert server["urls"] == TURN["turn_urls"]
    assert server["username"] == f"{int(NOW.timestamp()) + 600}:u1"
    digest = hmac.new(SECRET.encode(), server["username"].encode(), "sha1").digest()
    assert server["credential"] == base64.b64encode(digest).decode()


def test_the_secret_is_neither_in_the_browser_nor_in_a_text():
    settings = Settings(**TURN)
    assert SECRET not in json.dumps(settings.for_browser("u1", NOW)) + repr(settings) + str(settings)


def test_the_environment_gives_several_urls_in_one_line():
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
        (TURN | {"turn_secret": "short"}, {"": "A TURN server needs a shared secret of at least 16 signs."}),
    ],
)
def test_invalid_settings_are_named(values, problem):
    assert problems_of(Settings, values) == problem
