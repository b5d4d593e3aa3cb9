"""How long a record is kept: three years from the last contact, a child's until 21; by settings."""

from datetime import date, timedelta

import pytest

from portal.core.clinic.models import ClinicSession
from portal.core.dispensing.models import Dispensing
from portal.core.rights import retention
from portal.settings import clinic
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_centre, make_referral, make_request, make_staff, make_visit


@pytest.fixture
def person(db):
    return make_beneficiary()


def test_a_record_without_a_visit_is_kept_from_the_registration(person):
    assert retention.kept_until(person) == date(2029, 11, 23)


def test_it_is_kept_from_the_last_visit(person, now):
    visit = make_visit("completed", beneficiary=person)
    ClinicSession.update(day=date(2028, 2, 29)).where(ClinicSession.id == visit.session_id).execute()
    assert retention.kept_until(person) == date(2031, 2, 28)


def test_a_childs_record_is_kept_until_21_and_an_almost_grown_ones_for_three_years(db):
    assert retention.kept_until(make_beneficiary(date_of_birth=date(2020, 5, 5))) == date(2041, 5, 5)
    assert retention.kept_until(make_beneficiary(date_of_birth=date(2008, 11, 24))) == date(2029, 11, 24)
    assert retention.kept_until(make_beneficiary(date_of_birth=date(2008, 11, 23))) == date(2029, 11, 23)


def test_the_settings_change_it(person):
    clinic.put("retain_clinical_years", "5")
    assert retention.kept_until(person) == date(2031, 11, 23)
    clinic.put("retain_child_until", "25")
    child = make_beneficiary(date_of_birth=date(2020, 5, 5))
    assert retention.kept_until(child) == date(2045, 5, 5)


def test_medicines_given_later_count_as_contact(db, now, queue):
    issued = make_prescription(now)
    Dispensing.create(
        prescription=issued, centre=make_centre(), pharmacist=make_staff("pharmacist"), at=now + timedelta(days=90)
    )
    assert retention.kept_until(issued.beneficiary) == date(2030, 2, 21)


def test_a_referral_and_a_request_for_one_count_as_contact(person, now):
    make_referral(person.entry, issued_at=now + timedelta(days=30))
    assert retention.kept_until(person) == date(2029, 12, 23)
    make_request(person, asked_at=now + timedelta(days=40))
    assert retention.kept_until(person) == date(2030, 1, 2)
