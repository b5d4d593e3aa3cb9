"""Audit of changed settings, with the administrator."""

from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_changed_settings_are_audited(sign_in, db):
    admin = make_staff("admin")
    browser = sign_in(admin)
    notes = noted(lambda: browser.submit("/admin/settings", {"call_seconds": "90"}))
    assert notes == [("SettingsChanged", actor_of(admin), "settings")]
