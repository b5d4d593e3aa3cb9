"""Changed settings of the clinic stand in the audit chain, with the administrator who changed them."""

from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_settings_that_were_changed(sign_in, db):
    admin = make_staff("admin")
    browser = sign_in(admin)
    notes = noted(lambda: browser.submit("/admin/settings", {"call_seconds": "90"}))
    assert notes == [("SettingsChanged", actor_of(admin), "settings")]
