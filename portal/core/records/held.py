"""Uploads of a form that failed validation, held for its retry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base.errors import Invalid, TooBig, WrongKind
from portal.core.accounts.models import Account, Staff
from portal.core.records import files
from portal.core.records.models import HeldUpload
from portal.core.records.uploads import Refusal, Upload, look_at
from portal.store.db import write
from portal.work import jobs

RETENTION = timedelta(days=1)
LIMIT = 20  # per account


@dataclass(frozen=True)
class Basket:
    """Accepted files of a form, held and new, and why others were refused."""

    held: Sequence[HeldUpload] = ()
    refused: Sequence[Refusal] = ()

    @property
    def problems(self) -> dict[str, str]:
        """Return the refusals as the error of the form's field; empty when all were accepted."""
        return {"records": " ".join(one.sentence for one in self.refused)} if self.refused else {}

    def insist(self) -> None:
        """Raise TooBig, WrongKind or Invalid when a file was refused."""
        worst = max((one.status for one in self.refused), default=0)
        if worst:
            raise {TooBig.status: TooBig, WrongKind.status: WrongKind}.get(worst, _invalid)(self.problems["records"])


NOTHING = Basket()


def _invalid(sentence: str) -> Invalid:
    return Invalid({"records": sentence})


def take_in(owner: Account | Staff, uploads: Iterable[Upload], uids: Iterable[str], *, now: datetime) -> Basket:
    """Store the accepted files of a form, beside those that this owner has held. Raises Unavailable."""
    uploads, uids = [one for one in uploads if one.filename], list(uids)
    if not uploads and not uids:  # the common case, for everybody at nine o'clock
        return NOTHING
    own = {"account" if isinstance(owner, Account) else "staff": owner}
    mine = HeldUpload.select().where(HeldUpload.account == owner if "account" in own else HeldUpload.staff == owner)
    before = list(mine.where(HeldUpload.uid.in_(list(uids)[:LIMIT])).order_by(HeldUpload.id))
    taken, refused = look_at(uploads, already=len(before))
    stored = [(one, files.store(one.upload.stream)) for one in taken]
    if stored:
        _delete(list(mine.order_by(HeldUpload.id.desc()).offset(LIMIT)))
    with write():
        fresh = [
            HeldUpload.create(
                **own,
                title=one.title,
                kind=one.kind,
                stored_name=file.name,
                size=file.size,
                sha256=file.sha256,
                held_at=now,
            )
            for one, file in stored
        ]
    return Basket([*before, *fresh], refused)


def _delete(rows: list[HeldUpload]) -> None:
    """Delete rows first: a crash in between leaves a file without a row, never a row without its file."""
    for row in rows:
        with write():
            row.delete_instance()
        files.forget(row.stored_name)


@jobs.sweep(every=3600, grace=3600)
def sweep_held(now: datetime) -> None:
    """Delete the files of forms that were never sent again, and no others."""
    _delete(list(HeldUpload.select().where(HeldUpload.held_at < now - RETENTION)))
