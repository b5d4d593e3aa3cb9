"""Plugins in a running system of two web processes and a worker: switching under load, installation by pip."""

import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from time import monotonic
from urllib.parse import urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from portal.testing import closed_port
from tests.servers import Portal, running_portal, wait_for
from tests.third_party import install_example

SWITCHES = 200
CHIP = re.compile(r'data-state="(on|off)"')
PLUGIN = "/x/video_webrtc"
FILE = ("file", "GET", f"{PLUGIN}/static/call.js")
OTHERS = [("closed", method, PLUGIN + path) for method in ("GET", "POST", "DELETE") for path in ("", "/", "/signal")]
TURNS = [turn for other in OTHERS for turn in (FILE, other, FILE, ("page", "GET", "/admin/plugins"))]


class Mailbox(MessageHandler):
    """Records the mails that arrive."""

    def __init__(self) -> None:
        super().__init__()
        self.letters = []

    def handle_message(self, message) -> None:
        self.letters.append(message)


@pytest.fixture(scope="module")
def mail() -> Iterator[Controller]:
    host, port = closed_port()
    server = Controller(Mailbox(), hostname=host, port=port)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def portal(mail: Controller, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo with two web processes, with the settings of a plugin installed later in the environment."""
    account = {"HOST": mail.hostname, "PORT": str(mail.port), "ENCRYPT": "no", "DOMAIN": "sms.example.in"}
    settings = {f"PORTAL_PARAMARSH_EMAIL_{key}": value for key, value in account.items()}
    with running_portal(tmp_path_factory.mktemp("portal"), PORTAL_WEB_WORKERS="2", **settings) as running:
        yield running


@contextmanager
def administrator(url: str) -> Iterator[httpx.Client]:
    """A browser signed in as the administrator."""
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as browser:
        press(browser, "/staff/login", page="/staff/login", username="admin", password="demo-paramarsh")
        yield browser


def press(browser: httpx.Client, address: str, page: str = "/admin/plugins", **form: str) -> int:
    """Open a page and submit its form with the CSRF token."""
    return browser.post(address, data=form | {"csrf_token": token_of(browser, page)}).status_code


def token_of(browser: httpx.Client, page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)[1]


@dataclass
class Load:
    """Concurrent requests during switches: (begin, end, kind, answer), each on a new connection."""

    url: str
    seen: list[tuple[float, float, str, object]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, cookies: str) -> None:
        for turn in count():
            if self.over.is_set():
                return
            kind, method, path = TURNS[turn % len(TURNS)]
            begin = monotonic()
            status, text = self._request(method, path, cookies)
            self.seen.append((begin, monotonic(), kind, _said_twice(text) if kind == "page" else status))

    def wait_for_an_answer(self, since: float) -> None:
        """Wait until a request begun after this moment has its response."""
        until = monotonic() + 60
        while monotonic() < until and not any(begin > since for begin, *_rest in self.seen[-4:]):
            self.over.wait(0.002)

    def _request(self, method: str, path: str, cookies: str) -> tuple[int, str]:
        line = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        line.request(method, path, headers={"Cookie": cookies, "Connection": "close"})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text


def _said_twice(text: str) -> tuple[str, str]:
    """The plugin's state by the page's chip and by its button."""
    row = text.partition('id="plugin-video_webrtc"')[2].partition("</li>")[0]
    return CHIP.search(row)[1], "off" if "/enable" in row else "on"


def test_200_switches_under_load_are_consistent_in_every_process(portal):
    load = Load(portal.url)
    with administrator(portal.url) as browser:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        people = [threading.Thread(target=load.ask, args=(cookies,)) for _ in range(2)]
        for person in people:
            person.start()
        switches = _switched(browser, load)
        load.over.set()
        for person in people:
            person.join()
    _judge(load, switches)


def _switched(browser: httpx.Client, load: Load) -> list[tuple[float, float, bool]]:
    """(begin, end, on) of each switch."""
    token, dice, switches = token_of(browser, "/admin/plugins"), random.Random(7), []  # noqa: S311 any moments do
    for number in range(SWITCHES):
        begin, word = monotonic(), ("disable", "enable")[number % 2]
        answer = browser.post(f"/admin/plugins/video_webrtc/{word}", data={"csrf_token": token, "confirm": "yes"})
        assert answer.status_code == 303
        switches.append((begin, monotonic(), word == "enable"))
        if number % 3:
            load.over.wait(dice.random() * 0.04)
        else:  # on a busy machine requests are slower than switches: wait for one before the next switch
            load.wait_for_an_answer(since=switches[-1][1])
    return switches


def _judge(load: Load, switches: list[tuple[float, float, bool]]) -> None:
    """A request between two switches sees the state between them, and no page is inconsistent."""
    settled = 0
    for begin, end, kind, answer in load.seen:
        assert kind != "page" or answer[0] == answer[1]
        state = _state(switches, begin, end)
        if state is None:
            assert kind != "file" or answer in {200, 404}
        else:
            settled += 1
            expected = {"file": 200 if state else 404, "page": ("on", "on") if state else ("off", "off")}
            assert answer == expected.get(kind, answer)
            assert kind != "closed" or state or answer == 404
    assert settled > 50, f"only {settled} of {len(load.seen)} requests fell between switches"


def _state(switches: list[tuple[float, float, bool]], begin: float, end: float) -> bool | None:
    """The state throughout this request; None when it was switched meanwhile."""
    state = True
    for started, finished, enabled in switches:
        if started > end:
            return state
        if finished >= begin:
            return None
        state = enabled
    return state


def test_a_pip_installed_plugin_is_listed_switched_on_and_sends(portal, mail, tmp_path):
    portal.environ["PYTHONPATH"] = str(install_example(tmp_path))
    for name in ("serve", "worker"):
        portal.stop(name)
        portal.start(name)
    wait_for(portal.is_ready, "the portal to be back")
    with administrator(portal.url) as browser:
        browser.cookies.set("lang", "hi")
        assert "ई-मेल से संदेश" in browser.get("/admin/plugins").text
        assert press(browser, "/admin/plugins/paramarsh_email/enable") == 303
        assert press(browser, "/admin/plugins/sms_gateway/disable") == 303
    with httpx.Client(base_url=portal.url, headers={"Origin": portal.url}) as patient:
        assert press(patient, "/login", page="/login", mobile="9000000001") == 303
    (letter,) = wait_for(lambda: mail.handler.letters, "the letter with the OTP")
    assert letter["To"] == "9000000001@sms.example.in"
    assert "is your OTP" in letter.get_payload()
