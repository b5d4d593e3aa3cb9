"""What is left of a cleared person reads like an empty record: no page and no copy fails on it."""

import json
import zipfile

import pytest

from portal.core.prescriptions.models import Prescription
from portal.core.records.models import Record
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.rights import copies
from portal.core.rights.models import Case, DataCopy
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM
from tests.factories import make_staff

WORDS = ("Headache", "Penicillin", "Paracetamol", "The call was cut", "Dr. Rao was kind")


@pytest.fixture
def gone(person, due, run) -> dict[str, str]:
    """The person's record is deleted; what its addresses were made of."""
    issued, record = Prescription.get(), Record.get()
    run()
    run(is_dry=False)
    visit = Visit.get_by_id(issued.visit_id)
    return {"visit": visit.uid, "doctor": visit.doctor.uid, "code": issued.code, "record": record.uid}


@pytest.mark.parametrize(
    "address",
    ["/home", "/my/visits", "/my/referrals", "/my/cases", "/my/rights", "/my/data", "/my/readers", "/visits/{visit}"],
)
def test_the_familys_pages_stand_without_the_words(gone, person, sign_in, address):
    answer = sign_in(person).get(address.format(**gone))
    assert answer.status_code == 200
    assert not any(words in answer.get_data(as_text=True) for words in WORDS)


@pytest.mark.parametrize("address", ["/visits/{visit}/prescription.pdf", "/records/{record}"])
def test_files_are_not_found_any_more(gone, person, sign_in, address):
    assert sign_in(person).get(address.format(**gone)).status_code in {404, 410}


def test_the_code_of_a_deleted_prescription_is_unknown_and_the_page_says_that_it_may_be_old(gone, client):
    page = client.get(f"/rx/{gone['code']}").get_data(as_text=True)
    assert "We issued no prescription with this code" in page
    assert "is on record no more" in page


def test_the_officers_and_the_administrators_pages_stand(gone, person, sign_in):
    officer = sign_in(make_staff("medical_officer", centre=person.entry.centre))
    case, referral, request = Case.get(), Referral.get(), ReferralRequest.get()
    addresses = ["/referrals", f"/referrals/{referral.uid}", f"/referrals/requests/{request.uid}"]
    addresses.append(f"/referrals/people?wanted={person.entry.ben_id}")
    assert {officer.get(address).status_code for address in addresses} == {200}
    admin = sign_in(make_staff("admin"))
    assert {admin.get(address).status_code for address in ("/admin", "/admin/messages", "/admin/feedback")} == {200}
    assert admin.get(f"/admin/cases/{case.uid}").status_code == 200


def test_a_copy_of_everything_holds_what_is_left(gone, person, queue, clock):
    copies.ask_copy(person, with_private=False, language="en", by=SYSTEM, now=clock.now())
    queue.drain()
    _row, file = copies.open_copy(person.account, DataCopy.get().uid, frozenset(), by=SYSTEM, now=clock.now())
    with file, zipfile.ZipFile(file) as archive:
        text = archive.read("everything.json").decode()
    everything = json.loads(text)
    assert [visit["prescriptions"] for visit in everything["visits"]] == [[]]
    assert not any(words in text for words in WORDS)
