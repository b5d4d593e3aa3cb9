"""Correction of a mobile at the desk: of the person who is here with the card, and of others on the same number."""

from datetime import datetime

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.models import Staff
from portal.core.beneficiaries.mobile_changes import correct_mobile
from portal.core.beneficiaries.models import Beneficiary, MobileChange
from portal.core.desk.mobile_form import Correction
from portal.core.rights.clearing import doomed
from portal.core.rights.models import DataCopy
from portal.core.visits.models import Visit
from portal.core.visits.states import OPEN
from portal.store.db import write
from portal.work import audit
from portal.work.audit import Actor


def correct(wanted: Correction, desk: Staff, *, by: Actor, now: datetime) -> list[MobileChange]:
    """Correct the mobile of all of a form (audited). Copies of everything that the old number asked for are deleted.

    Raises Conflict while one of them has a token that is not over, and for a closed account.
    """
    people = list(Beneficiary.select().where(Beneficiary.entry.in_(wanted.people)))
    with write():
        if Visit.select().where(Visit.beneficiary.in_(people) & Visit.state.in_(OPEN)).exists():
            raise Conflict(_("There is a token that is not over. The number can be corrected after the visit."))
        for entry in wanted.people:
            audit.note("CardSeen", entry.ben_id, by=by, now=now)
        changes = correct_mobile(wanted.people, wanted.mobile, desk=desk, by=by, now=now)
        doomed.delete_copies(DataCopy.select().where(DataCopy.beneficiary.in_(people)))
    return changes
