"""Pages that anybody may ask: is this prescription genuine, by its code or by its file?"""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from portal.base.clock import now
from portal.base.errors import Invalid, TooMany
from portal.base.language import gettext as _
from portal.core.accounts.here import me
from portal.core.paper import codes
from portal.core.prescriptions import reading
from portal.core.prescriptions.models import Prescription
from portal.core.verification import proofs, verdicts
from portal.core.verification.proofs import LARGEST, Proof
from portal.web.access import actor, allow, client_address
from portal.web.incoming.large_bodies import takes_one_file
from portal.web.pages import json_answer, page, see_other, wants_json
from portal.work import audit, throttle

bp = Blueprint("verification", __name__)
WRONG_CODES_A_MINUTE, FILES_A_MINUTE = 10, 30
MINUTE = timedelta(minutes=1)


@bp.get("/rx")
@allow("anyone")
def ask() -> ResponseReturnValue:
    """Show the fields for a code and for a file; a typed code leads to its page."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return _page()
    if plain := codes.normalise(typed):
        return see_other(url_for("verification.verify", code=plain))
    sentence = _("There is no code in this. It has four groups of four letters and digits.")
    return _page(errors={"code": sentence}, typed=typed[: codes.LONGEST_TYPED], status=422)


@bp.post("/rx")
@takes_one_file(LARGEST)
@allow("anyone")
def verify_file() -> ResponseReturnValue:
    """Verify a file alone: whose code is not at hand, as on a telephone that received it."""
    try:
        checksum = _checksum(now())
    except Invalid as error:
        return _page(errors=error.fields, status=error.status)
    issued = proofs.issued_as(checksum)
    return _answer(issued, proofs.proof_of(issued, checksum) if issued else "altered")


@bp.get("/rx/<code>")
@allow("anyone")
def verify(code: str) -> ResponseReturnValue:
    """Verify a prescription by its code. Wrong codes have a rate limit per address."""
    issued = _by_code(code, now())
    return _page(issued) if issued else _page(unknown=True)


@bp.post("/rx/<code>")
@takes_one_file(LARGEST)
@allow("anyone")
def verify_under_code(code: str) -> ResponseReturnValue:
    """Verify a file under the code that its paper carries. With JavaScript only its checksum is sent."""
    issued = _by_code(code, now())
    if issued is None:
        return _page(unknown=True)
    try:
        return _answer(issued, proofs.proof_of(issued, _checksum(now())))
    except Invalid as error:
        return _page(issued, errors=error.fields, status=error.status)


def _by_code(code: str, moment: datetime) -> Prescription | None:
    bucket = f"rx:{client_address()}"
    if throttle.count(bucket, within=MINUTE, now=moment) >= WRONG_CODES_A_MINUTE:
        raise TooMany(_("Too many wrong codes from here. Please try again in a minute."), retry_after=60)
    issued = reading.by_code(code)
    if issued is None:
        throttle.hit(bucket, now=moment)
    return issued


def _checksum(moment: datetime) -> str:
    """Read the checksum that the browser computed, or compute it of the file. Raises Invalid on `pdf`."""
    bucket = f"rx-file:{client_address()}"
    if throttle.count(bucket, within=MINUTE, now=moment) >= FILES_A_MINUTE:
        raise TooMany(_("Too many files from here. Please try again in a minute."), retry_after=60)
    throttle.hit(bucket, now=moment)
    if found := proofs.read_checksum(request.form.get("sha256", "")):
        return found
    file = request.files.get("pdf")
    content = file.stream.read(LARGEST + 1) if file and file.filename else b""
    if not content:
        raise Invalid({"pdf": _("Choose the PDF of the prescription.")})
    return proofs.checksum_of(content)


def _answer(issued: Prescription | None, proof: Proof) -> Response:
    if wants_json():
        return json_answer({"verdict": proof})
    return _page(issued, proof=proof)


def _page(issued: Prescription | None = None, *, status: int = 200, **context: Any) -> Response:
    """Show the result and the fields for another; the frozen medicines to a pharmacist, which is audited."""
    person, moment = me(), now()
    is_pharmacist = person is not None and person.role == "pharmacist"
    shown: dict[str, Any] = {"proof": None, "unknown": False, "errors": {}, "typed": "", "items": [], "own": None}
    if issued is not None:
        shown |= {"verdict": verdicts.verdict(issued, now=moment), "code": issued.code}
        account = person.account if person else None
        shown["own"] = issued.visit.uid if account and account.id == issued.beneficiary.account_id else None
        if is_pharmacist:
            audit.note("PrescriptionOpened", issued.uid, by=actor(), now=moment)
            shown["items"] = reading.items_of(issued)
    context = {"verdict": None, "code": "", "largest": LARGEST // 1024} | shown | context
    return page("verification/verify.html", status=status, **context)
