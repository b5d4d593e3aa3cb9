"""Files of deleted rows: named in the transaction that deletes these, deleted after it; after a crash, by the sweep."""

from collections.abc import Iterable

from portal.base.crash import crashpoint
from portal.core.rights.clearing.models import DoomedFile
from portal.core.rights.models import DataCopy
from portal.store.db import require_no_transaction
from portal.store.filing import current
from portal.store.kept import files as kept

AT_ONCE = 500


def doom(folder: str, names: Iterable[str]) -> None:
    """Name files that go with the rows that the current transaction deletes."""
    for name in names:
        DoomedFile.create(folder=folder, name=name)


def delete_copies(rows: Iterable[DataCopy]) -> None:
    """Delete a person's copies of everything, and name their files."""
    for row in rows:
        doom(current.COPIES, [f"{row.uid}.zip"])
        row.delete_instance()


def delete_doomed() -> None:
    """Delete the files that were named, each before its row; while a backup is made, after it.

    Raises RuntimeError in a transaction.
    """
    require_no_transaction()
    for row in DoomedFile.select().order_by(DoomedFile.id).limit(AT_ONCE):
        crashpoint("clearing.before_file")
        kept.delete(f"{row.folder}/{row.name}")
        row.delete_instance()
