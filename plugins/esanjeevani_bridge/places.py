"""The Local Government Directory's table: brought in from CSV, asked for when a patient is handed over."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from portal.api.base import Invalid, one_line, plain_digits
from portal.api.base import gettext as _
from portal.api.storage import write
from portal.api.work import Actor, record

from .models import Place, PlacesImported

NAMES, CODES = ("state", "district", "name"), ("state_code", "district_code", "code")
COLUMNS = ("state_code", "state", "district_code", "district", "code", "name")
LONGEST_NAME, LONGEST_CODE = 80, 9  # a code travels on as a number of 32 bits
BATCH = 100
MOST_BYTES = 2 * 1024 * 1024
SHOWN = 1000


def import_places(content: bytes, *, by: Actor, now: datetime) -> int:
    """Bring in a table; rows that are there already are replaced. All or nothing: Invalid names the first bad lines."""
    rows = _rows(content)
    with write():
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            Place.delete().where(Place.code.in_([row["code"] for row in batch])).execute()
            Place.insert_many(batch).execute()
        record(PlacesImported(rows=len(rows)), "lgd", by=by, now=now)
    return len(rows)


def place_of(code: str) -> Place:
    """The place of an LGD sub-district code. Raises Invalid with a sentence when the table has none."""
    found = find(code)
    if found is None:
        raise Invalid(
            {
                "place": _(
                    "The table of places has no sub-district with this code. The administrator can "
                    "bring in a newer LGD table."
                )
            }
        )
    return found


def find(code: str) -> Place | None:
    """The place of a code, if the table has it."""
    found: Place | None = Place.get_or_none(Place.code.in_([code.strip(), _number(code)]))
    return found


def suggestions(code: str) -> list[Place]:
    """Sub-districts of the same state, for the form."""
    near = find(code)
    rows = Place.select().where(Place.state_code == near.state_code) if near else Place.select()
    return list(rows.order_by(Place.name, Place.district).limit(SHOWN))


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        rows = _read(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid({"file": _("The file is not UTF-8 text.")}) from error
    except csv.Error as error:
        raise Invalid({"file": _("The file is not a table in CSV.")}) from error
    if not rows:
        raise Invalid({"file": _("The file holds no place.")})
    return rows


def _read(text: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise Invalid({"file": _("The file has no column %(columns)s.", columns=", ".join(missing))})
    return list({row["code"]: row for row in _checked(reader)}.values())


def _checked(reader: "csv.DictReader[str]") -> Iterator[dict[str, str]]:
    for line, raw in enumerate(reader, 2):
        row = {name: one_line(raw[name] or "") for name in COLUMNS}
        row |= {name: _number(row[name]) for name in CODES}
        wrong = [name for name in COLUMNS if not row[name] or (name in NAMES and len(row[name]) > LONGEST_NAME)]
        if wrong:
            columns = ", ".join(wrong)
            raise Invalid({"file": _("Line %(line)s: %(columns)s is empty or wrong.", line=line, columns=columns)})
        yield row


def _number(code: str) -> str:
    """An LGD code without zeros before it, as two ways of writing one code are one place; empty when it is no code."""
    digits = plain_digits(code.strip())
    return digits.lstrip("0") if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_CODE else ""
