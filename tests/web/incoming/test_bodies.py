"""Request bodies: buffering, size limits, timeouts, and slots per network (S46, F48)."""

import io
import json
import select
import socket
import threading
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import create_environ

from portal.web.incoming import bodies
from portal.web.incoming.bodies import Bodies
from portal.web.incoming.large_bodies import LargeBodies
from tests.factories import make_beneficiary, make_visit
from tests.servers import running_portal

FORM = "application/x-www-form-urlencoded"
SLOW = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nmob"
)


class Trickle(io.RawIOBase):
    """A body that stalls until the client disconnects."""

    def __init__(self, before: bytes = b"", after: bytes = b"") -> None:
        self.gone, self._before, self._after = threading.Event(), before, after

    def read(self, size: int = -1) -> bytes:
        before, self._before = self._before, b""
        if before:
            return before
        self.gone.wait(20)
        after, self._after = self._after, b""
        return after


def echo(environ, start):
    start("200 OK", [])
    return [environ["wsgi.input"].read()]


def ask(layer, stream, **environ):
    statuses = []
    asked = {"REQUEST_METHOD": "POST", "wsgi.url_scheme": "http", "wsgi.input": stream} | environ
    body = layer(asked, lambda status, headers: statuses.append((status, dict(headers))))
    return statuses[0][0], b"".join(body), statuses[0][1]


