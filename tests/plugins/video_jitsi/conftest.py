"""Fixtures: a visit in its call on a Jitsi server, with both people signed in."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask.testing import FlaskClient
from portal_plugins.video_jitsi import probe
from portal_plugins.video_jitsi.models import JitsiRoom
from portal_plugins.video_jitsi.settings import Settings
from werkzeug.test import TestResponse

from portal.core.calls import rooms
from portal.core.calls.models import CallRoom
from portal.core.visits.models import Visit
from portal.plugin_host.registry import registry
from portal.work.audit import SYSTEM
from tests.factories import make_visit
from tests.fakes import SETTINGS, turn_on

SECRET = str(SETTINGS["video_jitsi"]["app_secret"])
CALLBACK_SECRET = "c" * 32


def settings_of(**changes: Any) -> Settings:
    """Settings of a self-hosted server, with changes."""
    return Settings.model_validate(SETTINGS["video_jitsi"] | changes)


@pytest.fixture(scope="session")
def private_key() -> str:
    """An RSA key as PEM; cached, as making one is slow."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Side:
    """One side of the call: the person's browser, and its seat."""

    browser: FlaskClient
    csrf: str
    seat: str

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Post what frame.js posts."""
        own = {"X-CSRFToken": self.csrf, "Accept": "application/json"} | headers
        data = json.dumps(body) if body is not None else b""
        return self.browser.post(f"{self.seat}/{path}", data=data, content_type="application/json", headers=own)

    def token(self) -> TestResponse:
        """Request a token, as every click on "join" does."""
        return self.post("token")

    def tell(self, what: str, connection: str = "page-1", word: str = "") -> TestResponse:
        """Report an event, as the frame does."""
        return self.post("events", {"what": what, "connection": connection, "word": word})


@dataclass
class Call:
    """A visit in its call, the room, and the browsers of both."""

    visit: Visit
    room: CallRoom
    browsers: dict[str, FlaskClient]

    def link(self, role: str) -> str:
        """Make a join link, as the page around it gets it."""
        page = f"/visits/{self.visit.uid}/room" if role == "patient" else f"/visits/{self.visit.uid}/consult"
        return self.browsers[role].get(page).text.split('data-call="')[1].split('"')[0]

    def take_seat(self, role: str) -> Side:
        """Follow a join link to the seat."""
        browser = self.browsers[role]
        fragment = browser.get(self.link(role))
        assert fragment.status_code == 200, fragment.text
        seat = fragment.text.split('<iframe src="')[1].split('"')[0]
        csrf = browser.get(seat).text.split('name="csrf-token" content="')[1].split('"')[0]
        return Side(browser, csrf, seat)


@pytest.fixture
def switched_on(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin is on, the only one, and its server taken to be up."""
    for name in registry().enabled:
        registry().installed.pop(name)
    turn_on("video_jitsi")
    monkeypatch.setattr(probe, "require_server", lambda: None)


@pytest.fixture
def call(switched_on: None, sign_in: Any, now: datetime) -> Call:
    """A call that "Call now" has opened."""
    visit = make_visit("in_call")
    room = rooms.open_room(registry(), visit, by=SYSTEM, now=now)
    assert JitsiRoom.get().uid == room.uid
    return Call(visit, room, {"patient": sign_in(visit.beneficiary), "doctor": sign_in(visit.doctor)})
