"""The child's side of `sandbox`: untrusted files are parsed in this process and in no other."""

import json

from portal.core.records.cleaning import pdf_view
from portal.core.records.cleaning.clean import clean, unlocked
from portal.core.records.cleaning.outcome import Cleaned, Refused
from portal.core.records.cleaning.previews import previews


def work(request: bytes) -> bytes:
    """Handle a request, a line of JSON and the file; answer with a line of JSON and the copy."""
    head, _, content = request.partition(b"\n")
    wish = json.loads(head)
    try:
        if "password" in wish:
            plain = unlocked(content, wish["password"])
            return _answer({"opened": plain is not None}, plain or b"")
        if "page" in wish:
            return _page(content, wish["page"])
        copy = clean(wish["kind"], content)
    except Refused as refusal:
        return _answer({"refused": str(refusal)})
    return _cleaned(copy)


def _cleaned(copy: Cleaned) -> bytes:
    pages, pictures = previews(copy.kind, copy.content)
    parts = [copy.content, *pictures]
    head = {"kind": copy.kind, "remarks": copy.remarks, "pages": pages, "sizes": [len(part) for part in parts]}
    return _answer(head, b"".join(parts))


def _page(content: bytes, number: int) -> bytes:
    document = pdf_view.opened(content)
    count = len(document) if document else 0
    picture = pdf_view.page_picture(document, number) if document and 1 <= number <= count else b""
    return _answer({"pages": count}, picture)


def _answer(head: dict[str, object], content: bytes = b"") -> bytes:
    return json.dumps(head).encode() + b"\n" + content
