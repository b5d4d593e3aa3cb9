"""Files of people in the data folder, and the hour at which runs begin."""

from datetime import datetime, time
from io import BytesIO

from portal.base.clock import at_ist, clinic_day
from portal.core.records import files, previews
from portal.core.records.models import Record
from portal.core.rights.clearing import doomed


def store_record(now: datetime, **of: object) -> Record:
    """An upload with its file and a thumbnail."""
    stored = files.store(BytesIO(b"%PDF-1.4 an old report"))
    fields = {"stored_name": stored.name, "size": stored.size, "sha256": stored.sha256, "state": "ready"}
    made = Record.create(title="report.pdf", kind="pdf", uploaded_at=now, **of, **fields)
    previews.keep(made.id, previews.store([b"a thumbnail"]))
    return made


def stored() -> list[str]:
    """Every file of people in the data folder."""
    root = files.folder().parent
    folders = [root / name for name in doomed.FOLDERS]
    return sorted(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())


def at_night(now: datetime) -> datetime:
    """Half past ten in the evening of the clinic's day."""
    return at_ist(clinic_day(now), time(22, 30))
