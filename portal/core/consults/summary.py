"""Summary of the patient beside the notes, by few queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.base.clock import clinic_day
from portal.base.language import gettext as _
from portal.core.beneficiaries.identity import age_in_words
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.records.reading import papers_of
from portal.core.referrals.checks import EXEMPT_FOLLOWUP
from portal.core.visits.models import Visit


@dataclass(frozen=True)
class Summary:
    """The patient of a visit, the reason of the referral, and the records with what their list needs."""

    entry: RegisterEntry
    patient_id: str
    age: str
    reason: str
    complaint: str
    papers: dict[str, Any]


def summary_of(visit: Visit, *, now: datetime) -> Summary:
    """Build the current summary."""
    person = visit.beneficiary
    return Summary(
        entry=person.entry,
        patient_id=person.patient_id,
        age=age_in_words(person.entry.date_of_birth, clinic_day(now)),
        reason=reason_of(visit),
        complaint=visit.complaint,
        papers=papers_of(visit),
    )


def reason_of(visit: Visit) -> str:
    """Return the referral with its reason, and why it was withdrawn since, or why none was needed."""
    if visit.referral is not None:
        told = f"{visit.referral.number}: {visit.referral.reason}"
        if visit.referral.cancelled_at:
            return _("%(referral)s (withdrawn: %(reason)s)", referral=told, reason=visit.referral.cancel_reason)
        if visit.exemption == EXEMPT_FOLLOWUP:
            return _("%(referral)s (a follow-up that the specialist set)", referral=told)
        return told
    return _("No referral needed because of age") if visit.exemption == "EXEMPT_AGE" else _("No referral needed")
