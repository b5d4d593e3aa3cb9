"""The scan of a written permission: optional, made safe as every upload, for the pharmacy of its centre alone."""

from datetime import datetime

from portal.base.errors import Conflict, Invalid, NotFound
from portal.base.language import gettext as _
from portal.core.clinic.models import Centre
from portal.core.dispensing.events import PermissionRead, PermissionScanned
from portal.core.dispensing.letters.finding import letter_of
from portal.core.dispensing.models import IndentPermission, Permission
from portal.core.records import previews, reading
from portal.core.records.held import Basket
from portal.core.records.models import Record
from portal.core.records.services import keep_held
from portal.store.db import claim, write
from portal.work.audit import Actor
from portal.work.events import record

REPLACEABLE = ("refused", "locked")  # nobody can open such a scan
Letter = Permission | IndentPermission


def keep_scan(letter: Letter, basket: Basket, *, by: Actor, now: datetime) -> Record:
    """Keep the held file as the scan, in place of one that nobody can open; a job cleans it before anybody can.

    Raises Invalid, TooBig or WrongKind with a sentence, Conflict when a scan is there already.
    """
    basket.insist()
    if not basket.held:
        raise Invalid({"records": _("Choose the scan or a photo of the letter.")})
    before = letter.scan
    stale = [before.stored_name, *previews.names_of(before)] if before else []
    with write():
        kept = keep_held(basket.held[0], now=now)
        _hang(kept, letter, before)
        if before:
            before.delete_instance()
        told = PermissionScanned(record=kept.uid, number=letter.number)
        record(told, letter.prescription.uid, by=by, now=now)
    previews.forget(stale)
    return kept


def _hang(scan: Record, letter: Letter, before: Record | None) -> None:
    """Write the scan on its letter, where none is or only this one that cannot be used. Raises Conflict."""
    table = type(letter)
    replaceable = before is not None and before.state in REPLACEABLE
    same = table.scan == before if replaceable else table.scan.is_null()
    if not claim(table.update(scan=scan).where((table.id == letter.id) & same)):
        raise Conflict(_("The scan of this letter is there already."))


def read_scan(uid: str, centre: Centre, *, by: Actor, now: datetime) -> tuple[Record, bytes]:
    """Read the scan of a dispensing's or an indent's letter, which is audited.

    Raises NotFound for another centre's, and until it is made safe.
    """
    letter = letter_of(uid, centre)
    scan = letter.scan
    if scan is None or not scan.is_readable:
        raise NotFound
    content = reading.content(scan)
    with write():
        record(PermissionRead(record=scan.uid, number=letter.number), letter.prescription.uid, by=by, now=now)
    return scan, content
