"""The self-test against a real Prosody: an open server keeps the plugin off (S54)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from portal_plugins.video_jitsi import probe

from portal.base import clock, outbound
from portal.base.errors import Invalid
from portal.contracts import GatewayError, VisitFact
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import state_of, switch
from portal.work.audit import SYSTEM
from tests.factories import make_staff
from tests.fakes import SETTINGS
from tests.plugins.video_jitsi.conftest import SECRET
from tests.plugins.video_jitsi.peers import JitsiServer, jitsi
from tests.servers import free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jitsi")


@pytest.fixture(scope="module")
def shut(folder: Path) -> Iterator[JitsiServer]:
    """A server that requires our token."""
    with jitsi(folder / "shut", SECRET) as server:
        yield server


def configure(server: str, **changes: str) -> None:
    outbound.install(frozenset({server.removeprefix("http://")}))
    wanted = SETTINGS["video_jitsi"] | {"server": server} | changes
    sealed = plugin_settings.sealed(registry().schema("video_jitsi"), wanted)
    row = state_of("video_jitsi")
    PluginState.update(settings=sealed).where(PluginState.id == row.id).execute()
    bump_revision()
    registry().sync()


def refusal(now) -> str:
    with pytest.raises(Invalid) as refused:
        switch("video_jitsi", True, by=SYSTEM, now=now)
    registry().sync()
    assert not registry().is_on("video_jitsi")
    return refused.value.fields[""]


@pytest.fixture
def tried(db: None, now: datetime) -> None:
    """The server reads the real clock, so our tokens must too."""
    clock.install(clock.Clock())


def test_a_server_that_requires_our_token_can_be_switched_on(tried, shut: JitsiServer, now) -> None:
    configure(shut.url)
    assert probe.problems() == []
    for check in probe.checks():
        check.probe()
    switch("video_jitsi", True, by=SYSTEM, now=now)
    assert registry().is_on("video_jitsi")
    assert registry().ask("video_jitsi", "open_room", visit=VisitFact("v", "T-1", "medicine", 1), now=now).name


def test_a_server_that_lets_everybody_in_keeps_the_plugin_off(tried, folder: Path, now) -> None:
    with jitsi(folder / "open", SECRET, auth="anonymous") as server:
        configure(server.url)
        assert "lets anybody in: it opened without a token" in refusal(now)


def test_a_server_that_accepts_empty_tokens_keeps_the_plugin_off(tried, folder: Path, now) -> None:
    with jitsi(folder / "empty", SECRET, empty=True) as server:
        configure(server.url)
        assert "lets anybody in" in refusal(now)


def test_a_server_with_another_secret_or_name_fails_the_self_test(tried, shut: JitsiServer, now) -> None:
    configure(shut.url, app_secret="another secret that is long enough")
    assert "refuses our token" in refusal(now)
    configure(shut.url, app_id="somebody-else")
    assert "refuses our token" in refusal(now)


def test_the_administrators_page_says_why_the_plugin_stays_off(tried, sign_in, folder: Path) -> None:
    with jitsi(folder / "open-too", SECRET, auth="anonymous") as server:
        configure(server.url)
        address = "/admin/plugins/video_jitsi"
        page = sign_in(make_staff("admin")).submit(f"{address}/enable", page=address)
    assert page.status_code == 422
    assert "Set up token authentication there" in page.text


def test_a_server_that_is_down_or_no_jitsi_fails_the_self_test(tried, now, folder: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    configure(nobody)
    assert refusal(now) == f"{nobody}/external_api.js does not answer."
    with pytest.raises(GatewayError):
        registry().ask("video_jitsi", "open_room", visit=VisitFact("v", "T-1", "medicine", 1), now=now)
