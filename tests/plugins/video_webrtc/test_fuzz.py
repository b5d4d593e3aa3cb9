"""Signals and findings as no page sends them: refused with a sentence, and the call goes on."""

from portal_plugins.video_webrtc import signals

from tests.fuzz.inputs import MIB, fuzz
from tests.fuzz.inputs import bodies as bodies
from tests.fuzz.test_typed import CANDIDATES, OFFER
from tests.plugins.video_webrtc.test_signals import joined as joined

CHAT = {"kind": "chat", "epoch": 2, "text": "नमस्ते"}
STATUS = {"kind": "status", "epoch": 2, "peer": 1, "state": "connected"}


def test_any_signal_is_passed_on_or_refused_and_the_other_side_still_hears(joined, monkeypatch):
    monkeypatch.setattr(signals, "MOST_SIGNALS", 10**9)
    doctor, patient = joined

    def call(body: bytes) -> None:
        assert patient.post(body).status_code in {200, 400, 409, 413, 422, 429}
        assert isinstance(doctor.hear(1), list)

    from_patient = {"epoch": 2, "peer": 1}
    near = [bodies(signal) for signal in (OFFER | from_patient, CANDIDATES | from_patient, CHAT, STATUS)]
    for some in near:
        fuzz(call, some, examples=30, seconds=1, memory=32 * MIB)
