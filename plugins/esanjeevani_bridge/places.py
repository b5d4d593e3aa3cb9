"""Table of the Local Government Directory (LGD): imported from CSV, used in hand-overs."""

from datetime import datetime
from io import BytesIO

from portal.api.base import Columns, Invalid, Line, one_line, read_table, whole
from portal.api.base import gettext as _
from portal.api.storage import write
from portal.api.work import Actor, record

from .models import Place, PlacesImported

NAMES, CODES = ("state", "district", "name"), ("state_code", "district_code", "code")
COLUMNS = Columns(("state_code", "state", "district_code", "district", "code", "name"), others=True)
LONGEST_NAME, LONGEST_CODE = 80, 9  # a code is sent as a 32-bit number
BATCH = 100
MOST_BYTES = 2 * 1024 * 1024
SHOWN = 1000


def import_places(content: bytes, *, by: Actor, now: datetime) -> int:
    """Import a table in one transaction; existing rows are replaced. Raises Invalid with the first bad lines."""
    rows = _rows(content)
    with write():
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            Place.delete().where(Place.code.in_([row["code"] for row in batch])).execute()
            Place.insert_many(batch).execute()
        record(PlacesImported(rows=len(rows)), "lgd", by=by, now=now)
    return len(rows)


def place_of(code: str) -> Place:
    """Get the place of an LGD sub-district code. Raises Invalid with a sentence when the table has none."""
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
    """Find the place of a code, if the table has it."""
    found: Place | None = Place.get_or_none(Place.code.in_([code.strip(), _number(code)]))
    return found


def suggestions(code: str) -> list[Place]:
    """List sub-districts of the same state, for the form."""
    near = find(code)
    rows = Place.select().where(Place.state_code == near.state_code) if near else Place.select()
    return list(rows.order_by(Place.name, Place.district).limit(SHOWN))


def _rows(content: bytes) -> list[dict[str, str]]:
    rows = {row["code"]: row for row in map(_row, read_table(BytesIO(content), COLUMNS, "file"))}
    if not rows:
        raise Invalid({"file": _("The file holds no place.")})
    return list(rows.values())


def _row(line: Line) -> dict[str, str]:
    if line.wrong:
        raise Invalid({"file": _("Line %(line)s: %(reason)s", line=line.number, reason=line.wrong)})
    row = {name: one_line(line.cells[name]) for name in COLUMNS.needed}
    row |= {name: _number(row[name]) for name in CODES}
    wrong = [name for name in row if not row[name] or (name in NAMES and len(row[name]) > LONGEST_NAME)]
    if wrong:
        columns = ", ".join(wrong)
        raise Invalid({"file": _("Line %(line)s: %(columns)s is empty or wrong.", line=line.number, columns=columns)})
    return row


def _number(code: str) -> str:
    """Normalise an LGD code without leading zeros, so that two notations are one place; empty when it is invalid."""
    return str(whole(code, 1, 10**LONGEST_CODE - 1) or "")
