"""Contents of a PDF that neither a copy nor pictures of its pages would show: to be remarked, not lost in silence."""

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from portal.core.records.cleaning.outcome import ATTACHED, COMMENTS, DAMAGED, FORM
from portal.core.records.cleaning.pdf_copy import objects_under

# Annotations whose text, if any, is on the page; that of all others is shown only after a click.
ON_THE_PAGE = {"/FreeText", "/Stamp", "/Widget", "/Link", "/Popup", "/Watermark", "/PrinterMark"}
CARRIERS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
HIDDEN = 0b10  # flag of a hidden annotation
STEP = 1 << 20


def losses(document: Pdf) -> set[str]:
    """Collect the remarks on a document whose warnings about its opening were read."""
    found = set(_of_annotations(document))
    if document.check_pdf_syntax() or any(_is_broken(item) or _is_altered(item) for item in document.objects):
        found.add(DAMAGED)
    if any(isinstance(item, Dictionary) and "/EF" in item for _name, item in objects_under(document.Root)):
        found.add(ATTACHED)
    form = document.Root.get("/AcroForm")
    if form is not None and "/XFA" in form and bool(document.Root.get("/NeedsRendering", False)):
        found.add(FORM)
    return found


def is_cut(document: Pdf, content: bytes) -> bool:
    """Detect a truncated file. A wrong cross-reference table alone, which parsers repair, does not count."""
    warnings = document.get_warnings()
    _head, end, rest = content.rpartition(b"%%EOF")
    return re.search(rb"\d+ \d+ obj\b", rest) is not None if end else bool(warnings)


def filled_in(document: Pdf) -> list[str]:
    """List the filled-in values of the form."""
    return [text for widget in _annotations(document) if (text := _value(widget))]


def _value(widget: Dictionary) -> str:
    if widget.get("/Subtype") != Name.Widget or int(widget.get("/F", 0)) & HIDDEN:
        return ""
    field = _with_parent(widget, "/FT")
    value = _with_parent(widget, "/V")
    is_text = field in (Name.Tx, Name.Ch) and isinstance(value, pikepdf.String)
    return str(value) if is_text else ""


def _with_parent(widget: Dictionary, key: str) -> Any:
    """Return a value of the field, or of its parents."""
    found: Any = widget
    for _level in range(8):
        if key in found:
            return found[key]
        if "/Parent" not in found:
            break
        found = found.Parent
    return None


def _of_annotations(document: Pdf) -> Iterator[str]:
    for annotation in _annotations(document):
        kind = str(annotation.get("/Subtype"))
        if kind in CARRIERS:
            yield ATTACHED
        is_seen = kind in ON_THE_PAGE and ("/AP" in annotation or kind != "/FreeText")
        if str(annotation.get("/Contents", "")).strip() and not is_seen:
            yield COMMENTS


def _annotations(document: Pdf) -> Iterator[Dictionary]:
    for page in document.pages:
        found = page.get("/Annots", Array())
        yield from (item for item in cast(Any, found) if isinstance(item, Dictionary))


def _is_altered(found: object) -> bool:
    """Detect text or pictures that are not those that were written: parsers ignore the checksum behind the data.

    Data that end too early have none, and are found by the syntax check.
    """
    if not isinstance(found, Stream) or found.get("/Filter") != Name.FlateDecode:
        return False
    inflate, checksum = zlib.decompressobj(-zlib.MAX_WBITS), zlib.adler32(b"")
    rest = found.read_raw_bytes()[2:]
    try:
        while rest and not inflate.eof:  # in steps, as little may become much
            checksum = zlib.adler32(inflate.decompress(rest, STEP), checksum)
            rest = inflate.unconsumed_tail
    except zlib.error:
        return False
    written = inflate.unused_data[:4]
    return len(written) == 4 and int.from_bytes(written) != checksum


def _is_broken(found: object) -> bool:
    """Detect a truncated photograph."""
    if not isinstance(found, Stream) or found.get("/Filter") != Name.DCTDecode:
        return False
    try:
        with Image.open(BytesIO(found.read_raw_bytes()), formats=["JPEG"]) as image:
            image.load()
    except OSError:
        return True
    return False
