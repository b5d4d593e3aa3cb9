"""Stored settings: typed, validated, cached, overridden by the environment."""

from datetime import time

import pytest

from portal.base.errors import Invalid
from portal.config import ConfigError, load
from portal.core.admin.settings_form import save_settings
from portal.settings import stored
from portal.settings.clinic import GROUPS, AuditRules, ClinicHours, QueueRules, install, keys, put
from portal.settings.stored import Setting
from portal.store.db import write
from portal.work.audit import SYSTEM
from tests.statements import statements as statements


def test_an_unchanged_setting_has_its_default(db):
    assert QueueRules.in_force().call_seconds == 120


def test_a_changed_setting_is_in_force(db):
    put("call_seconds", "90")
    assert QueueRules.in_force().call_seconds == 90


def test_numbers_and_times_are_typed_in_digits_of_any_script(db):
    put("call_seconds", "९०")
    put("opens_at", "१०:१५")
    assert (QueueRules.in_force().call_seconds, ClinicHours.in_force().opens_at) == (90, time(10, 15))


def test_storing_the_default_deletes_the_row(db):
    put("call_seconds", "90")
    put("call_seconds", "120")
    assert not Setting.select().exists()


@pytest.mark.parametrize("text", ["", "-1", "twelve", "19", "901", "९ ०", "1e2", "+90", "9_0", "90.0", "9" * 5000])
def test_a_number_outside_its_range_is_refused_and_changes_nothing(db, text):
    with pytest.raises(Invalid) as refused:
        put("call_seconds", text)
    assert refused.value.fields == {"call_seconds": "Give a whole number from 20 to 900."}
    assert not Setting.select().exists()


@pytest.mark.parametrize("text", ["25:00", "nine", "09:61", "", "540"])
def test_an_invalid_time_is_refused(db, text):
    with pytest.raises(Invalid) as refused:
        put("opens_at", text)
    assert refused.value.fields == {"opens_at": "Give a time such as 09:00."}


@pytest.mark.parametrize("key", ["institution", "helpline", "working_days"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This must not be empty."),
        ("  ", "This must not be empty."),
        ("1" * 201, "Give a text of at most 200 characters."),
    ],
)
def test_a_required_text_is_neither_empty_nor_too_long(db, key, text, sentence):
    with pytest.raises(Invalid) as refused:
        put(key, text)
    assert refused.value.fields == {key: sentence}


def test_the_stored_format_is_that_of_older_releases(db):
    put("opens_at", "10:30")
    put("call_seconds", "90")
    assert {row.key: row.value for row in Setting} == {"opens_at": "10:30", "call_seconds": 90}
    assert ClinicHours.in_force().opens_at == time(10, 30)


def test_a_stored_value_is_not_validated_again(db):
    Setting.create(key="call_seconds", value=1200)
    Setting.create(key="audit_head_address", value="http://10.0.0.1/heads")
    Setting.create(key="working_days", value="198")
    Setting.create(key="of_a_later_release", value=1)
    assert QueueRules.in_force().call_seconds == 1200
    assert AuditRules.in_force().audit_head_address == "http://10.0.0.1/heads"
    assert ClinicHours.in_force().working_days == "198"


def test_a_rollback_also_reverts_the_cached_settings(db):
    with pytest.raises(ZeroDivisionError), write():
        put("call_seconds", "90")
        assert QueueRules.in_force().call_seconds == 90
        raise ZeroDivisionError
    assert QueueRules.in_force().call_seconds == 120


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_read_with_one_query_and_cached(statements, group):
    put("call_seconds", "90")
    before = group.in_force()
    statements.clear()
    assert group.in_force() is before
    assert len(statements) == 1


@pytest.fixture
def environ():
    """Let a test set the environment."""
    yield install
    install({})


def test_the_environment_overrides_stored_settings(db, environ, tmp_path):
    (tmp_path / "opens").write_text("10:15\n")
    put("call_seconds", "90")
    environ({"PORTAL_CLINIC_CALL_SECONDS": "45", "PORTAL_CLINIC_OPENS_AT_FILE": str(tmp_path / "opens")})
    assert (QueueRules.in_force().call_seconds, ClinicHours.in_force().opens_at) == (45, time(10, 15))
    environ({})
    assert QueueRules.in_force().call_seconds == 90


def test_a_form_cannot_change_an_overridden_setting(db, now, environ):
    environ({"PORTAL_CLINIC_CALL_SECONDS": "45"})
    save_settings({"call_seconds": "90", "here_minutes": "20"}, by=SYSTEM, now=now)
    assert [row.key for row in Setting] == ["here_minutes"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("CALL_SECONDS", "5", "PORTAL_CLINIC_CALL_SECONDS: Give a whole number from 20 to 900."),
        ("CALL_SECONDS", "४५", "PORTAL_CLINIC_CALL_SECONDS: Give a whole number from 20 to 900."),
        ("OPENS_AT", "noon", "PORTAL_CLINIC_OPENS_AT: Give a time such as 09:00."),
        ("HELPLINE_FILE", "/nowhere", "A file of PORTAL_CLINIC_…_FILE cannot be read: /nowhere."),
    ],
)
def test_an_invalid_override_is_a_config_error(tmp_path, environ, name, text, sentence):
    from portal.app import create_app

    wrong = {"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_SECRET_KEY": "k" * 40, f"PORTAL_CLINIC_{name}": text}
    with pytest.raises(ConfigError) as refused:
        create_app(load(wrong))
    assert str(refused.value) == sentence


def test_an_internal_setting_cannot_be_overridden(db, environ):
    environ({"PORTAL_CLINIC_DEMO_ALL_DAY": "1"})
    assert ClinicHours.in_force().demo_all_day is False
    assert stored.fixed(keys()["demo_all_day"]) == {}
