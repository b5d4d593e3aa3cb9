"""A plugin that is off does not exist, on any path and with any method."""

import pytest

from portal.core.admin.switches import switch
from portal.core.audit import SYSTEM
from portal.plugins import registry

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["", "/", "/signal", "/room/x", "/static/call.js", "/../login", "/signal/"])
def test_off_means_404_everywhere(client, method, path):
    assert client.open(f"/x/video_webrtc{path}", method=method).status_code == 404


def test_off_and_unknown_look_the_same(client):
    off, unknown = client.get("/x/video_webrtc/signal"), client.get("/x/nothing/signal")
    assert off.get_data() == unknown.get_data().replace(b"nothing", b"video_webrtc")


def test_a_plugin_that_is_on_answers_at_the_next_request(client, now):
    switch("video_webrtc", True, by=SYSTEM, now=now)
    assert client.get("/x/video_webrtc/static/call.js", buffered=True).status_code == 200
    switch("video_webrtc", False, by=SYSTEM, now=now)
    assert client.get("/x/video_webrtc/static/call.js").status_code == 404
    assert not registry().is_on("video_webrtc")
