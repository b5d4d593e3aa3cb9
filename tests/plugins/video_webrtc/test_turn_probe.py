"""The self-test of a TURN server, against a real one."""

from datetime import timedelta

import pytest
from portal_plugins.video_webrtc import turn_probe
from portal_plugins.video_webrtc.settings import Settings

from portal.base.clock import Clock
from portal.base.errors import Invalid
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.plugins.video_webrtc.test_turn import turn as turn
from tests.plugins.video_webrtc.test_turn import use_turn
from tests.plugins.video_webrtc.turn import SECRET, running_turn
from tests.servers import free_port

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_self_test_passes_when_strangers_are_refused_and_our_credentials_accepted(turn, transport):
    settings = Settings(turn_urls=[f"turn:127.0.0.1:{turn}?transport={transport}"], turn_secret=SECRET)
    assert turn_probe.troubles(settings, Clock().now()) == []


def test_a_wrong_secret_or_a_server_that_is_down_keeps_the_plugin_off(turn, switched_on):
    url = f"turn:127.0.0.1:{turn}"
    wrong = Settings(turn_urls=[url], turn_secret="another-secret-of-16")
    assert "the shared secret is another one" in turn_probe.troubles(wrong, Clock().now())[0]
    late = turn_probe.troubles(Settings(turn_urls=[url], turn_secret=SECRET), Clock().now() - timedelta(hours=1))
    assert late
    use_turn(f"turn:127.0.0.1:{free_port()}?transport=tcp")
    switch("video_webrtc", False, by=SYSTEM, now=Clock().now(), confirmed=True)
    with pytest.raises(Invalid, match="does not answer"):
        switch("video_webrtc", True, by=SYSTEM, now=Clock().now())


def test_health_speaks_of_a_turn_server_only_where_there_is_one(switched_on):
    assert registry().ask("video_webrtc", "health_checks") == []
    use_turn("turn:127.0.0.1:3478")
    assert [check.name for check in registry().ask("video_webrtc", "health_checks")] == ["TURN"]


def test_an_open_relay_keeps_the_plugin_off(tmp_path):
    """S54: a relay without a password is misused by the whole internet."""
    with running_turn(tmp_path, is_open=True) as port:
        found = turn_probe.troubles(Settings(turn_urls=[f"turn:127.0.0.1:{port}"], turn_secret=SECRET), Clock().now())
    assert "relays for anybody" in found[0]
