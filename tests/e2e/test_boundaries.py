"""What a browser and a raw socket may not do: frame a page, go back after signing out, smuggle a request."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import TIMEOUT
from tests.e2e.conftest import Enter
from tests.servers import Portal


class Elsewhere(BaseHTTPRequestHandler):
    """Another site: a page that frames what its query names, and a page that lets itself be framed."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        framed = unquote(urlsplit(self.path).query)
        self.wfile.write(f"<iframe src='{framed}'></iframe>".encode() if framed else b"<h1>A page</h1>")

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_no_page_is_shown_in_a_frame_of_another_site(chromium: Browser, portal: Portal, elsewhere: str) -> None:
    page = chromium.new_context().new_page()
    page.set_default_timeout(TIMEOUT)

    def shown(address: str) -> str:
        page.goto(f"{elsewhere}/?{quote(address)}", wait_until="load")
        return page.frames[1].url

    assert shown(f"{elsewhere}/") == f"{elsewhere}/", "another page is shown there"
    framed = {
        path: shown(f"{portal.url}{path}")
        for path in ("/login", "/staff/login", "/help", "/nothing", "/static/portal.css")
    }
    page.context.close()
    assert {path: url for path, url in framed.items() if not url.startswith("chrome-error:")} == {}


def test_after_signing_out_back_shows_the_sign_in_and_nothing_is_kept(enter: Enter) -> None:
    staff = enter("desk", is_desktop=True)
    staff.sign_in_as_staff("desk.01").open("/announcements")
    page = staff.page
    expect(page.locator("#text")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    page.wait_for_url(lambda url: "/announcements" not in url)
    page.go_back()
    expect(page.locator("#text")).to_have_count(0)
    assert "login" in page.url
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


SMUGGLED = {
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: {host}\r\nX-Canary: 1\r\n\r\n",
    "two lengths": b"POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    "length and chunks": (
        b"POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "folded line": b"GET / HTTP/1.1\r\nHost: {host}\r\nX-A: 1\r\n  folded\r\n\r\n",
    "blank before the colon": b"GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length : 5\r\n\r\nabcde",
    "two hosts": b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: elsewhere.example\r\n\r\n",
    "another host": b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n",
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_a_request_that_two_servers_could_read_in_two_ways_is_refused(portal: Portal, what: str) -> None:
    parts = urlsplit(portal.url)
    asked = SMUGGLED[what].replace(b"{host}", parts.netloc.encode())
    with socket.create_connection((parts.hostname, parts.port), 20) as raw:
        raw.sendall(asked)
        raw.settimeout(20)
        answer = raw.recv(65536)
    status = answer.split(b" ", 2)[1:2]
    assert status in ([b"400"], [b"404"], [b"405"], [b"411"], [b"501"], []), answer[:200]
    assert b"X-Canary" not in answer
