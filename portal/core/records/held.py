"""Files of a form that was refused for something else wait for the form to come again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.base.errors import Invalid, TooBig, WrongKind
from portal.core.accounts.models import Account
from portal.core.records import files
from portal.core.records.models import HeldUpload
from portal.core.records.uploads import Refusal, Upload, look_at
from portal.store.db import write
from portal.work import jobs

KEPT = timedelta(days=1)
MOST = 20  # of an account


@dataclass(frozen=True)
class Basket:
    """The good files of a form, old and new, and why others were not taken."""

    held: Sequence[HeldUpload] = ()
    refused: Sequence[Refusal] = ()

    @property
    def problems(self) -> dict[str, str]:
        """Why files were not taken, beside the form's field; empty when all are good."""
        return {"records": " ".join(one.sentence for one in self.refused)} if self.refused else {}

    def insist(self) -> None:
        """Raise TooBig, WrongKind or Invalid when a file was not taken."""
        worst = max((one.status for one in self.refused), default=0)
        if worst:
            raise {TooBig.status: TooBig, WrongKind.status: WrongKind}.get(worst, _invalid)(self.problems["records"])


NOTHING = Basket()


def _invalid(sentence: str) -> Invalid:
    return Invalid({"records": sentence})


def take_in(account: Account, uploads: Iterable[Upload], uids: Iterable[str], *, now: datetime) -> Basket:
    """Keep the good files of a form beside those that this account sent with it before. Raises Unavailable."""
    uploads, uids = [one for one in uploads if one.filename], list(uids)
    if not uploads and not uids:  # most ask for a token without any, all of them at nine o'clock
        return NOTHING
    mine = (HeldUpload.account == account) & HeldUpload.uid.in_(list(uids)[:MOST])
    before = list(HeldUpload.select().where(mine).order_by(HeldUpload.id))
    taken, refused = look_at(uploads, already=len(before))
    stored = [(one, files.store(one.upload.stream)) for one in taken]
    if stored:
        _forget(
            list(HeldUpload.select().where(HeldUpload.account == account).order_by(HeldUpload.id.desc()).offset(MOST))
        )
    with write():
        fresh = [
            HeldUpload.create(
                account=account,
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


def _forget(rows: list[HeldUpload]) -> None:
    """Rows first: a crash between leaves a file without a row, never a row without its file."""
    for row in rows:
        with write():
            row.delete_instance()
        files.forget(row.stored_name)


@jobs.sweep(every=3600, patience=3600)
def sweep_held(now: datetime) -> None:
    """Forms that never came again: their files are known, and theirs alone."""
    _forget(list(HeldUpload.select().where(HeldUpload.held_at < now - KEPT)))
