"""Naming and removing identities elsewhere, and whose a verified identity is."""

from datetime import datetime

import peewee

from portal.base.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.base.language import gettext as _
from portal.base.plain_text import one_line
from portal.contracts import VerifiedIdentity
from portal.core.accounts.elsewhere.models import (
    StaffIdentity,
    StaffIdentityBound,
    StaffIdentityNamed,
    StaffIdentityRemoved,
)
from portal.core.accounts.models import Staff, StaffSignInRefused
from portal.store.db import claim, write
from portal.work.audit import NOBODY, Actor
from portal.work.events import record

LONGEST = 200


def name_identity(staff: Staff, plugin: str, known_as: str, *, by: Actor, now: datetime) -> StaffIdentity:
    """Let a person sign in with this identity of a plugin: an e-mail address, or the subject there.

    Raises Invalid, Conflict when it is somebody's already or for oneself: nobody opens a second way in alone.
    """
    wanted = _key(known_as)
    if not 3 <= len(wanted) <= LONGEST:
        why = _("Give the e-mail address or the identifier in 3 to %(limit)s characters.", limit=LONGEST)
        raise Invalid({"known_as": why})
    if by.uid == staff.uid:
        raise Conflict(_("Another administrator names your own identity."))
    try:
        with write():
            row = StaffIdentity.create(staff=staff, plugin=plugin, known_as=wanted, created_at=now)
            record(StaffIdentityNamed(plugin=plugin), staff.uid, by=by, now=now)
    except peewee.IntegrityError as error:
        raise Conflict(_("This identity opens somebody's account already.")) from error
    return row


def remove_identity(staff: Staff, uid: str, *, by: Actor, now: datetime) -> None:
    """Take an identity away. Sign-ins that have begun go on. Raises NotFound for one of somebody else."""
    mine = (StaffIdentity.uid == uid) & (StaffIdentity.staff == staff)
    found = StaffIdentity.get_or_none(mine)
    if found is None:
        raise NotFound
    with write():
        if StaffIdentity.delete().where(mine).execute():
            record(StaffIdentityRemoved(plugin=found.plugin), staff.uid, by=by, now=now)


def identities_of(staff: Staff) -> list[StaffIdentity]:
    """List a person's identities, the oldest first."""
    return list(StaffIdentity.select().where(StaffIdentity.staff == staff).order_by(StaffIdentity.id))


def staff_of(plugin: str, identity: VerifiedIdentity, *, now: datetime) -> Staff:
    """Find whose account a verified identity opens, and bind it at its first use.

    Raises NotAllowed, in the same words, for an unknown identity, another's address and a closed account.
    """
    found = _known(plugin, identity)
    if found is None or found.staff.disabled_at is not None:
        with write():
            record(StaffSignInRefused(), found.staff.uid if found else "unknown", by=NOBODY, now=now)
        raise NotAllowed(_("This identity opens no account here. Ask an administrator to name it for you."))
    with write():
        if found.subject is None:
            unbound = (StaffIdentity.id == found.id) & StaffIdentity.subject.is_null()
            if claim(StaffIdentity.update(subject=identity.subject).where(unbound)):
                record(StaffIdentityBound(plugin=plugin), found.staff.uid, by=NOBODY, now=now)
        StaffIdentity.update(used_at=now).where(StaffIdentity.id == found.id).execute()
    staff: Staff = found.staff
    return staff


def _known(plugin: str, identity: VerifiedIdentity) -> StaffIdentity | None:
    subject, email = identity.subject, _key(identity.email)
    if not 0 < len(subject) <= LONGEST:
        return None
    rows = StaffIdentity.select(StaffIdentity, Staff).join(Staff).where(StaffIdentity.plugin == plugin)
    bound: StaffIdentity | None = rows.where(StaffIdentity.subject == subject).first()
    if bound is not None:
        return bound
    names = [name for name in (_key(subject), email) if name]
    return rows.where(StaffIdentity.subject.is_null() & StaffIdentity.known_as.in_(names)).first()  # type: ignore[no-any-return]


def _key(text: str) -> str:
    """Write an address or an identifier as it is compared: addresses differ in no letter's case."""
    line = one_line(text)
    return line.lower() if "@" in line else line
