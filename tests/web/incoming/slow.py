"""Slow clients (slow loris), and servers under test: granian alone, and behind the shipped proxy files."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.servers import ROOT, free_port, need, wait_for

START = (
    "from portal import config, serving; "
    "serving.make_server(config.load({'PORTAL_DEMO': '1', 'PORTAL_DATA_DIR': %r, 'PORTAL_BIND': %r, "
    "'PORTAL_WEB_WORKERS': '1'}), 'tests.web.incoming.slow_app:app').serve()"
)
MEGABYTES = 80_000_000
PATIENCE = 30.0  # seconds a client of another network waits, however busy the machine


@contextmanager
def process(line: list[str], **environ: str) -> Iterator[None]:
    """A child process, killed with its children at the end."""
    child = subprocess.Popen(line, cwd=ROOT, env=os.environ | environ, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(child.pid, 9)
        child.wait()


@contextmanager
def direct(folder: Path, timeout: float, *, is_behind_proxy: bool = False) -> Iterator[str]:
    """granian as in production; its URL."""
    port = free_port()
    extra = {"SLOW_APP_PROXY": "1"} if is_behind_proxy else {}
    line = [sys.executable, "-c", START % (str(folder / "var"), f"127.0.0.1:{port}")]
    ledger = {"SLOW_APP_LEDGER": str(folder / "ledger"), "SLOW_APP_TIMEOUT": str(timeout)}
    with process(line, **ledger, **extra):
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(address), "granian to answer")
        yield address


@contextmanager
def behind(proxy: str, folder: Path, timeout: float = 10.0) -> Iterator[str]:
    """granian behind nginx or Caddy with the shipped file; the proxy's URL."""
    need(proxy, f"nothing is tested behind {proxy}")
    with direct(folder, timeout, is_behind_proxy=True) as inner:
        port = free_port()
        lines = {"nginx": nginx_files, "caddy": caddy_files}[proxy](folder, port, urlsplit(inner).netloc)
        with process(lines, XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)):
            address = f"http://127.0.0.1:{port}"
            wait_for(lambda: answers(address), f"{proxy} to answer")
            yield address


def nginx_files(folder: Path, port: int, inner: str) -> list[str]:
    """The shipped site without TLS, on this port, in a folder of its own."""
    text = (ROOT / "deploy/nginx.conf").read_text().replace("127.0.0.1:8000", inner)
    before, _to_https, site = text.split("server {\n", 2)
    site = f"server {{\n    listen 127.0.0.1:{port};\n" + re.sub(r" *(listen|ssl_).*\n", "", site)
    (folder / "site.conf").write_text(before + site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    who = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{who} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"events {{ worker_connections 4096; }}\n"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n"
    )
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]


def caddy_files(folder: Path, port: int, inner: str) -> list[str]:
    """The shipped file without TLS, on this port; for Caddy before 2.6.4 with its two lines."""
    text = (ROOT / "deploy/Caddyfile").read_text().replace("127.0.0.1:8000", inner)
    text = text.replace("opd.example.gov.in", f"http://127.0.0.1:{port}").replace("{\n", "{\n\tadmin off\n", 1)
    said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout.lstrip("v")
    if tuple(map(int, re.findall(r"\d+", said)[:3])) < (2, 6, 4):
        text = re.sub(r"request_buffers (\w+)", r"buffer_requests\n\t\t\tmax_buffer_size \1", text)
    (folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def answers(address: str) -> bool:
    """Does the port accept connections?"""
    try:
        return httpx.get(address, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def slow_clients(
    address: str, count: int, *, length: int, path: str = "/login", source: str = "127.0.1.2"
) -> Iterator[list[socket.socket]]:
    """Clients of one network that announce a length and send a byte a second, also after their response."""
    where = (urlsplit(address).hostname or "", urlsplit(address).port or 80)
    head = f"POST {path} HTTP/1.1\r\nHost: {where[0]}:{where[1]}\r\nContent-Length: {length}\r\n\r\nx".encode()
    clients = [socket.create_connection(where, source_address=(source, 0)) for _ in range(count)]
    over = threading.Event()

    def drip() -> None:
        for client in clients:
            client.sendall(head)
        while not over.wait(1):
            for client in clients:
                try:
                    client.send(b"x")
                except OSError:
                    continue  # the server closed the connection

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        yield clients
    finally:
        over.set()
        dripping.join()
        for client in clients:
            client.close()


def seconds_of_a_post(address: str, content: bytes = b"mobile=9000000001", path: str = "/login") -> float:
    """Seconds that a client of another network waits for the response to a form; raises after PATIENCE."""
    began = time.monotonic()
    answer = httpx.post(f"{address}{path}", content=content, timeout=PATIENCE)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.text.split()[0] == str(len(content))
    return time.monotonic() - began


def status_of(client: socket.socket, seconds: float) -> int:
    """The status of a slow client's response, 0 on timeout."""
    client.settimeout(seconds)
    try:
        return int(client.recv(200).split()[1])
    except TimeoutError:
        return 0
