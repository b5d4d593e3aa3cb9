"""Encrypted columns: `portal rekey` covers them all, and nothing else encrypts."""

import re
from pathlib import Path

import peewee
import pytest

from portal.base import keys
from portal.core.accounts.models import Staff
from portal.plugin_host.models import PluginState
from portal.rekey import sealed_columns
from portal.store.db import BaseModel
from portal.store.sealed import SealedField, SealedJSONField, columns_of

ROOT = Path(__file__).parents[2]
OLD, NEW = "an old key that was long enough " * 2, "a new key that is long enough too " * 2
TOTP = (
    "gAAAAABrC5YqcKCBLUGzPqVC3Wlo1ubHvBRtxyvDfIvn5E9tmjq5irsf_w8B3Tz2kecxIBb2Rl-gxpbfx-US_bt8CfB2s08p2GR_KJWdwRT2qdYO"
    "Pnn1aUQ="
)
PASSWORD = "gAAAAABrC5YqKZhvmvUzX42r46dIRfNodBhIyHaBVwRV2JitiV0wcoJczyFA5DBYcK1MgJNMyreES_ZWJUFhdmf0B5t7cQ6uWg=="


def every_table(parent: type[peewee.Model] = BaseModel) -> list[type[peewee.Model]]:
    return [table for child in parent.__subclasses__() for table in (child, *every_table(child))]


def forgotten(tables: list[type[peewee.Model]]) -> set[str]:
    """Sealed columns that `portal rekey` would not re-encrypt."""
    named = {(column.model, column.name) for column in sealed_columns()}
    columns = columns_of(tables)
    return {f"{column.model.__name__}.{column.name}" for column in columns if (column.model, column.name) not in named}


def test_rekey_re_encrypts_every_sealed_column_of_core_and_plugins(db):
    assert {column.purpose for column in sealed_columns()} >= {
        "totp secrets",
        "plugin secrets",
        "esanjeevani sign-ins",
    }
    ours = [table for table in every_table() if table.__module__.startswith(("portal.", "portal_plugins."))]
    assert forgotten(ours) == set()


def test_a_sealed_column_missing_from_rekey_is_detected(db):
    class Letter(BaseModel):
        text = SealedField("letters")

    assert forgotten([Letter, *every_table()]) == {"Letter.text"}


def test_encryption_is_used_in_one_module_only():
    found = re.compile(r"Fernet|AESGCM|ChaCha20|cryptography.*ciphers")
    sealing = [
        path.relative_to(ROOT).as_posix()
        for folder in ("portal", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if found.search(path.read_text())
    ]
    assert sealing == ["portal/store/sealed.py"]


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
