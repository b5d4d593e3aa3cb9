"""Previews of a cleaned file: a thumbnail and, of a PDF, its first pages as pictures. For the child process."""

from collections.abc import Iterator
from io import BytesIO
from time import monotonic

from PIL import Image

from portal.core.records.cleaning import pdf_view

THUMBNAIL = 320  # pixels of the longer side: sharp at half that size on a phone
MOST_PAGES = 20  # the file itself has them all
SECONDS = 20  # of the sandbox's timeout; a page that is not drawn by then is drawn when it is opened


def previews(kind: str, content: bytes) -> tuple[int, list[bytes]]:
    """Return how many pages a cleaned file has, and its pictures as JPEGs: the thumbnail, then the pages of a PDF."""
    if kind != "pdf":
        with Image.open(BytesIO(content)) as image:
            return 1, [_thumbnail(image)]
    document = pdf_view.opened(content)
    if document is None:
        return 0, []
    pages = list(_drawn(document))
    first = [_thumbnail(Image.open(BytesIO(pages[0])))] if pages else []
    return len(document), first + pages


def _drawn(document: pdf_view.Document) -> Iterator[bytes]:
    until = monotonic() + SECONDS
    for number in range(1, min(len(document), MOST_PAGES) + 1):
        if monotonic() > until:
            return
        yield pdf_view.page_picture(document, number)


def _thumbnail(image: Image.Image) -> bytes:
    out = BytesIO()
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    image.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
