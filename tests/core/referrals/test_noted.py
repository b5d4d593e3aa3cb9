"""Audit of issued and withdrawn referrals, with the officer."""

from portal.core.referrals.models import Referral
from tests.factories import make_entry, make_specialty, make_staff
from tests.noted import actor_of, noted


def test_issuing_and_withdrawing_a_referral_are_audited(sign_in, db):
    make_specialty()
    officer, entry = make_staff("medical_officer"), make_entry()
    browser = sign_in(officer)
    typed = {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain"}
    notes = noted(lambda: browser.submit("/referrals/new", typed))
    referral = Referral.get()
    why = {"reason": "Seen in person instead"}
    notes += noted(lambda: browser.submit(f"/referrals/{referral.uid}/cancel", why, page=f"/referrals/{referral.uid}"))
    assert notes == [(what, actor_of(officer), referral.uid) for what in ("ReferralIssued", "ReferralCancelled")]
