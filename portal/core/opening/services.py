"""Opening somebody's record: a reason, a second person where the setting asks for one, and half an hour (S10)."""

from datetime import datetime

from portal.base.errors import Invalid, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import one_line
from portal.core.accounts.models import Staff
from portal.core.accounts.resets import wishes
from portal.core.beneficiaries.models import Beneficiary, RegisterEntry
from portal.core.messages.services import queue
from portal.core.opening.models import Opening, RecordOpened
from portal.settings.clinic import RightsRules
from portal.store.db import write
from portal.work import audit
from portal.work.audit import Actor
from portal.work.events import record

SHORTEST, LONGEST = 10, 300  # characters of a reason


def ask_opening(
    person: Beneficiary, reason: str, staff: Staff, *, with_private: bool = False, by: Actor, now: datetime
) -> Opening:
    """Ask to read somebody's record; open at once where nobody else must confirm.

    What is of a private specialty stays closed unless `with_private`: an inquiry reads what it needs and no more.
    Raises Invalid on `reason`, Conflict when nobody could confirm it.
    """
    text = one_line(reason)
    if not SHORTEST <= len(text) <= LONGEST:
        limits = {"low": SHORTEST, "high": LONGEST}
        sentence = _("Give the reason in %(low)s to %(high)s characters: the family can ask for it.", **limits)
        raise Invalid({"reason": sentence})
    needs_two = RightsRules.in_force().record_opening_needs_two == "yes"
    if needs_two:
        wishes.require_another(staff)
    with write():
        asked = {"beneficiary": person, "reason": text, "asked_by": staff, "asked_at": now}
        made: Opening = Opening.create(**asked, with_private=with_private)
        if needs_two:
            audit.note("RecordOpeningAsked", person.uid, by=by, now=now, reason=text, with_private=with_private)
        else:
            _open(made, by=by, now=now)
    return made


def confirm_opening(uid: str, staff: Staff, *, by: Actor, now: datetime) -> Opening:
    """Let the asking administrator read it. Raises NotFound, and Conflict for one's own or an old wish."""
    with write():
        found = wishes.confirm(Opening, uid, staff, now=now)
        _open(found, by=by, now=now)
    return found


def waiting(now: datetime) -> list[Opening]:
    """List what waits for a second person, the newest first."""
    rows = Opening.select(Opening, Beneficiary, RegisterEntry).join(Beneficiary).join(RegisterEntry)
    return list(rows.where(wishes.waits(Opening, now)).order_by(Opening.id.desc()))


def opened_by(staff: Staff, uid: str, now: datetime) -> Opening:
    """Find an opening that this administrator asked for and that lasts. Raises NotFound for any other."""
    found: Opening | None = Opening.get_or_none((Opening.uid == uid) & wishes.is_open_to(Opening, staff, now))
    if found is None:
        raise NotFound
    return found


def _open(found: Opening, *, by: Actor, now: datetime) -> None:
    found.ends_at = now + wishes.LASTS
    found.save(only=(Opening.ends_at,))
    person = found.beneficiary
    alone = found.confirmed_by_id is None
    told = RecordOpened(reason=found.reason, alone=alone, with_private=found.with_private)
    record(told, person.uid, by=by, now=now)
    queue(f"opened {found.uid}", person.account.mobile, "record_opened", person.language, {}, now=now)
