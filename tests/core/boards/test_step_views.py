"""The page of further steps: what a doctor reads there."""

import pytest

from portal.core.visits.models import Visit
from tests.consulting import write_notes
from tests.factories import make_beneficiary, make_referral, make_visit
from tests.on_duty import doctor as doctor


def test_a_colleagues_notes_are_read_only_while_treating_the_patient(doctor, sign_in, now):
    old = make_visit("in_call")
    write_notes(old, now, findings="Murmur at the apex")
    Visit.update(state="transferred", live_key=None, lease_until=None).where(Visit.id == old.id).execute()
    new = make_visit(beneficiary=old.beneficiary)
    Visit.update(moved_to=new).where(Visit.id == old.id).execute()
    browser, page = sign_in(doctor), f"/visits/{new.uid}/steps"
    assert "Murmur" not in browser.get(page).text
    treating = Visit.update(state="in_call", doctor=doctor, attempt=1, lease_until=now, here_until=None)
    treating.where(Visit.id == new.id).execute()
    assert "Murmur at the apex" in browser.get(page).text


@pytest.mark.parametrize("is_referred", [True, False])
def test_the_steps_mention_a_referral_only_where_there_is_one(sign_in, is_referred):
    person = make_beneficiary()
    referral = make_referral(person.entry) if is_referred else None
    visit = make_visit("in_call", beneficiary=person, referral=referral)
    browser = sign_in(visit.doctor)
    for page in (f"/visits/{visit.uid}/steps", f"/visits/{visit.uid}/consult"):
        assert (" referral is " in browser.get(page).text) == is_referred
