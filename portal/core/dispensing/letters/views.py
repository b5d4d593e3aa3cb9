"""Pages of written permissions: add the scan of a letter, and open it."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Conflict, Invalid, TooBig, WrongKind
from portal.base.language import gettext as _
from portal.core.accounts.here import staff
from portal.core.dispensing.letters import scans
from portal.core.dispensing.letters.finding import letter_of
from portal.core.dispensing.sheet_views import bp, centre_here, sheet_page
from portal.core.records import held
from portal.core.records.kinds import MIME, download_name
from portal.web.access import actor, allow
from portal.web.forms.once import once
from portal.web.incoming.large_bodies import takes_files
from portal.web.pages import see_other, send_bytes


@bp.post("/dispense/letters/<uid>")
@allow("pharmacist")
@takes_files
def add_scan(uid: str) -> ResponseReturnValue:
    """Add the scan of the letter of a dispensing or an indent of this centre."""
    letter_of(uid, centre_here())
    return _add(uid=uid, basket=held.take_in(staff(), request.files.getlist("scan")[:1], (), now=now()))


@once
def _add(uid: str, basket: held.Basket) -> ResponseReturnValue:
    letter = letter_of(uid, centre_here())
    issued = letter.prescription
    try:
        scans.keep_scan(letter, basket, by=actor(), now=now())
    except (Invalid, Conflict, TooBig, WrongKind) as error:
        return sheet_page(issued, errors={f"scan-{uid}": error.message}, status=error.status)
    flash(_("The scan is stored. It can be opened once it has been checked."), "success")
    return see_other(url_for("dispensing.show", code=issued.code))


@bp.get("/dispense/letters/<uid>")
@allow("pharmacist")
def scan(uid: str) -> ResponseReturnValue:
    """Serve the scan of a letter to the pharmacy of its centre; audited."""
    found, content = scans.read_scan(uid, centre_here(), by=actor(), now=now())
    return send_bytes(content, MIME[found.kind], download_name(found.title, found.kind))
