"""Signing in a child process: the one place where private keys are, without database, plugins and environment (S56).

PAdES B-B (ETSI EN 319 142-1) with an invisible field, as only that keeps PDF/A and PDF/UA; certified, so that readers
name every later change.
"""

import asyncio
import os
from datetime import datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper

from portal.core.signing import keys
from portal.core.signing.framing import pack, unpack
from portal.core.signing.keys import Key, UnusableKey
from portal.core.signing.places import EXPOSED, Place

FIELD = "Signature"
READ_ALOUD = "Digital signature / डिजिटल हस्ताक्षर"
TOKEN_DIGITS = 2 * 8192  # a time stamp with its certificates
_EVERYBODY = 0o007


def work(request: bytes) -> bytes:
    """Sign a PDF with the first of some keys that can, or with no PDF describe them all; see `signatures`."""
    asked, pdf = unpack(request)
    places = [Place(**values) for values in asked["places"]]
    if not pdf:
        return pack({"certificates": [_described(place) for place in places]})
    moment = datetime.fromisoformat(asked["moment"])
    problems: dict[str, str] = {}
    for place in places:
        try:
            key = _key(place)
            key.require_valid(moment)
            signed = _signed(pdf, key, asked, moment, problems)
        except UnusableKey as error:
            problems[place.owner] = str(error)
        else:
            return pack({"by": key.name, "problems": problems}, signed)
    return pack({"by": "", "problems": problems})


def _signed(pdf: bytes, key: Key, asked: dict[str, Any], moment: datetime, problems: dict[str, str]) -> bytes:
    """Sign, with a time stamp where an address for it is given and answers."""
    if asked["timestamp"]:
        from portal.core.signing.stamping import NoTimeStamp, time_stamper

        try:
            return _sign(pdf, key, asked["reason"], moment, time_stamper(asked["timestamp"], asked["internal_hosts"]))
        except NoTimeStamp as error:
            problems["timestamp"] = str(error)
    return _sign(pdf, key, asked["reason"], moment, None)


def _sign(pdf: bytes, key: Key, reason: str, moment: datetime, stamper: TimeStamper | None) -> bytes:
    said = PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        name=key.name,
        reason=reason,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    field = SigFieldSpec(FIELD, box=None, readable_field_name=READ_ALOUD)
    signer = PdfSigner(said, signer=key.signer, timestamper=stamper, new_field_spec=field)
    session = signer.init_signing_session(IncrementalPdfFileWriter(BytesIO(pdf)))
    session.system_time = moment
    document = session.prepare_tbs_document(None, key.reserved + (TOKEN_DIGITS if stamper else 0))
    output = BytesIO()
    digest, _same = document.digest_tbs_document(output=output)
    _loop().run(document.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=moment)))
    return output.getvalue()


def _key(place: Place) -> Key:
    """Load a key, or return the kept one while its files are the same. Raises UnusableKey."""
    try:
        stamps = [os.stat(path) for path in (place.certificate, place.password) if path]
        return _loaded(place, tuple((each.st_mtime_ns, each.st_size, each.st_ino) for each in stamps))
    except OSError as error:
        raise UnusableKey(f"cannot be read ({error.filename}: {error.strerror})") from error


@lru_cache(maxsize=512)
def _loaded(place: Place, stamps: tuple[tuple[int, int, int], ...]) -> Key:
    password = Path(place.password).read_text(encoding="utf-8").strip()
    if not place.library:
        return keys.from_file(Path(place.certificate).read_bytes(), password)
    try:
        from portal.core.signing import tokens
    except ImportError as error:
        raise UnusableKey("needs the driver for PKCS#11; type: pip install 'paramarsh[pkcs11]'") from error
    return tokens.from_token(place, password)


def _described(place: Place) -> dict[str, Any]:
    """Describe a certificate: its days, or what is wrong with its key."""
    try:
        key = _key(place)
    except UnusableKey as error:
        return {"owner": place.owner, "problem": str(error)}
    certificate = key.certificate
    return {
        "owner": place.owner,
        "subject": key.name,
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.not_valid_after_utc.isoformat(),
        "problem": _exposed(place),
    }


def _exposed(place: Place) -> str:
    paths = [path for path in (place.certificate, place.password) if path]
    told = [path for path in paths if os.stat(path).st_mode & _EVERYBODY]
    return f"{EXPOSED}: {told[0]}" if told else ""


@cache
def _loop() -> asyncio.Runner:
    return asyncio.Runner()
