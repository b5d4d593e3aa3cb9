"""What people type and what browsers send back: codes, numbers, dates, doses, tickets, JSON."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from portal_plugins.video_jitsi import tokens
from portal_plugins.video_webrtc import checks, messages, tickets

from portal.base import json_text, keys, mobile, plain_text, signed, typed
from portal.base.errors import PortalError
from portal.core.paper import codes
from portal.core.prescribing.dosing import phrases, reading
from tests.databases import SECRET_KEY
from tests.fuzz.inputs import TEXTS, altered, bodies, fuzz, json_of

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
LONG = TEXTS.flatmap(lambda text: st.integers(1, 400).map(lambda times: text * times))
NEAR_CODE = st.lists(
    st.sampled_from([*"7K3M0QRT9XWA2BCDILOU-–— ०५/%2", "\u200b", "https://x.in/rx/", "7K3M-0QRT-9XWA-2BCD"]),
    max_size=60,
).map("".join)
NEAR_NUMBER = st.lists(st.sampled_from([*"+0919876543210०९८-–() .", "\u202e", "\u00ad"]), max_size=24).map("".join)
PHRASES = [
    *"1 2 ½ ¼ 0 - + x / , . ( )".split(),
    *"od bd tds qid sos hs stat tab tablet ml drops puff mg daily twice morning night then for days weeks".split(),
    *"before after food and or to every hours 1-0-1 1+1+1 half taper सुबह शाम दिन में दो बार १ खाने के बाद".split(),
]
NEAR_DOSE = st.lists(st.sampled_from(PHRASES), max_size=30).map(" ".join)


@pytest.fixture(autouse=True)
def _key() -> None:
    keys.install(SECRET_KEY)


def test_a_typed_otp_becomes_plain_signs_and_the_same_when_typed_again() -> None:
    def call(text: str) -> None:
        found = typed.code(text)
        assert typed.code(found) == found
        assert not any(sign.isspace() for sign in found)

    fuzz(call, NEAR_NUMBER | LONG)


def test_a_typed_code_of_a_prescription_is_one_of_sixteen_letters_or_none() -> None:
    def call(text: str) -> None:
        found = codes.normalise(text)
        assert not found or (len(found) == 19 and set(found.replace("-", "")) <= set(codes.LETTERS))
        assert codes.normalise(found) == found

    fuzz(call, NEAR_CODE | LONG)


def test_a_typed_mobile_is_an_indian_one_or_refused() -> None:
    def call(text: str) -> None:
        found = mobile.normalise(text)
        assert found.startswith("+91")
        assert len(found) == 13
        assert mobile.normalise(found) == found

    fuzz(call, NEAR_NUMBER | LONG, refuses=(ValueError,))


def test_a_typed_date_is_a_date_or_refused() -> None:
    near = st.lists(st.sampled_from([*"0123456789०१/-. ", "1950", "31", "02"]), max_size=12).map("".join)

    def call(boxes: tuple[str, str, str]) -> None:
        found = typed.read_boxes(boxes)
        assert typed.read_date(f"{found.day}/{found.month}/{found.year:04}") == found

    fuzz(call, st.tuples(near | LONG, near | st.just(""), near | st.just("")), refuses=(typed.NotADate,))


def test_a_dose_is_understood_or_not_and_nothing_in_between() -> None:
    def call(texts: tuple[str, str]) -> None:
        found = reading.read.__wrapped__(*texts)
        assert reading.read.__wrapped__(*texts) == found
        phrases.normalised(texts[0])

    fuzz(call, st.tuples(NEAR_DOSE | LONG, NEAR_DOSE | TEXTS), examples=250)


def test_a_ticket_that_nobody_issued_opens_nothing() -> None:
    ours = [signed.pack(tickets.TICKET, "a|b|c|d|99"), signed.write(tokens.TICKET, "a", "b", "c", "d", "99")]

    @st.composite
    def near(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(ours))
        at = draw(st.integers(0, len(text) - 1))
        sign = draw(st.sampled_from([*"Aa0-_.=+/é\0", ""]))
        return text[:at] + sign + text[at + draw(st.integers(0, 2)) :]

    def call(text: str) -> None:
        for read in (tickets.read, tokens.read):
            with pytest.raises(PortalError):
                read(text, now=NOW)
        for read_one in (tickets.seat_of, tickets.invitation_of):
            with pytest.raises(PortalError):
                read_one(text)
        signed.is_mark("x", text, "y")

    fuzz(call, near() | LONG)


OFFER = {"kind": "offer", "epoch": 1, "peer": 2, "sdp": "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"}
CANDIDATES = {
    "kind": "candidates",
    "epoch": 1,
    "peer": 2,
    "candidates": [{"candidate": "candidate:1 1 udp 1 10.0.0.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}],
}


@pytest.mark.parametrize("payload", [OFFER, CANDIDATES], ids=["SDP", "ICE"])
def test_a_signal_of_a_call_is_parsed_or_refused(payload: dict[str, Any]) -> None:
    def call(body: bytes) -> None:
        found = messages.parse(body)
        assert json_of(found.body()), "what is passed on is JSON again"

    fuzz(call, bodies(payload), refuses=(PortalError,))


def test_the_result_of_a_call_check_is_parsed_or_refused() -> None:
    parts = dict.fromkeys(("camera", "microphone", "speaker", "network", "relay"), "good")
    fuzz(checks.parse, bodies(parts | {"rtt_ms": 40}), refuses=(PortalError,))


def test_json_is_parsed_into_what_can_be_stored_or_refused() -> None:
    def call(body: bytes) -> None:
        found = json_text.read(body)
        assert json_text.read(json_of(found)) == found
        assert plain_text.storable(str(found)) == str(found)

    fuzz(call, bodies({"a": [1, {"b": "ü\0"}]}) | altered({"a": {"a": 1}}).map(json_of), refuses=(ValueError,))
