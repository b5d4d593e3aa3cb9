"""Rendering of a PDF: text and picture of its pages, comparison of two documents, pages as pictures."""

from collections import Counter
from io import BytesIO
from typing import cast

import pikepdf
import pypdfium2 as pdfium
from PIL import Image, ImageChops

DOTS_PER_POINT = 150 / 72
Document = pdfium.PdfDocument
MAX_PICTURE_PAGES = 100
LONGEST = 2600
GLANCE = 800  # pixels of the longer side, when two pages are compared
CELL = 4  # pixels whose average is compared
TOLERANCE = 24  # of 255: edges that are rendered slightly differently


def opened(content: bytes) -> pdfium.PdfDocument | None:
    """Open a document with its form for rendering; None when that is impossible."""
    try:
        document = pdfium.PdfDocument(content)
        document.init_forms()
    except pdfium.PdfiumError:
        return None
    return document


def looks_like(before: pdfium.PdfDocument, after: pdfium.PdfDocument) -> bool:
    """Tell whether all pages of `after` have the words of `before`, and look the same."""
    if len(before) != len(after):
        return False
    return all(_same_page(before[at], after[at]) for at in range(len(before)))


def text_of(page: pdfium.PdfPage) -> str:
    """Return a page's text, without that of annotations."""
    text = page.get_textpage()
    try:
        return str(text.get_text_bounded())
    finally:
        text.close()


def shows_anything(document: pdfium.PdfDocument) -> bool:
    """Tell whether any page is not blank."""
    return any(_range(_glance(document[at]))[0] < 255 for at in range(len(document)))


def as_pictures(document: pdfium.PdfDocument) -> bytes:
    """Make a new PDF whose pages are pictures of these pages."""
    out, album = BytesIO(), pikepdf.new()
    for at in range(len(document)):
        page = document[at]
        _add_picture(album, page.get_size(), _drawn(page, DOTS_PER_POINT, LONGEST))
        page.close()
    album.save(out)
    return out.getvalue()


def page_picture(document: pdfium.PdfDocument, number: int) -> bytes:
    """Draw one page, counted from 1, as a JPEG."""
    page, out = document[number - 1], BytesIO()
    _drawn(page, DOTS_PER_POINT, LONGEST).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


def flattened(content: bytes) -> pdfium.PdfDocument | None:
    """Open a document and flatten its form, so that its values count as the pages' text."""
    document = opened(content)
    if document is not None and document.formenv:
        for at in range(len(document)):
            document[at].flatten()
    return document


def holds(document: pdfium.PdfDocument, values: list[str]) -> bool:
    """Tell whether all these values can be read on the pages. Spaces do not count: forms spread letters over boxes."""
    text = "".join("".join(text_of(document[at]).split()) for at in range(len(document)))
    return all("".join(value.split()) in text for value in values)


def _same_page(before: pdfium.PdfPage, after: pdfium.PdfPage) -> bool:
    try:
        if Counter(text_of(before).split()) - Counter(text_of(after).split()):
            return False
        one, other = _glance(before), _glance(after)
        return one.size == other.size and _greatest_difference(one, other) <= TOLERANCE
    finally:
        before.close()
        after.close()


def _greatest_difference(one: Image.Image, other: Image.Image) -> int:
    return _range(ImageChops.difference(one, other).reduce(CELL))[1]


def _range(grey: Image.Image) -> tuple[int, int]:
    return cast(tuple[int, int], grey.getextrema())


def _glance(page: pdfium.PdfPage) -> Image.Image:
    return _drawn(page, 10, GLANCE).convert("L")


def _drawn(page: pdfium.PdfPage, scale: float, longest: int) -> Image.Image:
    drawn = page.render(scale=min(scale, longest / max(*page.get_size(), 1)))
    return cast(Image.Image, drawn.to_pil())


def _add_picture(album: pikepdf.Pdf, size: tuple[float, float], picture: Image.Image) -> None:
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    image = album.make_stream(
        out.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=pikepdf.Name.DeviceRGB if picture.mode == "RGB" else pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = album.add_blank_page(page_size=size)
    page.Contents = album.make_stream(f"q {size[0]} 0 0 {size[1]} 0 0 cm /Page Do Q".encode())
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image))
