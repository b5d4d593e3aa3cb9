"""The slip of a referral as PDF: made by the worker, in both languages, for the officer and the family."""

from io import BytesIO

import pikepdf
import pytest

from portal.core.paper import slip
from portal.core.referrals.events import ReferralIssued
from portal.core.referrals.models import Referral
from portal.core.referring import slips
from portal.core.referring.models import ReferralSlip
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests import verapdf
from tests.day import papers
from tests.factories import make_beneficiary, make_centre, make_referral, make_specialty, make_staff

REASON = "Blood pressure not controlled"


@pytest.fixture
def person(db):
    return make_beneficiary(name="Ramesh Kumar", name_hi="रमेश कुमार", centre=make_centre("01"))


@pytest.fixture
def officer(person):
    return make_staff("medical_officer", name="Dr Kavita Nair", centre=person.entry.centre)


@pytest.fixture
def referral(person, officer, now, queue) -> Referral:
    made = make_referral(person.entry, officer=officer, reason=REASON, number="REF-000123", urgent=True)
    record(ReferralIssued("medicine", urgent=True), made.uid, by=SYSTEM, now=now)
    queue.drain()
    return made


def text_of(content: bytes) -> str:
    return " ".join(papers.text_of(content).split())


def test_the_slip_says_who_is_referred_where_until_when_and_how_often(referral, officer, sign_in):
    answer = sign_in(officer).get(f"/referrals/{referral.uid}/slip.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    with pikepdf.open(BytesIO(answer.data)) as document:
        assert len(document.pages) == 1
    text = text_of(answer.data)
    told = ("REF-000123", "Ramesh Kumar", "रमेश कुमार", "Medicine", "21 Feb 2027", "Urgent", REASON, "Dr Kavita Nair")
    assert [words for words in told if words not in text] == []
    assert "http://localhost/tokens/new" in text


def test_the_family_reads_it_and_no_other(referral, person, sign_in):
    address = f"/referrals/{referral.uid}/slip.pdf"
    assert sign_in(person).get(address).status_code == 200
    assert sign_in(make_beneficiary()).get(address).status_code == 404
    assert sign_in(make_staff("medical_officer", centre=make_centre("02"))).get(address).status_code == 404


def test_a_slip_to_a_private_specialty_is_closed_to_the_family(person, officer, sign_in, queue):
    referral = make_referral(person.entry, officer=officer, specialty=make_specialty("psychiatry"))
    answer = sign_in(person).get(f"/referrals/{referral.uid}/slip.pdf")
    assert (answer.status_code, answer.location) == (303, "/home")


def test_it_is_made_when_asked_for_and_the_page_says_so(person, officer, sign_in, queue):
    referral = make_referral(person.entry, officer=officer)
    browser, address = sign_in(officer), f"/referrals/{referral.uid}/slip.pdf"
    early = browser.get(address)
    assert (early.status_code, early.headers["Retry-After"]) == (503, "3")
    queue.drain()
    assert browser.get(address).status_code == 200


def test_an_extended_referral_gets_a_new_slip(referral, officer, sign_in, queue, now, clock):
    clock.tick(10 * 86400)
    browser = sign_in(officer)
    typed = {"ben_id": referral.entry.ben_id, "specialty": "medicine", "reason": REASON}
    typed |= {"slip": referral.uid, "existing": "extend"}
    assert browser.submit("/referrals/new", typed).status_code == 303
    queue.drain()
    assert "3 Mar 2027" in text_of(browser.get(f"/referrals/{referral.uid}/slip.pdf").data)


def test_a_withdrawn_referral_has_no_slip(referral, officer, sign_in, now):
    Referral.update(cancelled_at=now).execute()
    assert sign_in(officer).get(f"/referrals/{referral.uid}/slip.pdf").status_code == 409


def test_a_damaged_file_is_never_served_and_made_anew(referral, officer, sign_in, queue, config):
    path, browser = config.data_dir / "slips" / referral.uid, sign_in(officer)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert browser.get(f"/referrals/{referral.uid}/slip.pdf").status_code == 503
    queue.drain()
    assert browser.get(f"/referrals/{referral.uid}/slip.pdf").status_code == 200


def test_a_slip_that_a_lost_queue_left_is_made_by_the_sweep_once(person, officer, queue, now):
    referral = make_referral(person.entry, officer=officer)
    ReferralSlip.create(referral=referral)
    slips.sweep_slips(now)
    assert [name for name, _row in queue.waiting] == ["make_slip"]
    queue.drain()
    slips.sweep_slips(now)
    assert queue.waiting == []


def test_an_order_during_the_making_is_not_answered_by_the_older_edition(referral, now, queue, monkeypatch):
    """The file that is under way may say what no longer holds."""
    real, orders = slip.request_of, [referral]

    def ordered_meanwhile(content):
        if orders:
            slips._order(orders.pop())
        return real(content)

    monkeypatch.setattr(slip, "request_of", ordered_meanwhile)
    slips._order(referral)
    before = ReferralSlip.get().edition
    slips.make_slip(ReferralSlip.get().id, now)
    assert (ReferralSlip.get().edition, ReferralSlip.get().stored_at) == (before + 1, None)
    queue.drain()
    assert ReferralSlip.get().stored_at is not None


def test_the_slip_keeps_both_claims(referral, officer, sign_in, tmp_path):
    made = sign_in(officer).get(f"/referrals/{referral.uid}/slip.pdf").data
    assert verapdf.failures(tmp_path, [made]) == []
