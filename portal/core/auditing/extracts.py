"""An extract of the audit log for an inquiry: rows that match, each with its proof, and the program that verifies them.

A ZIP of three files: `READ-ME.txt`, `rows.jsonl` and `verify.py`, which needs neither this portal nor its key
(`portal.work.proving.proof`). Whoever takes one is on record, with the link of the newest section.
"""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from portal.core.auditing import deeds
from portal.core.auditing.read_me import read_me
from portal.core.auditing.search import newest
from portal.core.auditing.wanted import Wanted
from portal.work.audit import SYSTEM, AuditRow
from portal.work.audit_published import head
from portal.work.proving import proof, sections
from portal.work.proving.sections import AuditSection

MOST = 10_000  # rows of an extract
FIELDS = ("format", "shard", "place", *proof.TEXTS, "hash")


@dataclass(frozen=True)
class Extract:
    """An extract. `link`: of the newest section, as published; `more`: older rows match too."""

    content: bytes
    rows: int
    link: str
    more: bool


def make_extract(wanted: Wanted, *, now: datetime) -> Extract:
    """Pack the newest rows that match with their proofs. Raises ValueError where the log is damaged."""
    sections.close_sections(by=SYSTEM, now=now)
    found = newest(wanted, None, MOST + 1)
    rows, more = found[:MOST], len(found) > MOST
    lines = _lines(rows, wanted, now)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("READ-ME.txt", read_me(len(rows), more))
        archive.writestr("rows.jsonl", "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines))
        archive.writestr("verify.py", Path(proof.__file__).read_text("utf-8"))
    return Extract(packed.getvalue(), len(rows), sections.published(), more)


def _lines(rows: list[AuditRow], wanted: Wanted, now: datetime) -> list[dict[str, Any]]:
    closed = list(AuditSection.select().order_by(AuditSection.number))
    ends = [(section.number, section.ends) for section in closed]
    places = sorted((*sections.place_of(row, ends), row.id) for row in rows if _is_closed(row, ends))
    known = {row.id: row for row in rows}
    first = places[0][0] if places else len(closed) + 1
    told = [{name: getattr(one, name) for name in ("number", "root", "link")} for one in closed[first - 1 :]]
    about = {"made_at": now.isoformat(), "asked": wanted.address(), "head": str(head()), "rows": len(places)}
    before = closed[first - 2].link if first > 1 else proof.BEGIN
    lines = [about | {"before": before, "sections": told}]
    for number, of_section in groupby(places, key=itemgetter(0)):
        tree = sections.tree_of(number)
        lines += [_line(known[row_id], number, proof.path_of(tree, place)) for _number, place, row_id in of_section]
    return lines


def _is_closed(row: AuditRow, ends: list[tuple[int, list[int]]]) -> bool:
    """Leave out rows that somebody appended after the last section was closed, a moment ago."""
    try:
        sections.place_of(row, ends)
    except LookupError:
        return False
    return True


def _line(row: AuditRow, number: int, path: proof.Path) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in FIELDS} | {"at": row.at.isoformat()}
    return {"in_words": deeds.in_words(row.action), "row": fields, "section": number, "path": path}