@pytest.mark.parametrize("size", [1, 1000, bodies.STEP, bodies.STEP + 1, bodies.IN_MEMORY])
@pytest.mark.parametrize("said", ["length", "chunked"])
def test_a_body_is_buffered_whole(size, said):
    length = {"CONTENT_LENGTH": str(size)} if said == "length" else {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert ask(Bodies(echo, 10**7), io.BytesIO(b"x" * size), **length)[:2] == ("200 OK", b"x" * size)


@pytest.mark.parametrize("length", ["", "0", "-5", "nonsense"])
def test_a_request_without_body_is_passed_on_at_once(length):
    assert ask(Bodies(echo, 100), io.BytesIO(), CONTENT_LENGTH=length)[0] == "200 OK"


def refused(environ, start):
    """The status Flask gives to the error that reading such a body raises."""
    with pytest.raises(RequestEntityTooLarge):
        environ["wsgi.input"].read()
    start("413", [])
    return [b""]


def test_a_body_over_the_limit_is_refused_unread():
    assert ask(Bodies(refused, 10), io.BytesIO(b"x" * 11), CONTENT_LENGTH="11")[0] == "413"


def test_a_chunked_body_is_refused_just_after_the_limit():
    stream = io.BytesIO(b"x" * 1000)
    assert ask(Bodies(refused, 10), stream, HTTP_TRANSFER_ENCODING="chunked")[0] == "413"
    assert stream.tell() == 11


def test_a_chunked_form_is_411():
    form = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    assert ask(Bodies(echo, 10), io.BytesIO(), **form)[0] == "411 Length Required"


def test_a_truncated_body_never_reaches_the_view():
    """Else half a form would be stored as the whole."""
    assert ask(Bodies(echo, 100), io.BytesIO(b"half"), CONTENT_LENGTH="8")[0] == "400 Bad Request"


def test_a_large_body_needs_permission():
    large, stream = {"CONTENT_LENGTH": str(bodies.SMALL + 1)}, io.BytesIO(b"x" * (bodies.SMALL + 1))
    assert ask(Bodies(refused, 10**7, lambda environ: False), stream, **large)[0] == "413"
    assert stream.tell() == 0
    assert ask(Bodies(echo, 10**7, lambda environ: True), stream, **large)[0] == "200 OK"


def test_an_announced_length_does_not_extend_the_timeout():
    layer, stream = Bodies(echo, 10**9, timeout=0.05), Trickle()
    too_late = threading.Timer(60, stream.gone.set)
    too_late.start()
    assert ask(layer, stream, CONTENT_LENGTH=str(8 * 10**7))[0] == "408 Request Timeout"
    assert not stream.gone.is_set()
    too_late.cancel()
    stream.gone.set()


def test_received_bytes_extend_the_timeout(monkeypatch):
    monkeypatch.setattr(bodies, "SLOWEST", 10)
    layer, stream = Bodies(echo, 10**7, timeout=0.05), Trickle(b"x" * 50, b"x" * 5)
    threading.Timer(0.2, stream.gone.set).start()
    assert ask(layer, stream, CONTENT_LENGTH="55")[:2] == ("200 OK", b"x" * 55)


def test_a_stalled_body_times_out_and_releases_its_slot():
    layer, streams = Bodies(echo, 100, timeout=0.05), [Trickle() for _ in range(bodies.SMALL_PLACES + 3)]
    answers = [ask(layer, stream, CONTENT_LENGTH="10") for stream in streams]
    assert {status for status, _, _ in answers} == {"408 Request Timeout"}
    assert answers[0][2]["Connection"] == "close"
    assert answers[0][2]["X-Content-Type-Options"] == "nosniff"
    for stream in streams:
        stream.gone.set()


@contextmanager
def waiting(layer, count, **environ):
    """Stalled bodies."""
    stream = Trickle()
    asked = {"args": (layer, stream), "kwargs": {"CONTENT_LENGTH": "10"} | environ}
    threads = [threading.Thread(target=ask, **asked) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stream.gone.set()
        for thread in threads:
            thread.join()


HERE, THERE = {"REMOTE_ADDR": "203.0.113.5"}, {"REMOTE_ADDR": "198.51.100.7"}


def quick(layer, **environ):
    return ask(layer, io.BytesIO(b"x"), CONTENT_LENGTH="1", **environ)


def test_one_network_holds_at_most_a_third_of_the_slots():
    layer = Bodies(echo, 100, timeout=5)
    with waiting(layer, bodies.SMALL_PLACES // 3, **HERE):
        status, _, headers = quick(layer, REMOTE_ADDR="203.0.113.200")
        assert (status, headers["Retry-After"]) == ("503 Service Unavailable", "5")
        assert quick(layer, **THERE)[0] == "200 OK"
    assert quick(layer, **HERE)[0] == "200 OK"


def test_large_bodies_have_slots_of_their_own(monkeypatch):
    monkeypatch.setattr(bodies, "SMALL", 5)
    layer = Bodies(echo, 100, timeout=5)
    with waiting(layer, bodies.LARGE_PLACES // 3, **HERE):
        assert ask(layer, io.BytesIO(b"x" * 10), CONTENT_LENGTH="10", **HERE)[0] == "503 Service Unavailable"
        assert quick(layer, **HERE)[0] == "200 OK"


def test_without_a_free_slot_a_request_is_503_and_json_for_programs(monkeypatch):
    layer = Bodies(echo, 100, timeout=5)
    with ExitStack() as stack:
        for number in range(3):
            stack.enter_context(waiting(layer, bodies.SMALL_PLACES // 3, REMOTE_ADDR=f"10.0.{number}.1"))
        answer = quick(layer, **THERE, CONTENT_TYPE="application/fhir+json")
    assert answer[0] == "503 Service Unavailable"
    assert json.loads(answer[1])["error"].startswith("Too much is being sent")
    assert answer[2]["Content-Type"] == "application/json"


def test_refused_bodies_get_a_page_in_both_languages():
    answer = ask(Bodies(echo, 100, timeout=0.02), Trickle(), CONTENT_LENGTH="10", **HERE)
    page = answer[1].decode()
    assert answer[2]["Content-Type"] == "text/html; charset=utf-8"
    assert all(words in page for words in ("It came too slowly", "यह बहुत धीरे पहुँचा", "<title>Error:"))


def test_timed_out_sockets_block_no_other_network(monkeypatch):
    monkeypatch.setattr(bodies, "READERS", 6)
    layer, streams = Bodies(echo, 100, timeout=0.02), [Trickle() for _ in range(3)]
    answers = [ask(layer, stream, CONTENT_LENGTH="10", **HERE)[0] for stream in streams]
    assert answers == ["408 Request Timeout", "408 Request Timeout", "503 Service Unavailable"]
    assert quick(layer, **THERE)[0] == "200 OK"
    for stream in streams:
        stream.gone.set()


@pytest.mark.parametrize(("scheme", "promises"), [("https", True), ("http", False)])
def test_a_refusal_has_the_headers_of_every_page(scheme, promises):
    _status, _body, headers = ask(
        Bodies(echo, 10), io.BytesIO(b"half"), CONTENT_LENGTH="8", **{"wsgi.url_scheme": scheme}
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("Strict-Transport-Security" in headers) == promises


@pytest.fixture
def asks(app):
    """asks(path, cookie): may the request have a large body?"""

    def asks(path, browser=None):
        cookie = browser.get_cookie("portal") if browser else None
        environ = {"HTTP_COOKIE": f"portal={cookie.value}"} if cookie else {}
        return LargeBodies(app)(create_environ(path, method="POST") | environ)

    return asks


def test_large_bodies_need_a_known_session_and_an_upload_view(asks, client, sign_in, clock):
    person = make_beneficiary()
    browser, visit = sign_in(person), make_visit()
    client.get("/login")
    forms = ["/tokens/new", f"/visits/{visit.uid}/records", "/x/esanjeevani_bridge/places"]
    assert [asks(path, browser) for path in forms] == [True] * 3
    assert [asks(path, browser) for path in ("/login", "/", "/home", "/nowhere", "/visits/x/cancel")] == [False] * 5
    assert [asks(path, client) for path in forms] == [asks(path) for path in forms] == [False] * 3
    clock.tick(13 * 3600)
    assert asks("/tokens/new", browser), "what was typed beside the files is kept for whoever signs in again"
    clock.tick(24 * 3600)
    assert not asks("/tokens/new", browser)


def test_a_large_body_without_a_session_is_refused_at_once(client):
    stream = io.BytesIO(b"x" * 1000)
    said = {"CONTENT_LENGTH": str(8 * 10**7)}
    answer = client.post("/login", input_stream=stream, content_type=FORM, environ_overrides=said)
    assert (answer.status_code, stream.tell()) == (413, 0)


def test_fifty_slow_clients_do_not_block_others(tmp_path):
    with running_portal(tmp_path / "var", PORTAL_WEB_WORKERS="1") as portal:
        where = (urlsplit(portal.url).hostname, urlsplit(portal.url).port)
        slow = [socket.create_connection(where) for _ in range(50)]
        for client in slow:
            client.sendall(SLOW)
        assert portal.is_ready()
        assert len(select.select(slow, [], [], 0)[0]) < len(slow), "answered while slow bodies still hold their places"
        for client in slow:
            client.close()


def test_files_of_anyone_have_slots_and_a_limit_of_their_own():
    layer = Bodies(echo, 100, timeout=5, of_anyone=lambda environ: 12 if environ["PATH_INFO"] == "/rx" else 0)
    rx = {"PATH_INFO": "/rx"}
    with waiting(layer, bodies.OPEN_PLACES // 3, **HERE, **rx):
        assert quick(layer, **HERE, **rx)[0] == "503 Service Unavailable"
        assert quick(layer, **THERE, **rx)[0] == "200 OK"
        assert quick(layer, **HERE, PATH_INFO="/login")[0] == "200 OK"
    with pytest.raises(RequestEntityTooLarge):
        ask(layer, io.BytesIO(b"x" * 13), CONTENT_LENGTH="13", **HERE, **rx)
