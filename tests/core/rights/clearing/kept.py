"""Files of people in the data folder, and the hour at which runs begin."""

from datetime import datetime, time
from io import BytesIO

from portal.base.clock import at_ist, clinic_day
from portal.core.records import files, previews
from portal.core.records.models import Record
from portal.store.filing import current


def store_record(now: datetime, **of: object) -> Record:
    """An upload with its file and a thumbnail."""
    stored = files.store(BytesIO(b"%PDF-1.4 an old report"))
    fields = {"stored_name": stored.name, "size": stored.size, "sha256": stored.sha256, "state": "ready"}
    made = Record.create(title="report.pdf", kind="pdf", uploaded_at=now, **of, **fields)
    previews.keep(made.id, previews.store([b"a thumbnail"]))
    return made


def stored() -> list[str]:
    """Every file of people in the store."""
    return sorted(each.name for folder in current.FOLDERS for each in current.store().listed(folder))


def at_night(now: datetime) -> datetime:
    """Half past ten in the evening of the clinic's day."""
    return at_ist(clinic_day(now), time(22, 30))
