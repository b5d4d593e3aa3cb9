"""Fixtures: a patient and a doctor with a room between them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from portal_plugins import video_webrtc
from portal_plugins.video_webrtc.models import Seat
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from portal.base.clock import now as clock_now
from portal.base.keys import random_uid
from portal.contracts import Participant, Room, VisitFact
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.models import Beneficiary
from portal.plugin_host.registry import registry
from portal.plugin_host.switches import switch
from portal.work.audit import SYSTEM
from tests.factories import make_beneficiary, make_staff
from tests.plugins.video_webrtc.windows import DESKTOP, Window, Windows


@dataclass
class Side:
    """One side of the call: the person's browser, and the page in it."""

    browser: FlaskClient
    csrf: str
    seat: str
    signal: str = "signal"

    def post(self, message: Any, **headers: str) -> TestResponse:
        """Send one signal, as call.js does; bytes go as they are."""
        data = message if isinstance(message, bytes) else json.dumps(message)
        own = {"X-Seat": self.seat, "X-CSRFToken": self.csrf, "Accept": "application/json"} | headers
        return self.browser.post(
            f"/x/video_webrtc/{self.signal}", data=data, content_type="application/json", headers=own
        )

    def act(self, path: str, body: Any) -> TestResponse:
        """Post what another button of the call posts."""
        headers = {"X-Seat": self.seat, "X-CSRFToken": self.csrf, "Accept": "application/json"}
        return self.browser.post(f"/x/video_webrtc/{path}", json=body, headers=headers)

    def say(self, kind: str, **parts: Any) -> Any:
        """Send a signal that is accepted; return the response's JSON."""
        answer = self.post({"kind": kind} | parts)
        assert answer.status_code == 200, answer.text
        return answer.json

    def hello(self) -> tuple[int, list[dict[str, Any]]]:
        """Join; return the page's own epoch, and who is there."""
        answer = self.say("hello")
        return answer["epoch"], answer["others"]

    def get(self, epoch: int, after: int = 0) -> TestResponse:
        """Poll for signals."""
        headers = {"X-Seat": self.seat, "Accept": "application/json"}
        return self.browser.get(f"/x/video_webrtc/{self.signal}?epoch={epoch}&after={after}", headers=headers)

    def hear(self, epoch: int, after: int = 0) -> list[dict[str, Any]]:
        """Return the signals of the other side."""
        answer = self.get(epoch, after)
        assert answer.status_code == 200, answer.text
        return answer.json["messages"]


@dataclass
class Call:
    """A room, the two people it is for, and their browsers."""

    room: Room
    patient: Beneficiary
    doctor: Staff
    browsers: dict[str, FlaskClient]
    now: datetime

    def link(self, role: str, now: datetime | None = None) -> str:
        """Make a join link, as the room's page gets it."""
        person = self.patient if role == "patient" else self.doctor
        participant = Participant(person.uid, role, "Somebody", "en")
        return video_webrtc.join_link(room=self.room, participant=participant, now=now or clock_now()).url

    def join(self, role: str) -> Side:
        """Follow a join link to the call, which any page of the portal may carry."""
        around = self.browsers[role].get("/privacy")
        csrf = around.text.split('name="csrf-token" content="')[1].split('"')[0]
        call = self.browsers[role].get(self.link(role))
        assert call.status_code == 200, call.text
        return Side(self.browsers[role], csrf, call.text.split('data-seat="')[1].split('"')[0])

    def close(self) -> None:
        """End the call as the core does when the visit moves on."""
        video_webrtc.close_room(room=self.room)

    def seats(self) -> int:
        """Count the seats in the database."""
        return Seat.select().count()


@pytest.fixture
def switched_on(db: None, now: datetime) -> None:
    """The plugin is on."""
    if not registry().is_on("video_webrtc"):
        switch("video_webrtc", True, by=SYSTEM, now=now)
        registry().sync()


def make_room(now: datetime) -> Room:
    """A room of some visit's first call."""
    return video_webrtc.open_room(visit=VisitFact(random_uid(), "MED-001", "medicine", 1), now=now)


@pytest.fixture
def call(switched_on: None, sign_in: Any, now: datetime) -> Call:
    """A room with its patient and doctor, both signed in."""
    patient, doctor = make_beneficiary(), make_staff("doctor")
    browsers = {"patient": sign_in(patient), "doctor": sign_in(doctor)}
    return Call(make_room(now), patient, doctor, browsers, now)


@pytest.fixture
def url(app: Any) -> Iterator[str]:
    """The application on a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def windows(chromium: Browser, call: Call, url: str) -> Iterator[Windows]:
    opened = Windows(chromium, call, url)
    yield opened
    for context in opened.contexts:
        context.close()


@pytest.fixture
def pair(windows: Windows) -> tuple[Window, Window]:
    """Patient and doctor, connected."""
    patient = windows.open("patient")
    patient.expect("waiting")
    patient.shot("patient-waiting")
    doctor = windows.open("doctor", DESKTOP)
    patient.expect("connected")
    doctor.expect("connected")
    return patient, doctor
