"""Pages of a correction and of cancelling: the doctor's, the pharmacist's, the family's, the administrator's, /rx."""

import re
from datetime import datetime

import pytest

from portal.core.consults import editions
from portal.core.prescriptions import making, reading
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.work.audit import NOBODY
from tests.consulting import make_prescription, typed
from tests.day.papers import text_of
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("usual_medicines")
REASONS = {"items-0-reason": "as before", "items-1-reason": "as before"}


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    made = make_prescription(now)
    Prescription.update(stored_at=now).execute()
    Visit.update(state="completed", live_key=None).execute()
    return made


def page_of(issued: Prescription) -> str:
    return f"/visits/{issued.visit.uid}/prescription"


def consult_of(issued: Prescription) -> str:
    return f"/visits/{issued.visit.uid}/consult"


def amended(browser, issued: Prescription, **changes: str) -> Prescription:
    browser.submit(f"{page_of(issued)}/amend", {"reason": "Too much was written"}, page=page_of(issued))
    form = typed(judgement="yes", **REASONS | changes)  # the quantity is asked: the dose makes another
    answer = browser.submit(page_of(issued), form, page=consult_of(issued))
    assert (answer.status_code, answer.location) == (303, consult_of(issued))
    return reading.newest_of(issued.visit.uid)


