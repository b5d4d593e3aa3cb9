"""The gate: a plugin that is off is 404 on every path and for every method."""

import re

import pytest

from portal.core.calls.models import CallRoom
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import MustConfirm, switch
from portal.work.audit import SYSTEM
from tests.factories import make_visit

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["", "/", "/signal", "/room/x", "/static/call.js", "/../login", "/signal/"])
def test_off_means_404_everywhere(client, method, path):
    assert client.open(f"/x/video_webrtc{path}", method=method).status_code == 404


def without_token(page: str) -> str:
    """The page but for its CSRF token, which names the second."""
    return re.sub(r'name="csrf-token" content="[^"]+"', "", page)


def test_a_plugin_that_is_off_looks_like_an_unknown_one(client):
    off, unknown = (without_token(client.get(f"/x/{name}/signal").text) for name in ("video_webrtc", "nothing"))
    assert off == unknown.replace("nothing", "video_webrtc")


def test_switching_on_takes_effect_at_the_next_request(client, now):
    switch("video_webrtc", True, by=SYSTEM, now=now)
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 200
    switch("video_webrtc", False, by=SYSTEM, now=now, confirmed=True)
    assert client.get("/x/video_webrtc/static/call.js").status_code == 404
    assert not registry().is_on("video_webrtc")


def open_room(visit_state: str = "in_call") -> CallRoom:
    visit = make_visit(state=visit_state)
    return CallRoom.create(visit=visit, attempt=1, provider="video_webrtc", name="n" * 22, opened_at=visit.requested_at)


def test_a_provider_that_is_off_stays_reachable_while_it_has_open_rooms(client, now):
    switch("video_webrtc", True, by=SYSTEM, now=now)
    room = open_room()
    with pytest.raises(MustConfirm):
        switch("video_webrtc", False, by=SYSTEM, now=now)
    switch("video_webrtc", False, by=SYSTEM, now=now, confirmed=True)
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 200
    assert registry().implementations("open_room") == []
    CallRoom.update(closed_at=now).where(CallRoom.id == room.id).execute()
    assert client.get("/x/video_webrtc/static/call.js").status_code == 404


def test_an_open_room_makes_no_other_provider_reachable(client, now):
    open_room()
    assert client.get("/x/video_jitsi/").status_code == client.get("/x/nothing/").status_code == 404
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 200
