"""Writing a copy of everything as a ZIP: files one by one, then the JSON, which tells what could not be read."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime

import structlog

from portal.base.errors import PortalError, Unavailable
from portal.base.language import gettext as _
from portal.core.rights.picking import PackedFile, Told
from portal.store import disk
from portal.store.filing import current

log = structlog.get_logger(__name__)


def pack(key: str, told: Told, files: Iterable[PackedFile], *, done: Callable[[int], None]) -> tuple[int, str]:
    """Write the ZIP on this machine's disk, without a name, and store it whole; return its size in bytes and SHA-256.

    `done(n)` is called after each file.
    """
    with tempfile.TemporaryFile(dir=disk.folder()) as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, each in enumerate(files, 1):
                _add(archive, each)
                done(number)
            archive.writestr("everything.json", json.dumps(told, ensure_ascii=False, indent=1, default=_plain))
            archive.writestr("README.txt", _readme())
        target.seek(0)
        written = current.store().write(key, target)
    return written.size, written.sha256


def _add(archive: zipfile.ZipFile, each: PackedFile) -> None:
    """Add a file; of one that is damaged or was removed meanwhile the JSON says that it is missing."""
    try:
        content = each.read()
    except PortalError as error:
        if type(error) is Unavailable:  # the store is down, not the file: the copy is made later
            raise
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
