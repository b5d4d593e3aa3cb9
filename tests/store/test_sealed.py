"""Encrypted columns: older ciphertexts decrypt, and nothing else encrypts."""

import re
from pathlib import Path

import pytest

from portal.base import keys
from portal.core.accounts.models import Staff
from portal.plugin_host.models import PluginState
from portal.store.sealed import SealedJSONField

ROOT = Path(__file__).parents[2]


OLD, NEW = "an old key that was long enough " * 2, "a new key that is long enough too " * 2


TOTP = (
    "gAAAAABrC5YqcKCBLUGzPqVC3Wlo1ubHvBRtxyvDfIvn5E9tmjq5irsf_w8B3Tz2kecxIBb2Rl-gxpbfx-US_bt8CfB2s08p2GR_KJWdwRT2qdYO"
    "Pnn1aUQ="
)


PASSWORD = "gAAAAABrC5YqKZhvmvUzX42r46dIRfNodBhIyHaBVwRV2JitiV0wcoJczyFA5DBYcK1MgJNMyreES_ZWJUFhdmf0B5t7cQ6uWg=="


def test_encryption_is_used_for_stored_secrets_and_for_the_key_in_a_backup_only():
    found = re.compile(r"Fernet|AESGCM|ChaCha20|cryptography.*ciphers")
    sealing = sorted(
        path.relative_to(ROOT).as_posix()
        for folder in ("portal", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if found.search(path.read_text())
    )
    assert sealing == ["portal/keeping/sealed_key.py", "portal/store/sealed.py"]


@pytest.mark.parametrize(
    ("column", "sealed", "clear"),
    [(Staff.totp_secret, TOTP, "JBSWY3DPEHPK3PXP"), (PluginState.settings, PASSWORD, "canary")],
    ids=["second factor", "setting"],
)
def test_legacy_ciphertexts_still_decrypt(column, sealed, clear):
    keys.install(f"{NEW},{OLD}")
    assert column.unseal(sealed) == clear
    anew = column.rotated(sealed)
    keys.install(NEW)
    assert (column.unseal(anew), column.unseal(sealed), column.rotated(sealed)) == (clear, None, None)


def test_only_encrypted_strings_of_json_are_re_encrypted():
    keys.install(f"{NEW},{OLD}")
    stored = {"password": PASSWORD, "user": "clinic", "ports": [1, 2], "nothing": None, "lost": TOTP}
    anew, unreadable = SealedJSONField("plugin secrets").renewed(stored)
    assert unreadable == 1
    assert {key for key in stored if anew[key] != stored[key]} == {"password"}
