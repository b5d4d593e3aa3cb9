"""The server's webhook: signed, in time, idempotent; lost, duplicate and late calls do no harm (S55, F26)."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from portal_plugins.video_jitsi import webhook
from portal_plugins.video_jitsi.models import JitsiCallback, JitsiSeat
from werkzeug.test import TestResponse

from portal.base.errors import Invalid
from portal.core.calls import call_log
from portal.core.calls.models import CallEvent
from portal.core.visits.models import Visit
from portal.plugin_host import plugin_settings
from portal.plugin_host.models import PluginState, bump_revision
from portal.plugin_host.registry import registry
from tests.at_once import lost, meanwhile
from tests.plugins.video_jitsi.conftest import CALLBACK_SECRET, Call

ADDRESS = "/x/video_jitsi/callbacks"


@pytest.fixture
def with_secret(call: Call) -> Call:
    """The administrator has set the webhook secret."""
    row = PluginState.get(PluginState.name == "video_jitsi")
    sealed = plugin_settings.sealed(registry().schema("video_jitsi"), {"webhook_secret": CALLBACK_SECRET})
    PluginState.update(settings=row.settings | sealed).where(PluginState.id == row.id).execute()
    bump_revision()
    for role in ("patient", "doctor"):
        call.take_seat(role)
    return call


def callback(call: Call, event: str, now: datetime, *, role: str = "patient", page: str = "p1", key: str = "") -> bytes:
    seat = JitsiSeat.get(JitsiSeat.role == role)
    return json.dumps(
        {
            "idempotencyKey": key or f"{event}-{role}-{page}-key",
            "customerId": "c",
            "eventType": event,
            "sessionId": "s",
            "timestamp": int(now.timestamp() * 1000),
            "fqn": f"vpaas/{call.room.name}",
            "data": {"id": seat.uid, "participantFullJid": f"{call.room.name}@conference.meet/{page}", "name": "x"},
        }
    ).encode()


def signature(body: bytes, now: datetime, secret: str = CALLBACK_SECRET) -> str:
    moment = int(now.timestamp())
    mac = hmac.digest(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={base64.b64encode(mac).decode()}"


def send(client: FlaskClient, body: bytes, header: str) -> TestResponse:
    return client.post(ADDRESS, data=body, headers={webhook.HEADER: header}, content_type="application/json")


def test_joins_and_leaves_are_logged_with_the_servers_time(client, with_secret: Call, now, clock) -> None:
    later = clock.tick(40)
    for event, moment in (
        ("PARTICIPANT_JOINED", now + timedelta(seconds=10)),
        ("PARTICIPANT_LEFT", now + timedelta(seconds=30)),
    ):
        body = callback(with_secret, event, moment)
        assert send(client, body, signature(body, later)).status_code == 200
    (stay,) = call_log.attempts_of(with_secret.visit, later)[0].log.stays
    assert (stay.role, stay.until - stay.since) == ("patient", timedelta(seconds=20))


@pytest.mark.parametrize("spoil", ["body", "secret", "old", "future", "none", "garbage", "era"])
def test_a_forged_or_expired_webhook_call_is_401_with_no_effect(client, with_secret: Call, now, spoil: str) -> None:
    body = callback(with_secret, "PARTICIPANT_JOINED", now)
    moment = {"old": now - timedelta(seconds=301), "future": now + timedelta(seconds=301)}.get(spoil, now)
    header = signature(body, moment, "x" * 32 if spoil == "secret" else CALLBACK_SECRET)
    era = "t=999999999999" + header[header.index(",") :]
    header = {"none": "", "garbage": "t=1,v1=ä", "era": era}.get(spoil, header)
    assert send(client, body + b" " if spoil == "body" else body, header).status_code == 401
    assert CallEvent.select().count() == JitsiCallback.select().count() == 0


def test_without_a_secret_every_webhook_call_is_refused(client, call: Call, now) -> None:
    call.take_seat("patient")
    body = callback(call, "PARTICIPANT_JOINED", now)
    assert send(client, body, signature(body, now, "")).status_code == 401


def test_a_replayed_webhook_call_is_200_and_idempotent(client, with_secret: Call, now) -> None:
    body = callback(with_secret, "PARTICIPANT_JOINED", now)
    answers = [send(client, body, signature(body, now)).status_code for _ in range(3)]
    assert (answers, CallEvent.select().count()) == ([200] * 3, 1)


def test_a_late_left_of_an_old_page_does_not_end_the_new_one(client, with_secret: Call, now, clock) -> None:
    told = [("PARTICIPANT_JOINED", "p1", 0), ("PARTICIPANT_JOINED", "p2", 20), ("PARTICIPANT_LEFT", "p1", 10)]
    later = clock.tick(30)
    for event, page, seconds in told:
        body = callback(with_secret, event, now + timedelta(seconds=seconds), page=page)
        send(client, body, signature(body, later))
    assert call_log.is_there(with_secret.room.uid, "patient", now=later)
    assert Visit.get_by_id(with_secret.visit.id).state == "in_call"


def test_a_webhook_call_changes_no_visit_and_unknown_rooms_are_ignored(client, with_secret: Call, now) -> None:
    Visit.update(attempt=2).where(Visit.id == with_secret.visit.id).execute()
    body = callback(with_secret, "PARTICIPANT_LEFT", now)
    unknown = body.replace(with_secret.room.name.encode(), b"f" * 32).replace(b"-key", b"-two")
    assert [send(client, each, signature(each, now)).status_code for each in (body, unknown)] == [200, 200]
    assert Visit.get_by_id(with_secret.visit.id).state == "in_call"


@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["idempotencyKey", "eventType", "timestamp", "fqn", "data", "id", "participantFullJid"]
                    ),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_body_is_parsed_or_refused(body: bytes) -> None:
    from datetime import UTC

    try:
        parsed: Any = webhook.Callback.model_validate_json(body)
    except ValueError:
        with pytest.raises(Invalid):
            webhook.receive(body, now=datetime(2026, 11, 23, tzinfo=UTC))
    else:
        assert 8 <= len(parsed.key) <= 80


def test_a_call_that_fails_is_taken_when_the_server_calls_again(client, with_secret: Call, now, monkeypatch) -> None:
    body = callback(with_secret, "PARTICIPANT_JOINED", now)
    meanwhile(monkeypatch, 'INSERT INTO "call_event"', lost)
    assert send(client, body, signature(body, now)).status_code == 503
    assert send(client, body, signature(body, now)).status_code == 200
    assert CallEvent.select().count() == 1
