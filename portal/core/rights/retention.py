"""How long a person's medical record is kept (docs/rules/domain.md 5.3): from the last contact, a child's until 21."""

from datetime import date

import peewee

from portal.base.clock import clinic_day
from portal.core.beneficiaries.identity import age_on
from portal.core.beneficiaries.models import Beneficiary
from portal.core.clinic.models import ClinicSession
from portal.core.dispensing.models import Dispensing
from portal.core.prescriptions.models import Prescription
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.visits.models import Visit
from portal.settings.clinic import RightsRules

OF_AGE = 18


def last_contact(person: Beneficiary) -> date:
    """Return the day of the last visit, medicine given, referral or request for one, or else of the registration."""
    days = Visit.select(peewee.fn.MAX(ClinicSession.day)).join(ClinicSession).where(Visit.beneficiary == person)
    given = Dispensing.select(peewee.fn.MAX(Dispensing.at)).join(Prescription)
    collected = given.where(Prescription.beneficiary == person).scalar()
    referred = Referral.select(peewee.fn.MAX(Referral.issued_at)).where(Referral.entry == person.entry).scalar()
    mine = ReferralRequest.beneficiary == person
    asked = ReferralRequest.select(peewee.fn.MAX(ReferralRequest.asked_at)).where(mine).scalar()
    moments = [moment for moment in (person.registered_at, collected, referred, asked) if moment]
    found: list[date | None] = [days.scalar(), *map(clinic_day, moments)]
    return max(day for day in found if day)


def kept_until(person: Beneficiary) -> date:
    """Return the last day on which the record must be kept."""
    return kept_from(last_contact(person), person.entry.date_of_birth)


def kept_from(contact: date, born: date) -> date:
    """Return until when what was written down at the last contact must be kept of somebody born on that day."""
    rules = RightsRules.in_force()
    ends = [years_after(contact, rules.retain_clinical_years)]
    if age_on(born, contact) < OF_AGE:
        ends.append(years_after(born, rules.retain_child_until))
    return max(ends)


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; of 29 February the 28th, where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
