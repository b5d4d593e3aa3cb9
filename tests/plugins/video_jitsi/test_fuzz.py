"""Signed callbacks with anything in them: a video server that goes wrong breaks no call (S55)."""

import json

from portal.core.visits.models import Visit
from tests.fuzz.inputs import MIB, bodies, fuzz
from tests.plugins.video_jitsi.test_webhook import callback, send, signature
from tests.plugins.video_jitsi.test_webhook import with_secret as with_secret


def test_any_signed_callback_is_answered_and_changes_no_visit(client, with_secret, now):
    true = json.loads(callback(with_secret, "PARTICIPANT_JOINED", now))

    def call(body: bytes) -> None:
        assert send(client, body, signature(body, now)).status_code in {200, 400, 413, 415, 422}
        assert Visit.get_by_id(with_secret.visit.id).state == "in_call"

    fuzz(call, bodies(true), examples=120, seconds=1, memory=32 * MIB)
