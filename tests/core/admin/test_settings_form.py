"""The form of the clinic's settings, and saving it."""

import pytest

from portal.base.errors import Invalid
from portal.core.admin.settings_form import groups, save_settings
from portal.settings.clinic import install, keys
from portal.settings.stored import Setting
from portal.work.audit import SYSTEM
from tests.factories import make_staff


def test_every_setting_but_the_demos_own_is_on_the_page(db):
    shown = {field.key for group in groups({}) for field in group.fields}
    assert set(keys()) - shown == {"demo_all_day"}


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ({"opens_at": "13:00"}, "opens_at"),
        ({"tokens_from": "13:00"}, "tokens_from"),
        ({"wait_late_minutes": "20"}, "wait_late_minutes"),
        ({"wait_long_minutes": "90", "wait_late_minutes": "80"}, "wait_long_minutes"),
        ({"otp_per_hour": "20"}, "otp_per_hour"),
        ({"otp_per_day": "400", "otp_per_day_all": "300"}, "otp_per_day"),
    ],
)
def test_contradicting_settings_are_refused_and_nothing_is_saved(db, now, form, asked):
    with pytest.raises(Invalid) as refused:
        save_settings(form, by=SYSTEM, now=now)
    assert list(refused.value.fields) == [asked]
    assert not Setting.select().exists()


def test_a_field_shows_its_bounds_and_default(db):
    fields = {field.key: field for group in groups({"call_seconds": "5"}) for field in group.fields}
    assert fields["call_seconds"].help == "From 20 to 900. As delivered: 120"
    assert (fields["call_seconds"].value, fields["opens_at"].value) == ("5", "09:00")


def test_a_setting_fixed_by_the_environment_shows_its_variable_and_has_no_field(sign_in):
    install({"PORTAL_CLINIC_CALL_SECONDS": "45"})
    try:
        page = sign_in(make_staff("admin")).get("/admin/settings").text
    finally:
        install({})
    assert "45 (set by the environment: PORTAL_CLINIC_CALL_SECONDS)" in page
    assert 'name="call_seconds"' not in page
    assert 'name="here_minutes"' in page
