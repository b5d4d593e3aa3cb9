"""The page of further steps: what a doctor reads there."""

from portal.core.visits.models import Visit
from tests.consulting import write_notes
from tests.factories import make_visit
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
