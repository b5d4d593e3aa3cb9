"""A call between Chromium and another implementation of the standard, aiortc, through a real TURN server."""

from collections.abc import Callable, Iterator

import pytest

from tests.plugins.video_webrtc.conftest import Call
from tests.plugins.video_webrtc.standard_peer import StandardPeer
from tests.plugins.video_webrtc.test_turn import line as line
from tests.plugins.video_webrtc.test_turn import turn as turn
from tests.servers import wait_for

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
OTHER = {"doctor": "patient", "patient": "doctor"}


@pytest.fixture
def join(call: Call, url: str) -> Iterator[Callable[[str], StandardPeer]]:
    """Let aiortc into the call, with the cookie of the person of this role."""
    peers = []

    def joined(role: str) -> StandardPeer:
        peers.append(
            StandardPeer(url, call.browsers[role].get_cookie("portal", domain="localhost").value, call.link(role))
        )
        return peers[0]

    yield joined
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("calls", ["Chromium", "aiortc"])
@pytest.mark.parametrize("role", ["doctor", "patient"])
def test_another_implementation_and_chromium_see_and_hear_each_other_through_the_turn_server(
    line, windows, join, role, calls
):
    """Who comes second calls; `role` is that of aiortc."""
    if calls == "Chromium":
        peer, window = join(role), windows.open(OTHER[role])
    else:
        window = windows.open(OTHER[role])
        window.expect("waiting")
        peer = join(role)
    window.expect("connected")
    window.sees()
    window.hears()
    wait_for(lambda: min(peer.seen["video"], peer.seen["audio"]) >= 10, "pictures and sound in aiortc")
    assert peer.relays() == {"relay"}
    assert {own for own, _other in window.pairs()} == {"relay"}
