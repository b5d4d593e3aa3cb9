"""My medicines on the page of a finished visit."""

from datetime import timedelta

import pytest
from lxml import html

from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from tests.consulting import make_prescription
from tests.factories import make_account, make_beneficiary, make_session, make_specialty, make_visit


def finished(now, **visit) -> Prescription:
    """A prescription whose visit is over."""
    issued = make_prescription(now, make_visit("in_call", **visit))
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    return issued


@pytest.fixture
def issued(db, now) -> Prescription:
    return finished(now)


def shown(client, issued, path=""):
    answer = client.get(f"/visits/{issued.visit.uid}{path}")
    assert answer.status_code == 200
    return html.fromstring(answer.get_data(as_text=True))


def test_a_finished_visit_shows_medicines_advice_and_code(issued, sign_in):
    page = shown(sign_in(issued.beneficiary), issued)
    section = page.get_element_by_id("medicines")
    text = section.text_content()
    assert all(word in text for word in ("PARACETAMOL 500 mg", "CETIRIZINE 10 mg", "Rest and water", issued.code))
    assert "1 tablet three times a day" in text
    assert [picture.get("alt") for picture in section.iter("img")] == ["QR code of this prescription"]


def test_a_day_until_which_it_is_collected_is_not_one_until_which_it_is_taken(issued, sign_in):
    sooner = issued.valid_until - timedelta(days=15)
    PrescribedItem.update(valid_until=sooner).where(PrescribedItem.position == 0).execute()
    text = shown(sign_in(issued.beneficiary), issued).get_element_by_id("medicines").text_content()
    assert "Collect it from the wellness centre until" in text


def test_an_account_in_hindi_reads_it_in_hindi(db, now, sign_in):
    person = make_beneficiary(language="hi")
    person.account.language = "hi"
    person.account.save()
    text = shown(sign_in(person), finished(now, beneficiary=person)).get_element_by_id("medicines").text_content()
    assert "1 गोली दिन में तीन बार" in text
    assert "आपकी दवाएँ" in text


def test_each_card_carries_what_is_read_aloud(issued, sign_in):
    page = shown(sign_in(issued.beneficiary), issued)
    said = [part.get("data-say") for part in page.get_element_by_id("medicines").xpath(".//*[@data-say]")]
    assert said[0] == "PARACETAMOL 500 mg, tablet. 1 tablet three times a day. 5 days."
    assert said[-1] == "Advice. Rest and water"


def test_the_diagnosis_is_shown_in_the_plain_words_that_the_doctor_gave(db, now, sign_in):
    person = make_beneficiary(account=make_account("+919876500009", language="hi"))
    issued = make_prescription(
        now,
        make_visit("in_call", beneficiary=person),
        **{"plain": "Dengue fever", "items-0-purpose": "for pain and fever"},
    )
    Visit.update(state="completed", live_key=None).where(Visit.id == issued.visit_id).execute()
    text = shown(sign_in(person), issued).get_element_by_id("medicines").text_content()
    assert "डेंगू बुखार" in text
    assert "दर्द और बुख़ार के लिए" in text


def test_the_diagnosis_in_the_doctors_words_is_not_shown(issued, sign_in):
    assert "Tension headache" not in shown(sign_in(issued.beneficiary), issued).text_content()


def test_a_visit_under_way_shows_none(db, now, sign_in):
    issued = make_prescription(now)
    assert shown(sign_in(issued.beneficiary), issued).get_element_by_id("medicines", None) is None


def test_a_cancelled_prescription_shows_no_medicines_and_no_code(issued, sign_in, now):
    Prescription.update(cancelled_at=now, cancelled_by=issued.doctor, cancel_reason="wrong").execute()
    page = shown(sign_in(issued.beneficiary), issued)
    assert page.get_element_by_id("medicines", None) is None
    assert issued.code not in page.text_content()


def test_an_expired_one_says_so_and_shows_no_code(issued, sign_in, clock):
    clock.tick(181 * 24 * 3600)
    page = shown(sign_in(issued.beneficiary), issued)
    assert "This prescription was valid until" in page.text_content()
    assert page.get_element_by_id("counter", None) is None


def test_a_private_visit_shows_nothing_until_a_code_opens_it(db, now, sign_in):
    issued = finished(now, session=make_session(specialty=make_specialty("psychiatry")))
    page = shown(sign_in(issued.beneficiary), issued)
    assert page.get_element_by_id("medicines", None) is None
    assert "PARACETAMOL" not in page.text_content()


def test_another_account_does_not_find_it(issued, sign_in):
    assert sign_in(make_beneficiary()).get(f"/visits/{issued.visit.uid}").status_code == 404
