"""Bodies: quick ones reach the view whole, slow ones wait for nobody's turn but their own (S46, F48)."""

import io
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from portal.web import bodies
from portal.web.bodies import Bodies
from tests.servers import running_portal

SLOW = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nmob"
)


class Trickle(io.RawIOBase):
    """A body that stops in the middle, until the client goes away."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.gone.wait(20)
        return b""


def echo(environ, start):
    start("200 OK", [])
    return [environ["wsgi.input"].read()]


def ask(layer, stream, **environ):
    statuses = []
    asked = {"REQUEST_METHOD": "POST", "wsgi.url_scheme": "http", "wsgi.input": stream} | environ
    body = layer(asked, lambda status, headers: statuses.append((status, dict(headers))))
    return statuses[0][0], b"".join(body), statuses[0][1]


@pytest.mark.parametrize("size", [1, 1000, bodies.CHUNK, bodies.CHUNK + 1, bodies.IN_MEMORY + 1])
@pytest.mark.parametrize("said", ["length", "chunked"])
def test_a_body_reaches_the_view_whole(size, said):
    length = {"CONTENT_LENGTH": str(size)} if said == "length" else {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert ask(Bodies(echo, 10**7), io.BytesIO(b"x" * size), **length)[:2] == ("200 OK", b"x" * size)


@pytest.mark.parametrize("length", ["", "0", "-5", "nonsense"])
def test_without_a_body_the_view_is_asked_at_once(length):
    assert ask(Bodies(echo, 100), io.BytesIO(), CONTENT_LENGTH=length)[0] == "200 OK"


def test_too_long_a_body_is_left_to_the_application_unread():
    assert ask(Bodies(echo, 10), io.BytesIO(b"x" * 11), CONTENT_LENGTH="11")[1]


def test_chunks_without_end_stop_just_after_the_limit():
    answer = ask(Bodies(echo, 10), io.BytesIO(b"x" * 1000), HTTP_TRANSFER_ENCODING="chunked")
    assert answer[1] == b"x" * 11


def test_a_body_that_does_not_come_is_given_up_and_the_place_is_free_again():
    layer, streams = Bodies(echo, 100, patience=0.05), [Trickle() for _ in range(bodies.RECEIVING + 3)]
    answers = [ask(layer, stream, CONTENT_LENGTH="10") for stream in streams]
    assert {status for status, _, _ in answers} == {"408 Request Timeout"}
    assert answers[0][2]["Connection"] == "close"
    assert answers[0][2]["X-Content-Type-Options"] == "nosniff"
    for stream in streams:
        stream.gone.set()


def test_when_too_many_wait_for_bodies_the_next_one_is_sent_away():
    layer, stream = Bodies(echo, 100, patience=5), Trickle()
    threads = [
        threading.Thread(target=ask, args=(layer, stream), kwargs={"CONTENT_LENGTH": "10"})
        for _ in range(bodies.RECEIVING)
    ]
    for thread in threads:
        thread.start()
    status, _, headers = ask(layer, io.BytesIO(b"x"), CONTENT_LENGTH="1")
    assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")
    stream.gone.set()
    for thread in threads:
        thread.join()
    assert ask(layer, io.BytesIO(b"x"), CONTENT_LENGTH="1")[0] == "200 OK"


def test_fifty_slow_clients_do_not_keep_the_others_waiting(tmp_path):
    with running_portal(tmp_path / "var", PORTAL_WEB_WORKERS="1") as portal:
        where = (urlsplit(portal.url).hostname, urlsplit(portal.url).port)
        slow = [socket.create_connection(where) for _ in range(50)]
        for client in slow:
            client.sendall(SLOW)
        started = time.monotonic()
        assert portal.is_ready()
        assert time.monotonic() - started < 1
        for client in slow:
            client.close()
