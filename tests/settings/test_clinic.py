"""The groups of the clinic's settings."""

import pytest

from portal.base.errors import Invalid
from portal.settings import schema
from portal.settings.clinic import GROUPS, PRESETS, ClinicHours, PageWords, ReferralRules, keys
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


@pytest.mark.parametrize("text", ["198", "1122", "abc", "0", "12345678", "1, 2"])
def test_working_days_are_digits_from_1_to_7_each_once(text):
    with pytest.raises(Invalid) as refused:
        ClinicHours.checked({"working_days": text})
    assert refused.value.fields == {"working_days": "Give digits from 1 (Monday) to 7 (Sunday), each once."}


def test_working_days_are_typed_in_any_order_and_script():
    assert ClinicHours.checked({"working_days": "71"}).working_days == "71"
    assert ClinicHours.checked({"working_days": "१२३"}).working_days == "123"


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("helpline", "call me", "Give a telephone number: digits, and blanks, +, - or brackets between them."),
        ("helpline", "-", "Give a telephone number: digits, and blanks, +, - or brackets between them."),
        ("grievance_email", "nope", "Give an e-mail address such as name@example.in."),
        ("grievance_email", "a@b@c.in", "Give an e-mail address such as name@example.in."),
        ("grievance_email", "a@localhost", "Give an e-mail address such as name@example.in."),
        *(
            ("ministry_logo", text, "Give the path of a picture on this site, such as /static/logo.png, or nothing.")
            for text in ("http://evil/x.png", "//evil/x.png", "logo.png", "/static/", "/\\evil/x.png", "/a b.png")
        ),
    ],
)
def test_words_that_a_page_links_to_are_what_the_link_needs(key, text, sentence):
    with pytest.raises(Invalid) as refused:
        PageWords.checked({key: text})
    assert refused.value.fields == {key: sentence}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("helpline", "+91 (11) 2306-1234"),
        ("helpline", "108"),
        ("grievance_email", "nodal.officer@mohfw.gov.in"),
        ("ministry_logo", "/static/logos/mohfw-2.svg"),
        ("ministry_logo", ""),
    ],
)
def test_usual_contacts_and_logos_are_allowed(key, text):
    assert getattr(PageWords.checked({key: text}), key) == text
