"""Settings: which servers and keys are accepted, and the reason for refusing others."""

from typing import Any

import pytest
from portal_plugins.video_jitsi.settings import Settings

from portal.plugin_host.plugin_settings import problems_of
from tests.fakes import SETTINGS
from tests.plugins.video_jitsi.conftest import settings_of

OWN = SETTINGS["video_jitsi"]
FIVE_MINUTES = "The public server meet.jit.si ends embedded calls after five minutes. Name your own."
ADDRESS = "Give only the server's address, such as https://meet.example.in."
HTTPS = "The address must begin with https: browsers give camera and microphone to no other."
TENANT = "vpaas-magic-cookie-0a1b2c"


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("https://meet.jit.si", FIVE_MINUTES),
        ("https://MEET.jit.si.", FIVE_MINUTES),
        ("https://beta.meet.jit.si", FIVE_MINUTES),
        ("https://jit.si/", FIVE_MINUTES),
        ("https://meet.example.in/room", ADDRESS),
        ("meet.example.in", ADDRESS),
        ("ftp://meet.example.in", ADDRESS),
        ("http://meet.example.in", HTTPS),
    ],
)
def test_an_unusable_server_is_refused_with_the_reason(server: str, sentence: str) -> None:
    assert problems_of(Settings, OWN | {"server": server}) == {"server": sentence}


@pytest.mark.parametrize(
    "server", ["https://127.0.0.1", "https://10.1.2.3:8443", "https://user:secret@meet.example.in"]
)
def test_a_server_inside_the_network_must_be_allowed_by_the_operator(server: str) -> None:
    assert set(problems_of(Settings, OWN | {"server": server})) == {"server"}


def test_the_url_is_normalised() -> None:
    settings = settings_of(server=" https://Meet.Example.in/ ")
    assert (settings.server, settings.script) == ("https://meet.example.in", "https://meet.example.in/external_api.js")


@pytest.mark.parametrize(
    "changes",
    [
        {"app_secret": "short"},
        {"algorithm": "RS256"},
        {"algorithm": "RS256", "key_id": "k", "private_key": "nonsense"},
        {"app_id": TENANT},
        {"server": "https://8x8.vc"},
        {"webhook_secret": "short"},
        {"app_id": "a b"},
    ],
)
def test_keys_that_do_not_match_are_refused(changes: dict[str, Any]) -> None:
    assert problems_of(Settings, OWN | changes)


def test_a_private_key_survives_a_one_line_form_field(private_key: str) -> None:
    settings = settings_of(algorithm="RS256", key_id="k1", private_key=private_key.replace("\n", ""), app_secret="")
    assert settings.pem == private_key


def test_8x8s_service_has_the_tenant_in_its_urls(private_key: str) -> None:
    settings = settings_of(
        server="https://8x8.vc", app_id=TENANT, algorithm="RS256", key_id=f"{TENANT}/1", private_key=private_key
    )
    assert settings.script == f"https://8x8.vc/{TENANT}/external_api.js"
    assert settings.room_path("abc") == f"{TENANT}/abc"


def test_secrets_are_in_no_text() -> None:
    assert OWN["app_secret"] not in repr(settings_of()) + str(settings_of())
