"""The import of a register from the command line: the same reading, preview, writing and undo, in one go."""

from dataclasses import dataclass, field
from datetime import datetime

from portal.base.clock import clinic_day
from portal.base.errors import Invalid
from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.beneficiaries.register_file import COLUMNS
from portal.core.register import applying, columns, models, runs, staging
from portal.core.register.models import RegisterChange, RegisterImport
from portal.sandbox.spreadsheets import Sheet, read_sheet
from portal.work.audit import SYSTEM


@dataclass
class Outcome:
    """What became of a file: lines taken, refused lines with reasons, and what changes, in words."""

    taken: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


def read_file(content: bytes) -> Sheet:
    """Read a file, before any lock is taken. Raises Invalid for one that cannot be read or lacks a column."""
    sheet = read_sheet(content)
    lacking = columns.missing(columns.proposed(sheet.columns))
    if lacking:
        raise Invalid({"": _first_line(lacking)})
    return sheet


def import_sheet(name: str, sheet: Sheet, *, marks_gone: bool = False, now: datetime) -> Outcome:
    """Import a file at once, in the caller's transaction; `marks_gone`: also mark who is not in it."""
    mapping = columns.proposed(sheet.columns)
    batch: RegisterImport = RegisterImport.create(
        file=name[:100],
        state=models.READING,
        language=current(),
        columns=sheet.columns,
        mapping=mapping,
        asked_at=now,
        confirmed_at=now,
        marks_gone=marks_gone,
    )
    staging.stage_lines(
        batch, columns.lines_of(sheet.rows, mapping, len(sheet.columns), day_first=False), clinic_day(now)
    )
    while not staging.stage_gone(batch, clinic_day(now)):
        pass
    batch.cursor, batch.compared, batch.state = 0, "", models.APPLYING
    batch.save(only=(RegisterImport.cursor, RegisterImport.compared, RegisterImport.state))
    while not applying.apply_batch(batch):
        pass
    outcome = _outcome(batch)
    runs.finish(batch, by=SYSTEM, now=now)
    return outcome


def _outcome(batch: RegisterImport) -> Outcome:
    new, changed, same, gone = (
        batch.counts.get(kind, 0) for kind in (models.NEW, models.CHANGED, models.SAME, models.GONE)
    )
    wrong = RegisterChange.select().where((RegisterChange.batch == batch) & (RegisterChange.kind == models.REFUSED))
    said = [f"import {batch.id}: {new} new, {changed} changed, {same} the same; {gone} are not in the file, and stay"]
    refused = [(row.line or 0, row.reason) for row in wrong.order_by(RegisterChange.id)]
    return Outcome(new + changed + same, refused, said)


def _first_line(lacking: list[str]) -> str:
    return " ".join(
        (
            _(
                "The first line must name the columns, with commas between them: %(names)s.",
                names=", ".join(COLUMNS.needed),
            ),
            _("%(names)s may follow.", names=", ".join(COLUMNS.optional)),
            _("The file has no column %(columns)s.", columns=", ".join(lacking)),
        )
    )
