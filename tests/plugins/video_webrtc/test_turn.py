"""Calls through a real TURN server and a bad network in front of it: relayed only, lossy, cut off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from portal_plugins.video_webrtc.models import Signal
from portal_plugins.video_webrtc.settings import Settings

from portal.base.clock import Clock
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from tests.plugins.video_webrtc.turn import SECRET, BadLine, running_turn
from tests.plugins.video_webrtc.windows import UFRAG

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


@pytest.fixture(scope="session")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_turn(tmp_path_factory.mktemp("turn")) as port:
        yield port


@pytest.fixture
def line(turn: int, clock, switched_on: None) -> Iterator[BadLine]:
    """The portal's settings lead to the TURN server through this network. Credentials depend on the time of day."""
    clock.set(Clock().now())
    line = BadLine(turn)
    use_turn(f"turn:127.0.0.1:{line.port}?transport=udp")
    yield line
    line.close()


def use_turn(*urls: str) -> None:
    values = plugin_settings.sealed(Settings, {"turn_urls": list(urls), "turn_secret": SECRET})
    PluginState.update(settings=values).where(PluginState.name == "video_webrtc").execute()
    bump_revision()
    registry().sync()


def addresses_told() -> set[str]:
    """Kinds of candidates that any page sent to another."""
    rows = Signal.select().where(Signal.kind == "candidates")
    lines = [each["candidate"] for row in rows for each in row.body["candidates"]]
    lines += [part for row in Signal.select() for part in row.body.get("sdp", "").splitlines() if "a=candidate" in part]
    return {text.split(" typ ")[1].split()[0] for text in lines}


def test_at_low_bandwidth_the_call_goes_on_and_at_very_low_with_audio_only(line, pair):
    """Relayed on both sides; 10 % loss and 300 ms one way; then far worse; then good again."""
    patient, doctor = pair
    assert patient.pairs() == doctor.pairs() == [["relay", "relay"]]
    assert addresses_told() == {"relay"}
    line.loss, line.delay = 0.1, 0.3
    for side in pair:
        side.sees()
        side.hears()
    expect(patient.part("bars")).to_contain_text("eak line")
    patient.shot("patient-weak")
    line.loss = 0.6
    expect(patient.part("note")).to_contain_text("your picture is paused")
    expect(doctor.call.get_by_text("No picture: the line is weak. The sound goes on.")).to_be_visible()
    doctor.shot("doctor-voice-only")
    doctor.hears()
    line.loss, line.delay = 0.0, 0.0
    expect(patient.part("note")).to_be_hidden(timeout=40_000)
    doctor.sees()


def test_after_eight_seconds_offline_the_call_reconnects_through_another_network(line, pair):
    """F25, F28: everything is lost, and then the TURN server sees another address."""
    patient, doctor = pair
    before = patient.page.evaluate(UFRAG)
    line.is_cut = True
    patient.expect("lost")
    doctor.expect("lost")
    patient.shot("patient-lost")
    patient.page.wait_for_timeout(3000)
    line.move()
    line.is_cut = False
    patient.expect("connected")
    doctor.expect("connected")
    for side in pair:
        side.sees()
        side.hears()
    assert patient.page.evaluate(UFRAG) != before
    # The other side's relay may be seen before it is told of, and is then called prflx.
    assert [[own for own, _other in side.pairs()] for side in pair] == [["relay"], ["relay"]]
