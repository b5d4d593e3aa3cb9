"""Stamps over the pages of a prescription that no longer holds; the stored file stays as it was issued."""

from io import BytesIO
from pathlib import Path

import pikepdf

FOLDER = Path(__file__).parent / "data"  # made by scripts/stamps.py
WORDS = {"cancelled": ("CANCELLED", "रद्द"), "replaced": ("REPLACED", "बदला गया")}


def stamped(content: bytes, stamp: str) -> bytes:
    """Lay a stamp (a key of WORDS) over each page of one of our own PDFs."""
    made = BytesIO()
    with pikepdf.open(BytesIO(content)) as document, pikepdf.open(FOLDER / f"{stamp}.pdf") as over:
        for page in document.pages:
            page.add_overlay(over.pages[0], None)
        document.save(made)
    return made.getvalue()
