"""Certificates for tests: a demonstration's authority, made once, and what independent readers say of a signature."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from portal.config import Config
from portal.core.signing import places
from portal.demo import authority
from tests.servers import need

DOCTORS = {"dr.medicine1": "Dr Asha Verma"}


@cache
def made() -> Path:
    """Make the authority and its certificates, once for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="authority-"))
    authority.make(folder, DOCTORS)
    for file in folder.rglob("*.*"):
        file.chmod(0o600)  # as the portal's umask makes it, whichever test comes first
    return folder


def switch_on(config: Config) -> Path:
    """Give this demonstration its certificates, so that it signs; return their folder."""
    folder = config.data_dir / places.DEMO
    shutil.copytree(made(), folder)
    return folder


def status_of(pdf: bytes, *, at: datetime, timestamps: Path | None = None) -> PdfSignatureStatus:
    """Validate the one signature of a file with pyHanko, at this moment, trusting the authority.

    `timestamps`: certificate of the authority that is trusted for time stamps, now.
    """
    context = ValidationContext(trust_roots=[_root(made() / "ca.pem")], allow_fetching=False, moment=at)
    times = ValidationContext(trust_roots=[_root(timestamps)], allow_fetching=False) if timestamps else None
    (found,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return validated(found, context, times)


def validated(found: Any, context: ValidationContext, times: ValidationContext | None = None) -> PdfSignatureStatus:
    """Validate in a thread of its own: pyHanko begins an event loop, and a browser's may run in this one already."""
    with ThreadPoolExecutor(1) as apart:
        status: PdfSignatureStatus = apart.submit(
            validate_pdf_signature, found, context, ts_validation_context=times
        ).result()
    return status


def _root(path: Path) -> Any:
    return load_cert_from_pemder(str(path))


def signatures_of(pdf: bytes) -> list[Any]:
    """List the signatures that a file carries."""
    return list(PdfFileReader(BytesIO(pdf)).embedded_signatures)


@pytest.fixture
def pdfsig(tmp_path: Path) -> Callable[[bytes], list[str]]:
    """pdfsig(pdf): what poppler says of the signature, trusting the authority."""
    need("pdfsig", "no signature is verified by poppler")
    need("certutil", "no signature is verified by poppler")
    store = tmp_path / "nss"
    store.mkdir()
    subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
    trusted = ["-n", "ca", "-t", "CT,C,C", "-i", str(made() / "ca.pem")]
    subprocess.run(["certutil", "-A", "-d", f"sql:{store}", *trusted], check=True)

    def said(pdf: bytes) -> list[str]:
        path = tmp_path / "signed.pdf"
        path.write_bytes(pdf)
        run = subprocess.run(["pdfsig", "-nssdir", f"sql:{store}", path], check=False, capture_output=True, text=True)
        return [line.strip(" -") for line in run.stdout.splitlines()]

    return said
