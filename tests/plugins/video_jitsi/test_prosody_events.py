"""Our module for Prosody: its webhook calls are signed, and end in the call log."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from portal_plugins.video_jitsi import tokens, webhook
from portal_plugins.video_jitsi.models import JitsiSeat

from portal.base import clock
from portal.core.calls import call_log
from tests.plugins.video_jitsi.conftest import CALLBACK_SECRET, SECRET, Call, settings_of
from tests.plugins.video_jitsi.peers import EVENTS, Occupant, jitsi
from tests.servers import wait_for

Heard = list[tuple[str, bytes]]


class Ear(BaseHTTPRequestHandler):
    """Records what is posted to it."""

    heard: Heard

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.headers[webhook.HEADER], body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *said: object) -> None:
        """No log."""


@pytest.fixture
def heard() -> Iterator[tuple[str, Heard]]:
    """A URL, and what was posted there."""
    kept: Heard = []
    server = HTTPServer(("127.0.0.1", 0), type("EarOfTest", (Ear,), {"heard": kept}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/callbacks", kept
    server.shutdown()
    thread.join()
    server.server_close()


def test_joining_and_disconnecting_is_in_the_call_log(call: Call, heard: tuple[str, Heard], tmp_path: Path) -> None:
    call.take_seat("patient")
    seat, (address, kept) = JitsiSeat.get(), heard
    clock.install(clock.Clock())
    token = tokens.make(
        settings_of(), room=seat.room.name, seat=seat.uid, name="R", is_moderator=False, now=clock.now()
    )
    component = EVENTS.format(url=address, secret=CALLBACK_SECRET)
    with jitsi(tmp_path / "jitsi", SECRET, component=component) as server:
        occupant = Occupant(server, token)
        occupant.join(seat.room.name, "abcd1234")
        wait_for(lambda: len(kept) == 1, "the news that somebody joined")
        occupant.leave()
        wait_for(lambda: len(kept) == 2, "the news that somebody left")
    for header, body in kept:
        moment = datetime.fromtimestamp(int(header[2:].partition(",")[0]), UTC)
        assert webhook.is_signed(header, body, CALLBACK_SECRET, now=moment)
        webhook.receive(body, now=call.room.opened_at)
    (stay,) = call_log.attempts_of(call.visit, call.room.opened_at)[0].log.stays
    assert (stay.role, stay.until is not None) == ("patient", True)
