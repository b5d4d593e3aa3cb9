"""Secret settings: encrypted with the newest key, readable with older ones."""

import pytest
from pydantic import Field, SecretStr

from portal.base import keys
from portal.config import ConfigError, load
from portal.contracts import PluginSettings
from portal.core.accounts.models import Staff
from portal.plugin_host.changes import save_plugin_settings
from portal.plugin_host.models import PluginState
from portal.plugin_host.registry import Registry, registry
from portal.plugin_host.switches import obstacles
from portal.work.audit import SYSTEM
from tests.fakes import install_plugin

OLD, NEW = "an old key that was long enough " * 2, "a new key that is long enough too " * 2


class Account(PluginSettings):
    """Settings with a secret."""

    user: str = "clinic"
    password: SecretStr = Field(SecretStr(""))


@pytest.fixture
def plugin(app, db, now, config):
    """A plugin with a secret encrypted with the old key."""
    keys.install(OLD)
    install_plugin(app, "account", settings_schema=lambda: Account)
    save_plugin_settings("account", {"user": "clinic", "password": "canary"}, by=SYSTEM, now=now)
    yield
    keys.install(config.secret_key)


def password(config) -> str:
    """Read the secret as a freshly started process."""
    started = Registry(config, registry().installed)
    started.sync()
    return started.settings("account").password.get_secret_value()


def test_the_older_key_still_decrypts_and_the_newest_encrypts(plugin, config):
    keys.install(f"{NEW},{OLD}")
    assert password(config) == "canary"
    sealed = Staff.totp_secret.seal("1")
    keys.install(NEW)
    assert Staff.totp_secret.unseal(sealed) == "1"


def test_an_unreadable_secret_is_named_and_holds_the_plugin_off(plugin):
    keys.install(NEW)
    sentence = "This cannot be read with the present secret key of the portal. Type it again."
    assert obstacles(registry(), "account") == {"password": sentence}
    assert PluginState.get(PluginState.name == "account").settings["user"] == "clinic"


def test_signatures_of_older_keys_verify_and_of_unknown_keys_do_not():
    keys.install(OLD)
    signature = keys.sign("door", b"text")
    keys.install(f"{NEW},{OLD}")
    assert keys.matches("door", b"text", signature)
    assert keys.matches("door", b"text", keys.sign("door", b"text"))
    assert not keys.matches("door", b"other", signature)
    assert not keys.matches("door", b"text", b"")
    keys.install(NEW)
    assert not keys.matches("door", b"text", signature)


def test_each_of_several_keys_has_to_be_long_enough(tmp_path):
    with pytest.raises(ConfigError, match="PORTAL_SECRET_KEY is too short"):
        load({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_SECRET_KEY": f"{NEW},short"})
