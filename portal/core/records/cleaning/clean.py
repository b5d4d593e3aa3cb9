"""Sanitising of an upload without losing what a doctor needs to see: bytes in, a copy and remarks out.

Runs in a sandbox, a process of its own with limits: the input is untrusted.
"""

from io import BytesIO

import pikepdf
from pikepdf import Pdf

from portal.core.records.cleaning import pdf_copy, pdf_losses, pdf_view
from portal.core.records.cleaning.outcome import DAMAGED, FORM, PICTURES, Cleaned, Refused
from portal.core.records.cleaning.pictures import clean_picture


def clean(kind: str, content: bytes) -> Cleaned:
    """Return the same document without anything hidden or active. Raises Refused."""
    if kind == "pdf":
        return clean_pdf(content)
    if kind == "dcm":
        # Here, as every file has a child of its own, and few need the time that this library takes to load.
        from portal.core.records.cleaning.dicom import clean_dicom

        return clean_dicom(content)
    return clean_picture(kind, content)


def clean_pdf(content: bytes) -> Cleaned:
    """Copy a PDF so that it looks like the original; the fallback is pictures of its pages. Raises Refused."""
    shown = pdf_view.opened(content)
    copy, lacks, values = _copied(content, shown)
    after = pdf_view.opened(copy) if copy else None
    if shown is None or (after is not None and len(after) > len(shown)):  # one parser saw more than the other
        shown, lacks = after, lacks | {DAMAGED}
    if shown is None or (DAMAGED in lacks and not pdf_view.shows_anything(shown)):
        raise Refused("damaged")
    if copy is None or after is None or not pdf_view.looks_like(shown, after):
        if len(shown) > pdf_view.MAX_PICTURE_PAGES:
            raise Refused("too_long")
        copy, after, lacks = pdf_view.as_pictures(shown), pdf_view.flattened(content), lacks | {PICTURES}
    if values and not (after and pdf_view.holds(after, values)):
        lacks = lacks | {FORM}
    return Cleaned("pdf", copy, tuple(sorted(lacks)))


def unlocked(content: bytes, password: str) -> bytes | None:
    """Decrypt a PDF, or return None when the password is wrong. Raises Refused."""
    try:
        with pikepdf.open(BytesIO(content), password=password) as document:
            out = BytesIO()
            document.save(out, encryption=False)
            return out.getvalue()
    except pikepdf.PasswordError:
        return None
    except pikepdf.PdfError as error:
        raise Refused("damaged") from error


def _copied(content: bytes, shown: object) -> tuple[bytes | None, set[str], list[str]]:
    """Return (the sanitised copy or None, remarks, filled-in values). Raises Refused when it cannot be opened."""
    try:
        with pikepdf.open(BytesIO(content)) as document:
            if pdf_losses.is_cut(document, content):
                raise Refused("damaged")
            lacks, values = pdf_losses.losses(document), pdf_losses.filled_in(document)
            return _bare(document), lacks, values
    except pikepdf.PasswordError as error:
        raise Refused("locked") from error
    except pikepdf.PdfError as error:
        if shown is None or b"%%EOF" not in content:
            raise Refused("damaged") from error
        return None, {DAMAGED}, []


def _bare(document: Pdf) -> bytes | None:
    """Copy the document; None when that fails for any reason, so that it is shown as pictures."""
    try:
        return pdf_copy.bare_copy(document)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 an untrusted file can break the copying anywhere
        return None
