"""Stamps over the pages of a prescription that no longer holds; the stored file stays as it was issued.

A stamped file keeps what the pages are (PDF/A-2a, PDF/UA-1): its stamp is read aloud, before the page. It has lost the
signature, which was of the file without the stamp. Same file and stamp, same bytes.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name

FOLDER = Path(__file__).parent / "data"  # made by scripts/stamps.py
WORDS = {"cancelled": ("CANCELLED", "रद्द"), "replaced": ("REPLACED", "बदला गया")}


def stamped(content: bytes, stamp: str) -> bytes:
    """Lay a stamp (a key of WORDS) over each page of one of our own PDFs."""
    made = BytesIO()
    with pikepdf.open(BytesIO(content)) as document, pikepdf.open(FOLDER / f"{stamp}.pdf") as over:
        _take_signature_off(document)
        drawn = document.copy_foreign(over.pages[0].as_form_xobject())
        for place, page in enumerate(document.pages):
            _lay_over(document, page, place, drawn, " / ".join(WORDS[stamp]))
        document.save(made, deterministic_id=True)
    return made.getvalue()


def _take_signature_off(document: pikepdf.Pdf) -> None:
    for name in ("/AcroForm", "/Perms"):
        if name in document.Root:
            del document.Root[name]
    for page in document.pages:
        if "/Annots" in page:
            del page.Annots  # we make no other annotations


def _lay_over(document: pikepdf.Pdf, page: pikepdf.Page, place: int, drawn: Any, words: str) -> None:
    """Draw the stamp over a page, as a paragraph that is read first."""
    name = page.add_resource(drawn, Name.XObject, Name.Stamp, replace_existing=True)
    texts = _marked_texts(document, page)
    number = len(texts)
    paragraph = Dictionary(
        Type=Name.StructElem, S=Name.P, P=document.Root.StructTreeRoot.K[0], Pg=page.obj, K=number, ActualText=words
    )
    texts.append(document.make_indirect(paragraph))
    document.Root.StructTreeRoot.K[0].K.insert(place, texts[number])
    said = pikepdf.String(words).unparse()
    page.contents_add(b"q", prepend=True)
    page.contents_add(b"Q /P <</MCID %d /ActualText %b>> BDC q %b Do Q EMC" % (number, said, str(name).encode()))


def _marked_texts(document: pikepdf.Pdf, page: pikepdf.Page) -> Any:
    """Return the list of a page's marked texts (PDF 32000-1, 14.7.4.4)."""
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums.as_list())
    keys = [int(key) for key in numbers[0::2]]
    return numbers[2 * keys.index(int(page.StructParents)) + 1]
