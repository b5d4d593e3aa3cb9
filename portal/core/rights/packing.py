"""Writing a copy of everything as a ZIP: files one by one, then the JSON, which tells what could not be read."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

import structlog

from portal.base.errors import PortalError
from portal.base.language import gettext as _
from portal.core.rights.picking import PackedFile, Told
from portal.store.private import make_folder, name_whole

CHUNK = 1024 * 1024
log = structlog.get_logger(__name__)


def pack(path: Path, told: Told, files: Iterable[PackedFile], *, done: Callable[[int], None]) -> tuple[int, str]:
    """Write the ZIP atomically; return its size in bytes and SHA-256. `done(n)` is called after each file."""
    make_folder(path.parent)
    partial = path.with_suffix(".part")
    with partial.open("wb") as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, each in enumerate(files, 1):
                _add(archive, each)
                done(number)
            archive.writestr("everything.json", json.dumps(told, ensure_ascii=False, indent=1, default=_plain))
            archive.writestr("README.txt", _readme())
        target.flush()
        os.fsync(target.fileno())
    size, sha256 = partial.stat().st_size, checksum(partial)
    name_whole(partial, path)
    return size, sha256


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(archive: zipfile.ZipFile, each: PackedFile) -> None:
    """Add a file; of one that is damaged or was removed meanwhile the JSON says that it is missing."""
    try:
        content = each.read()
    except PortalError as error:
        log.warning("file_not_packed", error=type(error).__name__)
        each.told["missing"] = True
        return
    archive.writestr(each.name, content, zipfile.ZIP_STORED)  # PDFs and pictures are compressed already
    each.told["file"] = each.name


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _readme() -> str:
    return "\r\n\r\n".join(
        (
            _("This is a copy of everything that this clinic keeps of one person."),
            _("prescriptions: the prescriptions as PDF. records: the reports and old prescriptions that you uploaded."),
            _("everything.json: all the rest, as text for people and programs. Times are in UTC."),
            _(
                "Past visits to a private specialty are in it only if they were open when the copy was asked for; "
                "otherwise it says “left_out” there."
            ),
            _("Whoever has this file can read your health data. Keep it where only you can open it."),
        )
    )
