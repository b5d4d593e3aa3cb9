"""Issuing referrals: for people of the officer's centre, within the limits."""

from datetime import date

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.referrals.models import Referral
from portal.core.referrals.services import cancel, open_referral, refer
from portal.work.audit import Actor
from tests.factories import make_centre, make_entry, make_referral, make_specialty, make_staff

OFFICER = Actor("staff", "mo")


@pytest.fixture
def officer(db):
    make_specialty()
    return make_staff("medical_officer")


def test_a_referral_gets_number_validity_and_limit_from_the_settings(officer, now):
    referral = refer(officer, make_entry().ben_id, "medicine", "Chest pain", urgent=True, by=OFFICER, now=now)
    assert (referral.number, referral.valid_until, referral.max_consults, referral.urgent) == (
        "REF-000001",
        date(2027, 2, 21),
        6,
        True,
    )


def test_a_person_of_another_centre_counts_as_unknown(officer, now):
    foreign = make_entry(centre=make_centre("02"))
    answers = []
    for ben_id in (foreign.ben_id, "9999999"):
        with pytest.raises(Invalid) as refused:
            refer(officer, ben_id, "medicine", "Chest pain", urgent=False, by=OFFICER, now=now)
        answers.append(refused.value.fields)
    assert answers[0] == answers[1]
    assert not Referral.select().exists()


def test_all_wrong_fields_are_named_at_once(officer, now):
    with pytest.raises(Invalid) as refused:
        refer(officer, "x", "surgery", "", urgent=False, by=OFFICER, now=now)
    assert set(refused.value.fields) == {"ben_id", "specialty", "reason"}


def test_a_reason_that_is_too_long_is_refused(officer, now):
    with pytest.raises(Invalid):
        refer(officer, make_entry().ben_id, "medicine", "x" * 501, urgent=False, by=OFFICER, now=now)


def test_a_fourth_valid_specialty_is_refused(officer, now):
    entry = make_entry()
    for code in ("eye", "ent", "orthopaedics"):
        make_referral(entry, specialty=make_specialty(code))
    with pytest.raises(Invalid, match="3 specialists"):
        refer(officer, entry.ben_id, "medicine", "Chest pain", urgent=False, by=OFFICER, now=now)


def test_a_referral_is_withdrawn_once_with_who_and_why(officer, now):
    referral = make_referral(make_entry())
    cancel(officer, referral.uid, "  Wrong   person ", by=OFFICER, now=now)
    after = Referral.get_by_id(referral.id)
    assert (after.cancelled_at, after.cancelled_by, after.cancel_reason) == (now, officer, "Wrong person")
    with pytest.raises(Conflict):
        cancel(officer, referral.uid, "Wrong person", by=OFFICER, now=now)


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 201])
def test_a_referral_is_not_withdrawn_without_a_reason(officer, now, reason):
    referral = make_referral(make_entry())
    with pytest.raises(Invalid) as refused:
        cancel(officer, referral.uid, reason, by=OFFICER, now=now)
    assert set(refused.value.fields) == {"reason"}
    assert Referral.get_by_id(referral.id).cancelled_at is None


def test_a_referral_of_another_centre_is_not_found(officer, now):
    referral = make_referral(make_entry(centre=make_centre("02")))
    with pytest.raises(NotFound):
        cancel(officer, referral.uid, "Wrong person", by=OFFICER, now=now)


def test_a_referral_follows_its_person_to_another_centre(officer, now):
    """The officer of the present centre reads and withdraws it, the one of the former centre does not."""
    there = make_centre("02")
    entry = make_entry()
    referral = make_referral(entry, officer=officer)
    RegisterEntry.update(centre=there).where(RegisterEntry.id == entry.id).execute()
    with pytest.raises(NotFound):
        open_referral(officer, referral.uid)
    assert open_referral(make_staff("medical_officer", centre=there), referral.uid) == referral
