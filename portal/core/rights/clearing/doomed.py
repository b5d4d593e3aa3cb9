"""Files of deleted rows: named in the transaction that deletes these, deleted after it; after a crash, by the sweep."""

from collections.abc import Iterable
from pathlib import Path

from portal.base.crash import crashpoint
from portal.core.rights.clearing.models import DoomedFile
from portal.core.rights.models import DataCopy
from portal.store.db import require_no_transaction
from portal.store.kept import files as kept

# The folders of the data folder in which the rooms below keep files of people.
RECORDS, PRESCRIPTIONS, LARGE_PRINT, SLIPS, COPIES = "records", "prescriptions", "large-print", "slips", "copies"
FOLDERS = (RECORDS, PRESCRIPTIONS, LARGE_PRINT, SLIPS, COPIES)
AT_ONCE = 500
_data_dir = Path()


def install(data_dir: Path) -> None:
    """Set the data folder (the application factory does)."""
    global _data_dir
    _data_dir = data_dir


def doom(folder: str, names: Iterable[str]) -> None:
    """Name files that go with the rows that the current transaction deletes."""
    for name in names:
        DoomedFile.create(folder=folder, name=name)


def delete_copies(rows: Iterable[DataCopy]) -> None:
    """Delete a person's copies of everything, and name their files."""
    for row in rows:
        doom(COPIES, [f"{row.uid}.zip"])
        row.delete_instance()


def delete_doomed() -> None:
    """Delete the files that were named, each before its row; while a backup is made, after it.

    Raises RuntimeError in a transaction.
    """
    require_no_transaction()
    for row in DoomedFile.select().order_by(DoomedFile.id).limit(AT_ONCE):
        crashpoint("clearing.before_file")
        kept.delete(_data_dir / row.folder / row.name)
        row.delete_instance()
