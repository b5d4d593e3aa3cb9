"""Pages of sharing."""

import re

import pytest

from portal.core.family.models import Share
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_centre, make_session, make_specialty, make_staff, make_visit

CODE = re.compile(r'class="code">([0-9A-Z-]{14})<')


def finished(now, specialty="medicine") -> Prescription:
    """A prescription whose visit is over."""
    issued = make_prescription(now, make_visit("in_call", session=make_session(specialty=make_specialty(specialty))))
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    return issued


@pytest.fixture
def issued(db, now) -> Prescription:
    return finished(now)


def share(browser, issued, **form):
    address = f"/visits/{issued.visit.uid}/shares"
    answer = browser.post(address, data=browser.hidden_fields(address) | form)
    return answer, browser.get(address).get_data(as_text=True)


def test_the_family_names_a_person_who_then_sees_the_medicines(issued, sign_in, client):
    answer, page = share(sign_in(issued.beneficiary), issued, **{"with": "person", "name": "Sita Devi"})
    assert answer.status_code == 303
    (code,) = CODE.findall(page)
    opened = client.post("/shared", data=client.hidden_fields("/shared") | {"code": code.replace("-", " ")})
    assert opened.status_code == 303
    text = client.get(opened.location).get_data(as_text=True)
    assert all(word in text for word in ("PARACETAMOL 500 mg", "15 tablets", issued.code, "R.K."))
    assert not [word for word in ("Ramesh", "headache", "Rest and water", "G44") if word in text]
    assert "Opened on" in sign_in(issued.beneficiary).get(f"/visits/{issued.visit.uid}/shares").get_data(as_text=True)


def test_a_link_with_the_code_spends_it_only_by_the_button(issued, sign_in, client):
    _answer, page = share(sign_in(issued.beneficiary), issued, **{"with": "person", "name": "Sita Devi"})
    (code,) = CODE.findall(page)
    for _preview in range(3):
        assert f'value="{code}"' in client.get(f"/shared?code={code}").get_data(as_text=True)
    assert Share.get().opened_at is None


def test_another_browser_does_not_find_what_was_opened(issued, sign_in, client, app):
    _answer, page = share(sign_in(issued.beneficiary), issued, **{"with": "person", "name": "Sita Devi"})
    opened = client.post("/shared", data=client.hidden_fields("/shared") | {"code": CODE.findall(page)[0]})
    assert client.get(opened.location).status_code == 200
    assert app.test_client().get(opened.location).status_code == 404


def test_who_had_opened_it_reads_that_it_is_withdrawn_and_can_type_a_new_code(issued, sign_in, client):
    browser = sign_in(issued.beneficiary)
    _answer, page = share(browser, issued, **{"with": "person", "name": "Sita Devi"})
    form = client.hidden_fields("/shared") | {"code": CODE.findall(page)[0]}
    address, shares = client.post("/shared", data=form).location, f"/visits/{issued.visit.uid}/shares"
    assert client.get(address).status_code == 200
    browser.post(f"{shares}/{Share.get().uid}/withdraw", data=browser.hidden_fields(shares))
    answer = client.get(address)
    assert (answer.status_code, "the family has withdrawn it" in answer.get_data(as_text=True)) == (404, True)
    assert 'action="/shared"' in answer.get_data(as_text=True)


def test_wrong_codes_have_a_rate_limit(db, client, clock):
    form = client.hidden_fields("/shared") | {"code": "0000-0000-0000"}
    assert {client.post("/shared", data=form).status_code for _try in range(10)} == {422}
    assert client.post("/shared", data=form).status_code == 429
    clock.tick(61)
    assert client.post("/shared", data=form).status_code == 422


def test_the_pharmacist_of_the_centre_types_the_code_and_gets_the_sheet(issued, sign_in):
    _answer, page = share(sign_in(issued.beneficiary), issued, **{"with": "centre", "centre": "01"})
    pharmacist = sign_in(make_staff("pharmacist"))
    (code,) = CODE.findall(page)
    for _reload in range(2):  # a link, its preview, the way back: none uses it up
        assert f'value="{code}"' in pharmacist.get(f"/dispense?code={code}").get_data(as_text=True)
    assert Share.get().opened_at is None
    answer = pharmacist.submit("/dispense", {"code": code}, page="/dispense")
    assert (answer.status_code, answer.location) == (303, f"/dispense?code={issued.code}")
    assert pharmacist.get(answer.location).status_code == 200


def test_another_centre_reads_why_the_code_does_not_open(issued, sign_in):
    _answer, page = share(sign_in(issued.beneficiary), issued, **{"with": "centre", "centre": "01"})
    elsewhere = sign_in(make_staff("pharmacist", centre=make_centre("02")))
    answer = elsewhere.submit("/dispense", {"code": CODE.findall(page)[0]}, page="/dispense")
    assert (answer.status_code, Share.get().opened_at) == (404, None)
    assert "used, over, withdrawn or for another centre" in answer.get_data(as_text=True)


def test_a_code_is_withdrawn(issued, sign_in, client):
    browser = sign_in(issued.beneficiary)
    _answer, page = share(browser, issued, **{"with": "person", "name": "Sita Devi"})
    address = f"/visits/{issued.visit.uid}/shares"
    browser.post(f"{address}/{Share.get().uid}/withdraw", data=browser.hidden_fields(address))
    assert "You have withdrawn it." in browser.get(address).get_data(as_text=True)
    refused = client.post("/shared", data=client.hidden_fields("/shared") | {"code": CODE.findall(page)[0]})
    assert refused.status_code == 422


def test_a_wrong_form_keeps_what_was_typed_and_makes_no_code(issued, sign_in):
    answer, _page = share(sign_in(issued.beneficiary), issued, **{"with": "centre", "centre": "99", "name": "Sita"})
    assert answer.status_code == 422
    assert 'value="Sita"' in answer.get_data(as_text=True)
    assert not Share.select().exists()


def test_only_the_family_shares_and_of_a_private_visit_only_when_it_is_open(db, now, sign_in):
    issued = finished(now, "psychiatry")
    for person in (issued.beneficiary, make_beneficiary()):
        assert sign_in(person).get(f"/visits/{issued.visit.uid}/shares").status_code == 404


def test_a_repeated_form_makes_one_code(issued, sign_in):
    browser, address = sign_in(issued.beneficiary), f"/visits/{issued.visit.uid}/shares"
    form = browser.hidden_fields(address) | {"with": "person", "name": "Sita Devi"}
    assert [browser.post(address, data=form).status_code for _ in range(2)] == [303, 303]
    assert Share.select().count() == 1
