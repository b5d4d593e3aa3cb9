"""`portal rekey` covers every encrypted column; afterwards the older key can be removed."""

import peewee
from click.testing import CliRunner

from portal.base import keys
from portal.cli import main
from portal.core.accounts import credentials
from portal.core.accounts.models import Staff
from portal.plugin_host.models import PluginState
from portal.rekey import re_encrypt, sealed_columns
from portal.store.db import BaseModel, close_database
from portal.store.sealed import Renewed, SealedField, columns_of
from portal.work.audit import SYSTEM, AuditRow
from tests.factories import make_staff
from tests.plugin_host.test_plugin_settings import NEW, OLD, password
from tests.plugin_host.test_plugin_settings import plugin as plugin


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


def test_after_rekey_the_older_key_can_be_removed(plugin, config, now):
    person = make_staff("doctor")
    Staff.update(totp_secret=credentials.seal("JBSWY3DPEHPK3PXP")).where(Staff.id == person.id).execute()
    keys.install(f"{NEW},{OLD}")
    assert re_encrypt(by=SYSTEM, now=now) == Renewed(rows=2, unreadable=0)
    keys.install(NEW)
    assert password(config) == "canary"
    assert Staff.totp_secret.unseal(Staff.get_by_id(person.id).totp_secret) == "JBSWY3DPEHPK3PXP"
    assert AuditRow.select().where(AuditRow.action == "SecretsSealedAnew").count() == 1


def test_the_command_rekey_says_how_much_it_re_encrypted(plugin, config):
    environ = {"PORTAL_SECRET_KEY": f"{NEW},{OLD}", "PORTAL_DATA_DIR": str(config.data_dir), "PORTAL_DEMO": "1"}
    close_database()
    said = CliRunner().invoke(main, ["rekey"], env=environ | {"PORTAL_DATABASE_URL": config.database_url})
    assert (said.exit_code, said.output.splitlines()[-1]) == (0, "1 rows are encrypted with the first key.")


def test_an_unreadable_secret_stays_and_is_counted(plugin, config):
    before = PluginState.get(PluginState.name == "account").settings
    environ = {"PORTAL_SECRET_KEY": NEW, "PORTAL_DATA_DIR": str(config.data_dir), "PORTAL_DEMO": "1"}
    close_database()
    said = CliRunner().invoke(main, ["rekey"], env=environ | {"PORTAL_DATABASE_URL": config.database_url})
    assert said.output.splitlines()[-2:] == [
        "0 rows are encrypted with the first key.",
        "1 secrets cannot be decrypted with any of the keys; they are unchanged.",
    ]
    assert PluginState.get(PluginState.name == "account").settings == before
