"""Referrals for plugins: issued, found, extended, and refused."""

import pytest

from portal.api import referrals
from portal.base.clock import clinic_day
from portal.base.errors import Invalid
from portal.work.audit import SYSTEM
from tests.factories import make_entry, make_specialty, make_staff


def test_a_slip_is_issued_found_and_extended(db, now):
    make_specialty()
    officer, entry = make_staff("medical_officer"), make_entry()

    def write_one(**options):
        return referrals.refer(officer.uid, entry.ben_id, "medicine", "Chest pain", by=SYSTEM, now=now, **options)

    day = clinic_day(now)
    assert referrals.standing(entry.ben_id, "medicine", day=day) is None
    referral = write_one(urgent=False)
    assert referrals.standing(f" {entry.ben_id} ", "medicine", day=day) == referral
    assert referral.valid_until == referrals.valid_until(now)
    with pytest.raises(referrals.StillValid, match=referral.number) as asked:
        write_one(urgent=False)
    assert (asked.value.referral, asked.value.until) == (referral, referral.valid_until)
    other = write_one(urgent=True, choice=referrals.Choice(referral.uid, referrals.REPLACE))
    assert referrals.standing(entry.ben_id, "medicine", day=day) == other != referral
    assert referrals.standing("nobody", "medicine", day=day) is None
    assert referrals.standing(entry.ben_id, "nothing", day=day) is None


def test_an_invalid_slip_is_refused_with_every_field(db, now):
    with pytest.raises(Invalid) as refused:
        referrals.refer(make_staff("medical_officer").uid, "1", "x", "", urgent=False, by=SYSTEM, now=now)
    assert set(refused.value.fields) == {"ben_id", "specialty", "reason"}
