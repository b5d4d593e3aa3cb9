"""Where a reset of a colleague's sign-in must be asked for, and its confirmation by a second administrator."""

from datetime import datetime

from portal.base.errors import Conflict
from portal.base.language import gettext as _
from portal.core.accounts.credentials import NOBODYS
from portal.core.accounts.models import SignIn, Staff
from portal.core.accounts.resets.models import StaffReset, StaffResetAsked, StaffResetConfirmed
from portal.core.accounts.resets.wishes import confirm, is_open_to, require_another, waits
from portal.settings.sign_in import SignInRules
from portal.store.db import one_at_a_time, write
from portal.work.audit import Actor
from portal.work.events import record


def needs_two(person: Staff, kind: str) -> bool:
    """Must a second administrator confirm this (setting `staff_reset_needs_two`)?

    Not the first code of somebody who is new. A new administrator's is confirmed too: else one could make the second.
    """
    if SignInRules.in_force().staff_reset_needs_two == "no":
        return False
    is_new = person.password_hash == NOBODYS and not SignIn.select().where(SignIn.staff == person).exists()
    return not (kind == "code" and is_new and person.role != "admin")


def may_reset(person: Staff, kind: str, staff: Staff, *, by: Actor, now: datetime) -> bool:
    """May this administrator do it now? Otherwise a second one is asked, once.

    Raises Conflict when there is no second one, or for the own sign-in.
    """
    if not needs_two(person, kind):
        return True
    if person.id == staff.id:
        raise Conflict(_("Another administrator must do this for you, or the console: portal staff reset."))
    with write():
        one_at_a_time("resets of staff")
        asked = StaffReset.select().where((StaffReset.staff == person) & (StaffReset.kind == kind))
        if asked.where(is_open_to(StaffReset, staff, now)).exists():
            return True
        require_another(staff)
        if not asked.where(waits(StaffReset, now)).exists():
            StaffReset.create(staff=person, kind=kind, asked_by=staff, asked_at=now)
            record(StaffResetAsked(kind=kind), person.uid, by=by, now=now)
    return False


def confirm_reset(uid: str, staff: Staff, *, by: Actor, now: datetime) -> StaffReset:
    """Let the asking administrator do it. Raises NotFound, Conflict also for the person whose sign-in it is."""
    with write():
        found = confirm(StaffReset, uid, staff, now=now)
        if found.staff_id == staff.id:
            raise Conflict(_("Another administrator has to confirm this: it is your own sign-in."))
        told = StaffResetConfirmed(kind=found.kind, asked_by=found.asked_by.uid)
        record(told, found.staff.uid, by=by, now=now)
    return found


def standing(now: datetime) -> list[StaffReset]:
    """List what waits for a second administrator or is open to the first, the newest first."""
    still = waits(StaffReset, now) | (StaffReset.ends_at > now)
    people = StaffReset.select(StaffReset, Staff).join(Staff, on=StaffReset.staff)
    return list(people.where(still).order_by(StaffReset.id.desc()))
