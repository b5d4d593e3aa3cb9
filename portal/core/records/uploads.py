"""Validation of uploads before anything is changed, each file by itself."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Protocol

from portal.base.language import gettext as _
from portal.core.records.kinds import HEAD_BYTES, kind_of, title_of
from portal.settings.clinic import PaperRules

TOO_MANY, TOO_BIG, WRONG_KIND = 422, 413, 415
SHOWN = 60  # characters of a file's name in a sentence


class Upload(Protocol):
    """An uploaded file, as werkzeug's FileStorage."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True)
class Checked:
    """An accepted upload: its type and a safe title."""

    upload: Upload
    kind: str
    title: str


@dataclass(frozen=True)
class Refusal:
    """Why a file was refused: a sentence that names it, and the HTTP status."""

    status: int
    sentence: str


def limits() -> dict[str, int]:
    """Return the limits that an upload form shows."""
    rules = PaperRules.in_force()
    return {"most_files": rules.records_max_count, "most_megabytes": rules.record_max_mb}


def look_at(uploads: Iterable[Upload], already: int = 0) -> tuple[list[Checked], list[Refusal]]:
    """Validate uploads, `already` files counted; return the accepted ones and the refusals."""
    taken: list[Checked] = []
    refused: list[Refusal] = []
    room = PaperRules.in_force().records_max_count - already
    for upload in uploads:
        if not upload.filename:
            continue
        found = _looked(upload) if len(taken) < room else _one_too_many(upload)
        if isinstance(found, Checked):
            taken.append(found)
        else:
            refused.append(found)
    return taken, refused


def _looked(upload: Upload) -> Checked | Refusal:
    title = title_of(upload.filename or "")
    name, size, limit = title[:SHOWN], _size(upload.stream), PaperRules.in_force().record_max_mb
    if size == 0:
        return Refusal(WRONG_KIND, _("The file %(name)s is empty. Please choose it again.", name=name))
    if size > limit * 1024 * 1024:
        said = {"name": name, "limit": limit}
        too_big = _("The file %(name)s is larger than %(limit)s MB. A photograph of the page is small enough.", **said)
        return Refusal(TOO_BIG, too_big)
    kind = kind_of(upload.stream.read(HEAD_BYTES))
    upload.stream.seek(0)
    if kind is None:
        return Refusal(
            WRONG_KIND, _("The file %(name)s is no picture (JPEG, PNG, HEIC, WebP, DICOM) and no PDF.", name=name)
        )
    return Checked(upload, kind, title)


def _one_too_many(upload: Upload) -> Refusal:
    name, limit = title_of(upload.filename or ""), PaperRules.in_force().records_max_count
    return Refusal(
        TOO_MANY,
        _("The file %(name)s was left out: at most %(limit)s files at a time.", name=name[:SHOWN], limit=limit),
    )


def _size(stream: IO[bytes]) -> int:
    stream.seek(0, os.SEEK_END)
    size = stream.tell()
    stream.seek(0)
    return size
