"""Our tokens pass Jitsi's rules, Prosody and PyJWT; any changed claim is refused (S52)."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st
from portal_plugins.video_jitsi import tokens

from tests.plugins.video_jitsi.conftest import SECRET, settings_of
from tests.plugins.video_jitsi.rules import Refused, Server, forge
from tests.servers import need

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ROOM = "0123456789abcdef0123456789abcdef"
JITSI = Server(SECRET, "portal", "jitsi", "meet.example.in", int(NOW.timestamp()))
VERIFY = """
local jwt = require "util.jwt"
local ok, claims = jwt.verify(os.getenv "KEY", os.getenv "TOKEN")
print(ok, ok and claims.room or claims)
"""
CHANGES = {
    "somebody else's issuer": ({"iss": "other"}, "iss"),
    "no issuer": ({"iss": None}, "iss"),
    "another audience": ({"aud": "other"}, "aud"),
    "a list of audiences": ({"aud": ["jitsi"]}, "aud"),
    "no audience": ({"aud": None}, "aud"),
    "no subject": ({"sub": None}, "sub"),
    "another subject": ({"sub": "other.example.in"}, "other sub"),
    "no room": ({"room": None}, "room"),
    "another room": ({"room": "f" * 32}, "other room"),
    "a pattern for a room": ({"room": ".*"}, "other room"),
    "a percent-coded room": ({"room": "%30" + ROOM[1:]}, "other room"),
    "no end": ({"exp": None}, "no exp"),
    "an end that is past": ({"exp": int(NOW.timestamp())}, "exp"),
    "a beginning that is to come": ({"nbf": int(NOW.timestamp()) + 60}, "nbf"),
    "a name that is null": ({"context": {"user": {"id": "1", "name": None}}}, "context.user"),
    "a moderator who is no string": ({"context": {"user": {"id": "1", "moderator": True}}}, "context.user"),
}


def made(*, is_moderator: bool = False, **changes: Any) -> str:
    return tokens.make(
        settings_of(**changes), room=ROOM, seat="seat-1", name="Ramesh Kumar", is_moderator=is_moderator, now=NOW
    )


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def refusal(token: str | None, room: str = ROOM, server: Server = JITSI) -> str:
    with pytest.raises(Refused) as refused:
        server.join(token, room)
    return str(refused.value)


def test_the_doctor_joins_as_owner_and_the_patient_as_member() -> None:
    assert JITSI.join(made(is_moderator=True), ROOM) == "owner"
    assert JITSI.join(made(), ROOM) == "member"
    assert JITSI.join(made(), ROOM.upper()) == "member"  # Jitsi compares in lower case


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_claim_is_refused(name: str) -> None:
    changes, where = CHANGES[name]
    claims = {key: value for key, value in (claims_of(made()) | changes).items() if value is not None}
    assert refusal(forge(claims, SECRET)) == where


@pytest.mark.parametrize(
    ("token", "where"),
    [
        (None, "no token"),
        ("", "no token"),
        ("a.b", "garbage"),
        ("ä.ö.ü", "garbage"),
        (forge(claims_of(made()), "another key that is long enough"), "signature"),
        (made(is_moderator=True)[:-4] + "AAAA", "signature"),
        (forge(claims_of(made()), SECRET, alg="none"), "alg"),
        (forge(claims_of(made()), SECRET, alg="HS512"), "alg"),
        (forge(claims_of(made()), SECRET, typ=None), "typ"),
    ],
)
def test_a_foreign_token_is_refused(token: str | None, where: str) -> None:
    assert refusal(token) == where


def test_a_token_for_one_room_opens_no_other() -> None:
    assert refusal(made(), room="e" * 32) == "other room"


def test_a_token_expires_after_two_minutes_and_is_unique() -> None:
    first, second = claims_of(made()), claims_of(made())
    assert first["exp"] - int(NOW.timestamp()) == 120
    assert int(NOW.timestamp()) - first["nbf"] <= 10
    assert first["jti"] != second["jti"]


def test_a_token_has_no_personal_data_but_the_name_and_permits_no_recording() -> None:
    claims = claims_of(made(is_moderator=True))
    user = {"id": "seat-1", "name": "Ramesh Kumar", "affiliation": "owner", "moderator": "true"}
    assert claims["context"]["user"] == user
    assert set(claims["context"]["features"].values()) == {"false"}
    assert {"recording", "livestreaming", "transcription"} <= claims["context"]["features"].keys()
    assert set(claims) == {"aud", "iss", "sub", "room", "jti", "iat", "nbf", "exp", "context"}


def test_8x8s_service_gets_rs256_with_its_key_id_and_tenant(private_key: str) -> None:
    tenant = "vpaas-magic-cookie-0a1b2c"
    token = made(
        is_moderator=False,
        server="https://8x8.vc",
        app_id=tenant,
        algorithm="RS256",
        key_id=f"{tenant}/4f5e",
        private_key=private_key.replace("\n", " "),
        app_secret="",
    )
    public = load_pem_private_key(private_key.encode(), None).public_key()
    timeless = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    claims = jwt.decode(token, public, ["RS256"], audience="jitsi", issuer="chat", options=timeless)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": f"{tenant}/4f5e"}
    assert (claims["sub"], claims["context"]["user"]["moderator"]) == (tenant, "false")


@given(
    name=st.text(max_size=200),
    seat=st.text(min_size=1, max_size=22),
    is_moderator=st.booleans(),
    moment=st.floats(1.6e9, 4.1e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    audience=st.sampled_from(["", "opd"]),
    issuer=st.sampled_from(["", "us"]),
    subject=st.sampled_from(["", "*"]),
)
@settings(max_examples=60, deadline=None)
def test_every_token_expires_and_has_only_strings(
    name: str, seat: str, is_moderator: bool, moment: datetime, audience: str, issuer: str, subject: str
) -> None:
    own = settings_of(audience=audience, issuer=issuer, subject=subject)
    token = tokens.make(own, room=ROOM, seat=seat, name=name, is_moderator=is_moderator, now=moment)
    claims = claims_of(token)
    assert claims["nbf"] <= claims["iat"] <= claims["exp"] <= int((moment + timedelta(minutes=2)).timestamp())
    assert all(isinstance(value, str) for value in claims["context"]["user"].values())
    server = Server(SECRET, issuer or "portal", audience or "jitsi", "meet.example.in", int(moment.timestamp()))
    assert server.join(token, ROOM) == ("owner" if is_moderator else "member")


def test_prosodys_own_library_accepts_our_token_and_no_other() -> None:
    need("lua5.4", "tokens are not checked by Prosody's own library")
    need("prosody", "tokens are not checked by Prosody's own library")
    good = made()
    assert ask_prosody(SECRET, good) == ["true", ROOM]
    assert ask_prosody(SECRET, good[:-3] + "abc")[0] == "false"
    assert ask_prosody("another key that is long enough", good)[0] == "false"
    assert ask_prosody(SECRET, forge(claims_of(good), SECRET, alg="none"))[0] in {"false", "nil"}


def ask_prosody(key: str, token: str) -> list[str]:
    environ = {
        "KEY": key,
        "TOKEN": token,
        "LUA_PATH": "/usr/lib/prosody/?.lua;;",
        "LUA_CPATH": "/usr/lib/prosody/?.so;;",
    }
    said = subprocess.run(["lua5.4", "-e", VERIFY], env=environ, check=True, capture_output=True, text=True, timeout=99)
    return said.stdout.split()


def test_json_of_the_claims_is_ascii_or_utf8_whatever_the_name() -> None:
    token = tokens.make(settings_of(), room=ROOM, seat="s", name="रमेश\u202e\n कुमार", is_moderator=False, now=NOW)
    assert claims_of(token)["context"]["user"]["name"] == "रमेश कुमार"
    assert json.dumps(claims_of(token))
