"""Who is due: by the last contact, a child at 21, who never registered by the referral."""

from datetime import timedelta

from portal.core.beneficiaries.models import Beneficiary
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.models import Referral
from portal.core.rights.clearing.models import Cleared
from portal.core.visits.models import Visit
from tests.consulting import make_prescription
from tests.core.rights.clearing.kept import store_record, stored
from tests.factories import make_beneficiary, make_entry, make_referral, make_visit


def test_a_record_is_kept_to_the_end_of_its_last_day(person, due, run, clock):
    clock.step(-timedelta(days=1).total_seconds())
    assert run().total == 0
    clock.step(timedelta(days=1).total_seconds())
    assert run().people == 1


def test_a_childs_record_and_one_with_a_later_visit_are_kept(person, due, run, clock):
    moment = due - timedelta(days=100)
    child = make_beneficiary(date_of_birth=due.date() - timedelta(days=3650))
    Beneficiary.update(registered_at=moment - timedelta(days=2000)).where(Beneficiary.id == child.id).execute()
    clock.set(moment)
    make_visit("completed", beneficiary=person)
    clock.set(due)
    assert run().people == 0


def test_who_comes_back_is_due_again_three_years_later(person, due, run, clock, queue):
    run()
    run(is_dry=False)
    make_prescription(clock.now(), make_visit("in_call", beneficiary=person))
    Visit.update(state="completed", live_key=None).execute()
    queue.drain()
    assert run().people == 0
    clock.step(timedelta(days=3 * 365 + 2).total_seconds())
    assert run().counts["prescriptions"] == {"2032-11": 1}
    run(is_dry=False)
    assert not Prescription.select().exists()
    assert Cleared.select().count() == 1


def test_who_never_registered_is_due_by_the_referral(db, now, run, clock):
    entry = make_entry()
    referral = make_referral(entry, reason="Headache that stays")
    store_record(now, referral=referral)
    clock.step(timedelta(days=3 * 365 + 2).total_seconds())
    assert run().counts == {"records": {"2029-11": 1}, "referrals": {"2029-11": 1}}
    run(is_dry=False)
    assert Referral.get_by_id(referral.id).reason == ""
    assert stored() == []
