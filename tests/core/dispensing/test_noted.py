"""Audit of a code that no prescription has: whose guess it was."""

from portal.core.paper import codes
from tests.factories import make_staff
from tests.noted import actor_of, noted


def test_a_wrong_code_is_audited_and_what_is_no_code_is_not(sign_in, db):
    pharmacist = make_staff("pharmacist")
    browser, by = sign_in(pharmacist), actor_of(pharmacist)
    notes = [noted(lambda text=text: browser.get(f"/dispense?code={text}")) for text in (codes.make_code(), "Ramesh")]
    assert notes == [[("WrongCode", by, pharmacist.uid)], []]
