"""What stands beside the notes about the patient."""

from portal.core.consults.summary import reason_of
from portal.core.referrals.models import Referral
from portal.core.visits.models import Visit
from tests.factories import make_beneficiary, make_referral, make_visit


def test_the_doctor_reads_that_a_referral_was_withdrawn_since_and_why(db, now):
    person = make_beneficiary()
    referral = make_referral(person.entry)
    visit = make_visit(beneficiary=person, referral=referral)
    told = f"{referral.number}: Blood pressure not controlled"
    assert reason_of(visit) == told
    Referral.update(cancelled_at=now, cancel_reason="Written for the wrong person").execute()
    assert reason_of(Visit.get_by_id(visit.id)) == f"{told} (withdrawn: Written for the wrong person)"