def test_the_author_corrects_on_the_consult_page_and_issues_the_next_version(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    assert "Correct or cancel it" in browser.get(consult_of(issued)).text
    begun = browser.submit(f"{page_of(issued)}/amend", {"reason": "Too much was written"}, page=page_of(issued))
    assert (begun.status_code, begun.location) == (303, consult_of(issued))
    draft = browser.get(consult_of(issued)).text
    assert "Correcting RX-2611-000001: version 2" in draft
    assert 'name="items-0-drug" value="Paracetamol"' in draft
    saved = browser.submit(consult_of(issued), typed(advice="Rest"), page=consult_of(issued))
    assert saved.status_code == 303
    assert 'id="call"' not in draft, "the call is over"
    answer = browser.submit(
        page_of(issued), typed(judgement="yes", **REASONS | {"items-0-quantity": "10"}), page=consult_of(issued)
    )
    assert answer.status_code == 303
    assert reading.newest_of(issued.visit.uid).version == 2
    closed = browser.get(consult_of(issued)).text
    assert "they can no longer be changed" in closed
    assert "Version 2" in closed
    assert "Too much was written" in closed


def test_issued_from_the_page_the_closed_notes_are_opened_whole(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    browser.submit(f"{page_of(issued)}/amend", {"reason": "Too much was written"}, page=page_of(issued))
    form = typed(**REASONS) | browser.hidden_fields(consult_of(issued))
    answer = browser.post(page_of(issued), data=form, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, consult_of(issued))


def test_a_new_medicine_is_refused_at_its_field(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    browser.submit(f"{page_of(issued)}/amend", {"reason": "Too little"}, page=page_of(issued))
    form = typed(**REASONS | {"items-1-drug": "Ibuprofen"})
    answer = browser.submit(page_of(issued), form, page=consult_of(issued))
    assert answer.status_code == 422
    assert 'id="items-1-drug-error"' in answer.text
    assert "needs a consultation" in answer.text


def test_the_issued_one_can_be_kept(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    browser.submit(f"{page_of(issued)}/amend", {"reason": "Too little"}, page=page_of(issued))
    assert "Keep the issued one" in browser.get(page_of(issued)).text
    answer = browser.submit(f"{page_of(issued)}/keep", {}, page=page_of(issued))
    assert (answer.status_code, answer.location) == (303, page_of(issued))
    assert editions.draft_of(issued.visit) is None
    late = browser.submit(page_of(issued), typed(), page=page_of(issued))
    assert late.status_code == 409


def test_without_a_reason_the_page_says_so(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    for step in ("amend", "cancel"):
        answer = browser.submit(f"{page_of(issued)}/{step}", {"reason": ""}, page=page_of(issued))
        assert (answer.status_code, "Say why" in answer.text) == (422, True)


def test_strangers_get_404(sign_in, issued) -> None:
    stranger = sign_in(make_staff("doctor", specialty=None))
    assert stranger.get(page_of(issued)).status_code == 404
    for step in ("amend", "cancel", "keep"):
        assert stranger.submit(f"{page_of(issued)}/{step}", {"reason": "x"}, page="/board").status_code == 404


def test_a_colleague_finds_it_by_number_and_cancels_without_reading_it(sign_in, issued) -> None:
    browser = sign_in(make_staff("doctor"))
    found = browser.get(f"/prescriptions?number={issued.number}")
    assert found.location == page_of(issued)
    shown = browser.get(found.location).text
    assert "Paracetamol" not in shown
    assert "Ramesh" not in shown
    assert "prescription.pdf" not in shown
    assert ">Correct it<" not in shown
    answer = browser.submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    assert (answer.status_code, answer.location) == (303, page_of(issued))
    assert Prescription.get().cancel_reason == "Wrong patient"
    assert browser.get("/prescriptions?number=RX-1").status_code == 422


def test_the_administrator_cancels_by_number_and_sees_nothing_of_it(sign_in, issued) -> None:
    browser = sign_in(make_staff("admin"))
    wrong = browser.submit("/admin/prescriptions", {"number": "RX-1", "reason": "Asked by phone"})
    assert (wrong.status_code, "No prescription has this number" in wrong.text) == (422, True)
    form = {"number": issued.number, "reason": "Asked by phone"}
    assert browser.submit("/admin/prescriptions", form).status_code == 303
    after = browser.get("/admin/prescriptions").text
    assert issued.number in after
    assert "Paracetamol" not in after
    assert Prescription.get().cancelled_at is not None


def test_rx_of_a_replaced_one_says_that_the_new_one_is_cancelled_too(sign_in, client, issued) -> None:
    browser = sign_in(issued.doctor)
    new = amended(browser, issued)
    browser.submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    shown = client.get(f"/rx/{issued.code}").text
    assert f"Replaced by {new.number}, which was cancelled on" in shown
    assert "Only the new one is valid" not in shown
    assert "The prescription holds meanwhile" not in browser.get(page_of(issued)).text


def test_rx_says_by_what_it_is_replaced_but_not_the_new_code(sign_in, client, issued) -> None:
    new = amended(sign_in(issued.doctor), issued)
    shown = client.get(f"/rx/{issued.code}").text
    assert "no longer valid" in shown
    assert f"Replaced by {new.number} on" in shown
    assert new.code not in shown
    assert "genuine" in client.get(f"/rx/{new.code}").text
    link = f'href="/visits/{issued.visit.uid}/prescription.pdf"'
    assert link in sign_in(issued.beneficiary).get(f"/rx/{issued.code}").text
    assert link not in sign_in(make_staff("desk")).get(f"/rx/{issued.code}").text
    assert link not in shown


def test_the_old_code_leads_the_pharmacist_to_the_new_sheet(sign_in, issued) -> None:
    new = amended(sign_in(issued.doctor), issued, **{"items-0-quantity": "10"})
    browser = sign_in(make_staff("pharmacist"))
    led = browser.get(f"/dispense?code={issued.code}")
    assert led.location == f"/dispense?code={new.code}"
    shown = browser.get(led.location).text
    assert f"The paper with number {issued.number} is replaced by {new.number}" in shown
    assert "Version 2, corrected because: Too much was written" in shown
    assert new.number in browser.get("/dispense").text
    assert issued.number not in browser.get("/dispense").text


def test_the_old_code_of_one_cancelled_since_tells_to_give_nothing(sign_in, issued) -> None:
    author, browser = sign_in(issued.doctor), sign_in(make_staff("pharmacist"))
    new = amended(author, issued)
    author.submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    shown = browser.get(browser.get(f"/dispense?code={issued.code}").location).text
    assert f"was replaced by {new.number}, and that is cancelled. Give nothing on it." in shown
    assert "Give by this one" not in shown


def test_a_sheet_that_was_open_gives_nothing_once_it_is_replaced_or_cancelled(sign_in, issued) -> None:
    browser, author = sign_in(make_staff("pharmacist")), sign_in(issued.doctor)
    form = browser.hidden_fields(f"/dispense?code={issued.code}") | {"items-0-quantity": "5"}
    new = amended(author, issued)
    refused = browser.post(f"/dispense/{issued.number}", data=form)
    assert refused.status_code == 409
    assert f"replaced by {new.number}; nothing was written down" in refused.text
    assert f'href="/dispense?code={new.code}"' in refused.text
    form = browser.hidden_fields(f"/dispense?code={new.code}") | {"items-0-quantity": "5"}
    author.submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    refused = browser.post(f"/dispense/{new.number}", data=form)
    assert (refused.status_code, "Give nothing on it" in refused.text) == (409, True)
    assert reading.items_of(new)[0].dispensed == 0


def test_the_family_sees_every_version_and_only_the_new_file(sign_in, issued) -> None:
    new = amended(sign_in(issued.doctor), issued)
    family = sign_in(issued.beneficiary)
    status = {"Accept": "application/json"}
    assert family.get(f"/visits/{issued.visit.uid}", headers=status).json["prescription"] is None, "is being made"
    making.make_pdf(new.id, new.issued_at)
    shown = family.get(f"/visits/{issued.visit.uid}").text
    assert "Only version 2 is valid" in shown
    assert "Too much was written" in shown
    home = family.get("/home").text
    assert new.number in home
    assert issued.number not in home
    sign_in(issued.doctor).submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    assert family.get(f"/visits/{issued.visit.uid}", headers=status).json["prescription"] is None
    assert "Your prescription was cancelled" in family.get(f"/visits/{issued.visit.uid}").text
    assert re.search(rf"{new.number}.*?Cancelled", family.get("/home").text, re.DOTALL)


def test_a_file_that_no_longer_holds_is_served_with_a_stamp_and_stored_without(sign_in, issued, now) -> None:
    making.make_pdf(_remade(issued).id, now)
    browser, address = sign_in(issued.doctor), f"/visits/{issued.visit.uid}/prescription.pdf"
    plain = browser.get(address).data
    new = amended(browser, issued)
    making.make_pdf(new.id, now)
    old = browser.get(f"{address}?version=1").data
    assert ("REPLACED" in text_of(old), "REPLACED" in text_of(plain)) == (True, False)
    assert "REPLACED" not in text_of(sign_in(issued.beneficiary).get(address).data)
    browser.submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    assert "CANCELLED" in text_of(sign_in(issued.beneficiary).get(address).data)
    assert browser.get(f"{address}?version=3").status_code == 404
    assert reading.file_of(Prescription.get_by_id(issued.id), by=NOBODY, now=now) == plain


def test_the_closed_notes_of_a_cancelled_one_offer_no_correction(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    browser.submit(f"{page_of(issued)}/cancel", {"reason": "Wrong person"}, page=page_of(issued))
    closed = browser.get(consult_of(issued)).text
    assert "Wrong person" in closed
    assert "Correct or cancel it" not in closed


def test_cancelled_before_complete_the_patient_is_not_told_that_it_is_being_written(sign_in, issued) -> None:
    Visit.update(state="writing", live_key=str(issued.beneficiary.id)).where(Visit.id == issued.visit_id).execute()
    family, address = sign_in(issued.beneficiary), f"/visits/{issued.visit.uid}"
    poll = re.search(r'hx-get="(/live/[^"]+)"', family.get(address).text).group(1)
    sign_in(issued.doctor).submit(f"{page_of(issued)}/cancel", {"reason": "Wrong patient"}, page=page_of(issued))
    for page in (family.get(address), family.get(poll)):
        assert "Your prescription was cancelled" in page.text
        assert "is writing your prescription" not in page.text


def test_a_visit_that_is_corrected_is_none_of_its_own_earlier_visits(sign_in, issued) -> None:
    browser = sign_in(issued.doctor)
    browser.submit(f"{page_of(issued)}/amend", {"reason": "Too much was written"}, page=page_of(issued))
    page = browser.get(f"/visits/{issued.visit.uid}/consult").text
    assert f"/visits/{issued.visit.uid}/earlier" not in page


def _remade(issued: Prescription) -> Prescription:
    Prescription.update(stored_at=None).where(Prescription.id == issued.id).execute()
    return issued
