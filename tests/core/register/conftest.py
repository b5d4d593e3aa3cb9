"""Imports of the register as an administrator makes them, with the worker's steps."""

import csv
import io
from collections.abc import Callable

import pytest

from portal.core.beneficiaries.models import RegisterEntry
from portal.core.register import imports
from portal.core.register.models import RegisterImport
from portal.work.audit import SYSTEM
from tests.factories import make_centre

HEADER = ("ben_id", "name", "name_hi", "gender", "date_of_birth", "mobile", "centre")
RAMESH = ("5000001", "Ramesh Kumar", "रमेश कुमार", "male", "1950-02-03", "9000000111", "01")
SITA = ("5000002", "Sita Devi", "सीता देवी", "female", "1961-07-09", "9000000112", "02")

Import = Callable[..., RegisterImport]


def table(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> bytes:
    """Write rows as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows((header, *rows))
    return out.getvalue().encode()


def register() -> list[dict]:
    """All of the register, row by row, without its ids."""
    rows = RegisterEntry.select().order_by(RegisterEntry.ben_id).dicts()
    return [{key: value for key, value in row.items() if key != "id"} for row in rows]


@pytest.fixture
def centres(db) -> None:
    for code in ("01", "02"):
        make_centre(code)


@pytest.fixture
def preview(centres, queue, now) -> Import:
    """Upload a file with the proposed columns; the worker has compared it."""

    def preview(content: bytes, name: str = "register.csv", **form: str) -> RegisterImport:
        made = imports.upload_file(name, io.BytesIO(content), None, by=SYSTEM, now=now)
        chosen = {field: str(place) for field, place in made.mapping.items()}
        imports.choose_columns(made.uid, {"dates": "day" if made.day_first else "iso"} | chosen | form)
        queue.drain()
        return imports.find_import(made.uid)

    return preview


@pytest.fixture
def done(preview, queue, now) -> Import:
    """Import a file."""

    def done(content: bytes, *, marks_gone: bool = False, **options: str) -> RegisterImport:
        batch = preview(content, **options)
        imports.confirm_import(batch.uid, None, marks_gone=marks_gone, by=SYSTEM, now=now)
        queue.drain()
        return imports.find_import(batch.uid)

    return done
