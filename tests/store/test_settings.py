"""The clinic's settings: typed, checked, back to default by giving the default."""

import pytest

from portal.base.errors import Invalid
from portal.core.admin.services import save_settings
from portal.core.admin.words import setting_groups
from portal.store import settings
from portal.store.settings import DEFAULTS, REFERRAL_PRESETS, Setting
from portal.work.audit import SYSTEM


def test_a_setting_nobody_changed_has_its_default(db):
    assert settings.number("call_seconds") == 120


def test_a_changed_setting_is_in_force(db):
    settings.put("call_seconds", "90")
    assert settings.number("call_seconds") == 90


def test_giving_the_default_again_leaves_no_row(db):
    settings.put("call_seconds", "90")
    settings.put("call_seconds", "120")
    assert not Setting.select().exists()


@pytest.mark.parametrize("text", ["", "-1", "twelve", "19", "901", "९०", "1e2"])
def test_a_number_outside_its_range_is_refused_and_changes_nothing(db, text):
    with pytest.raises(Invalid):
        settings.put("call_seconds", text)
    assert not Setting.select().exists()


@pytest.mark.parametrize("text", ["25:00", "nine", "09:61"])
def test_a_time_that_is_none_is_refused(db, text):
    with pytest.raises(Invalid):
        settings.put("opens_at", text)


@pytest.mark.parametrize("name", REFERRAL_PRESETS)
def test_every_preset_names_settings_that_exist(name):
    assert set(REFERRAL_PRESETS[name]) <= set(DEFAULTS)


def test_every_setting_but_the_demonstrations_own_is_on_the_page(db):
    shown = {key for _heading, labels in setting_groups() for key, _label in labels}
    assert set(DEFAULTS) - shown == {"demo_all_day"}


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ({"opens_at": "13:00"}, "opens_at"),
        ({"wait_late_minutes": "20"}, "wait_late_minutes"),
        ({"wait_long_minutes": "90", "wait_late_minutes": "80"}, "wait_long_minutes"),
    ],
)
def test_two_settings_that_contradict_each_other_are_asked_and_change_nothing(db, now, form, asked):
    with pytest.raises(Invalid) as refused:
        save_settings(form, by=SYSTEM, now=now)
    assert list(refused.value.fields) == [asked]
    assert not Setting.select().exists()
