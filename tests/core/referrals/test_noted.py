"""Every slip that is written or withdrawn stands in the audit chain, with the officer who did it."""

from portal.core.referrals.models import Referral
from tests.factories import make_entry, make_specialty, make_staff
from tests.noted import actor_of, noted


def test_a_slip_written_and_withdrawn(sign_in, db):
    make_specialty()
    officer, entry = make_staff("medical_officer"), make_entry()
    browser = sign_in(officer)
    typed = {"ben_id": entry.ben_id, "specialty": "medicine", "reason": "Chest pain"}
    notes = noted(lambda: browser.submit("/referrals/new", typed))
    slip = Referral.get()
    notes += noted(lambda: browser.submit(f"/referrals/{slip.uid}/cancel", page="/referrals"))
    assert notes == [(what, actor_of(officer), slip.uid) for what in ("ReferralIssued", "ReferralCancelled")]
