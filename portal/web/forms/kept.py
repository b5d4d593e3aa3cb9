"""What somebody had typed when the sign-in was over: kept for that person alone, sealed, and not for long."""

import json
from datetime import datetime, timedelta

import peewee

from portal.base.keys import fingerprint
from portal.store.db import UidModel, UTCDateTimeField, write
from portal.store.sealed import SealedField
from portal.work import jobs


class KeptForm(UidModel):
    """What somebody had typed when the sign-in was over: sealed, for that person's next sign-in, for a short time.

    `path` is the fingerprint of its page's address: a query can hold a prescription's code.
    """

    owner = peewee.CharField(max_length=22)
    path = peewee.CharField(max_length=300)
    typed = SealedField("kept forms")
    kept_at = UTCDateTimeField(index=True)

    class Meta:
        indexes = ((("owner", "path"), True),)


LIVES = timedelta(hours=12)  # a form of the morning is still there in the evening, not the next day
LARGEST = 256 * 1024  # characters of one form
MOST = 10  # forms of one person; the oldest goes
Pairs = list[tuple[str, str]]


def keep(owner: str, path: str, typed: Pairs, *, now: datetime) -> bool:
    """Keep the fields of a form; a later one of the same page takes its place. False when there is too much."""
    plain = json.dumps(typed)
    if len(plain) > LARGEST:
        return False
    with write():
        drop(owner, path)
        KeptForm.create(owner=owner, path=fingerprint(path), typed=KeptForm.typed.seal(plain), kept_at=now)
        newest = KeptForm.select(KeptForm.id).where(KeptForm.owner == owner).order_by(KeptForm.id.desc())
        KeptForm.delete().where(KeptForm.id.in_([row.id for row in newest.offset(MOST).limit(MOST)])).execute()
    return True


def of(owner: str, path: str, *, now: datetime) -> Pairs:
    """The fields kept for this person on this page; none when there are none."""
    row = KeptForm.get_or_none(_living(owner, now) & _is_page(path))
    if row is None:
        return []
    plain = KeptForm.typed.unseal(row.typed)  # none: sealed by a key that has been taken away since
    return [(name, value) for name, value in json.loads(plain)] if plain else []


def has_any(owner: str, *, now: datetime) -> bool:
    """Is anything kept for this person?"""
    return bool(KeptForm.select().where(_living(owner, now)).exists())


def drop(owner: str, path: str) -> None:
    """It is stored where it belongs, or not wanted any more."""
    KeptForm.delete().where((KeptForm.owner == owner) & _is_page(path)).execute()


@jobs.sweep(every=600)
def sweep_kept_forms(now: datetime) -> None:
    """Forget what nobody came back for."""
    KeptForm.delete().where(KeptForm.kept_at < now - LIVES).execute()


def _is_page(path: str) -> peewee.Expression:
    """Rows of before an upgrade hold the address itself, for the hours that they live."""
    found: peewee.Expression = KeptForm.path.in_((fingerprint(path), path))
    return found


def _living(owner: str, now: datetime) -> object:
    return (KeptForm.owner == owner) & (KeptForm.kept_at > now - LIVES)
