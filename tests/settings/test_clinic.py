"""The groups of the clinic's settings."""

import pytest

from portal.settings import schema
from portal.settings.clinic import GROUPS, PRESETS, ReferralRules, keys
from scripts.settings_page import PAGE, page


def test_no_two_groups_have_a_setting_of_the_same_name():
    assert len(keys()) == sum(len(group.model_fields) for group in GROUPS)


@pytest.mark.parametrize("group", GROUPS)
def test_every_default_is_allowed_and_every_number_has_bounds(group):
    group.model_validate(group().model_dump())
    numbers = [key for key, field in group.model_fields.items() if field.annotation is int]
    assert [key for key in numbers if schema.bounds(group, key) is None] == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_names_all_referral_rules(name):
    assert set(dict(PRESETS[name])) == set(ReferralRules.model_fields)


@pytest.mark.parametrize("group", GROUPS)
def test_ordered_pairs_are_in_one_group(group):
    assert {key for pair in group.in_order for key in pair} <= set(group.model_fields)


def test_the_settings_documentation_is_up_to_date():
    assert PAGE.read_text() == page()
