"""From a file to a preview: each line is compared with the register, and who is in no line is found; no more than that.

Batch by batch, each in a transaction that also says how far it came: after a crash it goes on there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from portal.core.beneficiaries.mobile_reading import replaced
from portal.core.beneficiaries.models import RegisterEntry
from portal.core.beneficiaries.register_file import Known, Row, check_lines
from portal.core.beneficiaries.services import ben_id_of
from portal.core.register.models import CHANGED, GONE, NEW, REFUSED, SAME, RegisterChange, RegisterImport, advance
from portal.core.register.values import LEFT, Centres, Values, after_of, entries_of
from portal.store.csv_file import Line
from portal.store.db import write

BATCH = 500
CORRECTED = "corrected"  # counted beside the kinds: lines whose old mobile is left out
LONGEST_CELL = 250
Checked = tuple[Line, Row | list[str]]


def stage_lines(batch: RegisterImport, lines: Iterable[Line], today: date) -> None:
    """Compare every line with the register, from where the import stands."""
    centres = Centres()
    checked = check_lines(lines, Known(centres.ids, today))
    rest = (each for each in checked if each[0].number > batch.cursor)
    while found := list(islice(rest, BATCH)):
        with write():
            counts: Counter[str] = Counter()
            rows = list(_changes(batch, found, centres, counts))
            RegisterChange.insert_many(rows).execute()
            counts.update(row["kind"] for row in rows)
            advance(batch, found[-1][0].number, batch.compared, counts=_counted(batch, counts))


def stage_gone(batch: RegisterImport, today: date) -> bool:
    """Compare the next people of the register with the file; True when there are none left."""
    with write():
        known = RegisterEntry.select().where(RegisterEntry.ben_id > batch.compared).order_by(RegisterEntry.ben_id)
        entries = list(known.limit(BATCH))
        if not entries:
            return True
        inside = RegisterChange.ben_id.in_([entry.ben_id for entry in entries])
        mine = RegisterChange.select(RegisterChange.ben_id).where((RegisterChange.batch == batch) & inside)
        told, centres = {row.ben_id for row in mine}, Centres()
        gone = [entry for entry in entries if entry.ben_id not in told and entry.left_on is None]
        if gone:
            rows = [_gone(batch, entry.ben_id, centres.values_of(entry), today) for entry in gone]
            RegisterChange.insert_many(rows).execute()
        advance(batch, batch.cursor, entries[-1].ben_id, counts=_counted(batch, Counter({GONE: len(gone)})))
    return False


def _changes(batch: RegisterImport, found: list[Checked], centres: Centres, counts: Counter[str]) -> Iterator[Values]:
    entries = entries_of(row.ben_id for _line, row in found if isinstance(row, Row))
    corrected = replaced(entries.values())
    for line, row in found:
        if not isinstance(row, Row):
            cells = {field: text[:LONGEST_CELL] for field, text in line.cells.items()}
            ben_id = ben_id_of(line.cells.get("ben_id", ""))
            yield _change(batch, line.number, ben_id, REFUSED, after=cells, reason="; ".join(row))
            continue
        entry = entries.get(row.ben_id)
        before = centres.values_of(entry) if entry else {}
        after = after_of(row, batch.mapping, before)
        if entry and (entry.id, after["mobile"]) in corrected:
            after["mobile"] = entry.mobile  # the file does not know yet what a desk has corrected
            counts[CORRECTED] += 1
        if before == after:
            yield _change(batch, line.number, row.ben_id, SAME)
        else:
            yield _change(batch, line.number, row.ben_id, CHANGED if before else NEW, before=before, after=after)


def _change(
    batch: RegisterImport,
    line: int | None,
    ben_id: str,
    kind: str,
    *,
    before: Values | None = None,
    after: Values | None = None,
    reason: str = "",
) -> Values:
    own = {"batch": batch.id, "line": line, "ben_id": ben_id, "kind": kind}
    return own | {"before": before or {}, "after": after or {}, "reason": reason}


def _gone(batch: RegisterImport, ben_id: str, before: Values, today: date) -> Values:
    return _change(batch, None, ben_id, GONE, before=before, after=before | {LEFT: today.isoformat()})


def _counted(batch: RegisterImport, more: Counter[str]) -> dict[str, int]:
    return dict(Counter(batch.counts) + more)
