"""Making an upload harmless without losing what a doctor needs to see: bytes in, a copy and remarks out.

Everything here runs in a process of its own, with limits: what it reads comes from strangers.
"""

from io import BytesIO

import pikepdf
from pikepdf import Pdf

from portal.core.records.cleaning import pdf_copy, pdf_losses, pdf_view
from portal.core.records.cleaning.outcome import DAMAGED, FORM, PICTURES, Cleaned, Refused
from portal.core.records.cleaning.pictures import clean_picture


def clean(kind: str, content: bytes) -> Cleaned:
    """The same document without anything hidden or active. Raises Refused."""
    return clean_pdf(content) if kind == "pdf" else clean_picture(kind, content)


def clean_pdf(content: bytes) -> Cleaned:
    """A copy that looks as the original does, else pictures of the original's pages. Raises Refused."""
    shown = pdf_view.opened(content)
    copy, lacks, values = _copied(content, shown)
    after = pdf_view.opened(copy) if copy else None
    if shown is None or (after is not None and len(after) > len(shown)):  # one reader saw more than the other
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
    """A locked PDF without its lock, or None when the password is wrong. Raises Refused."""
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
    """(the harmless copy or None, remarks, values filled in). Raises Refused for what nobody can open."""
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
    """What cannot be copied, for whatever reason, is shown as pictures."""
    try:
        return pdf_copy.bare_copy(document)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 a stranger's file can break the copying anywhere
        return None
