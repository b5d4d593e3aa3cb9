"""What an uploaded file really is, and making it harmless: by content, never by name (safety.md S45 to S50)."""

import hashlib
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

import pikepdf
from PIL import Image, ImageOps

from portal.core.crash import crashpoint
from portal.core.keys import random_uid

SIGNATURES = {"pdf": b"%PDF-", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
ENDINGS = {"pdf": ("pdf",), "jpeg": ("jpg", "jpeg"), "png": ("png",)}
MIME = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 2400
CHUNK = 64 * 1024


class Refused(Exception):
    """The file cannot be made harmless; the text says why, for the log."""


@dataclass(frozen=True)
class Stored:
    """A file in the store: its random name, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


def kind_of(head: bytes, file_name: str) -> str | None:
    """pdf, jpeg or png when content and ending agree, else None."""
    ending = file_name.rpartition(".")[2].lower()
    for kind, signature in SIGNATURES.items():
        if head.startswith(signature):
            return kind if ending in ENDINGS[kind] else None
    return None


def store(stream: IO[bytes], folder: Path) -> Stored:
    """Write a stream to a random name: whole and on disk, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name, digest, size = random_uid(), hashlib.sha256(), 0
    partial = folder / f"{name}.part"
    with partial.open("xb") as file:
        while chunk := stream.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    crashpoint("records.before_rename")
    partial.rename(folder / name)
    return Stored(name, size, digest.hexdigest())


def cleaned(kind: str, content: bytes) -> bytes:
    """The same document without scripts, embedded files, location and other hidden data. Raises Refused."""
    try:
        return _clean_pdf(content) if kind == "pdf" else _clean_image(kind, content)
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"unreadable {kind}: {type(error).__name__}") from error


def _clean_image(kind: str, content: bytes) -> bytes:
    with Image.open(BytesIO(content), formats=[kind.upper()]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise Refused("too many pixels")
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = (
            upright.convert("RGB")
            if kind == "jpeg"
            else upright.convert("RGBA" if "A" in upright.getbands() else "RGB")
        )
        bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())  # leaves every kind of metadata behind
        out = BytesIO()
        bare.save(out, kind.upper(), **({"quality": 85} if kind == "jpeg" else {"optimize": True}))
    return out.getvalue()


def _clean_pdf(content: bytes) -> bytes:
    with pikepdf.open(BytesIO(content)) as document:
        for key in ("/OpenAction", "/AA", "/AcroForm", "/AF", "/Collection", "/Metadata"):
            if key in document.Root:
                del document.Root[key]
        if "/Names" in document.Root:
            del document.Root["/Names"]
        for name in list(document.attachments):
            del document.attachments[name]
        for page in document.pages:
            for key in ("/AA", "/Annots"):
                if key in page:
                    del page[key]
        del document.docinfo
        document.remove_unreferenced_resources()
        out = BytesIO()
        document.save(out)
    return out.getvalue()


def intact(path: Path, sha256: str) -> bytes | None:
    """The file's bytes when they are still those that were stored, else None."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None
