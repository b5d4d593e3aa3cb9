"""Storage of form drafts from expired sign-ins: encrypted, per person, for LIVES."""

import json
from datetime import datetime, timedelta

import peewee

from portal.base.keys import fingerprint
from portal.store.db import UidModel, UTCDateTimeField, attempted, one_at_a_time, write
from portal.store.sealed import SealedField
from portal.work import jobs


class KeptForm(UidModel):
    """A form submitted after its sign-in had expired, encrypted, kept for that person's next sign-in.

    `path` is a hash of its page's URL: a query can hold a prescription's code.
    """

    owner = peewee.CharField(max_length=22)
    path = peewee.CharField(max_length=300)
    typed = SealedField("kept forms")
    kept_at = UTCDateTimeField(index=True)

    class Meta:
        indexes = ((("owner", "path"), True),)


LIVES = timedelta(hours=12)  # expires within a day: from the morning until the evening
LARGEST = 256 * 1024  # characters of one form
MOST = 10  # drafts of one person; the oldest is deleted
Pairs = list[tuple[str, str]]


def keep(owner: str, path: str, typed: Pairs, *, now: datetime) -> bool:
    """Store a form's fields, replacing an earlier draft of the page. False when it is too large."""
    plain = json.dumps(typed)
    if len(plain) > LARGEST:
        return False
    with write():
        one_at_a_time(f"kept forms {owner}")  # the button pressed twice after the sign-in was over
        drop(owner, path)
        KeptForm.create(owner=owner, path=fingerprint(path), typed=KeptForm.typed.seal(plain), kept_at=now)
        newest = KeptForm.select(KeptForm.id).where(KeptForm.owner == owner).order_by(KeptForm.id.desc())
        KeptForm.delete().where(KeptForm.id.in_([row.id for row in newest.offset(MOST).limit(MOST)])).execute()
    return True


def of(owner: str, path: str, *, now: datetime) -> Pairs:
    """Load the fields kept for this person and page; empty when there are none."""
    row = KeptForm.get_or_none(_living(owner, now) & _is_page(path))
    if row is None:
        return []
    plain = KeptForm.typed.unseal(row.typed)  # None: encrypted with a key removed since
    return [(name, value) for name, value in json.loads(plain)] if plain else []


def has_any(owner: str, *, now: datetime) -> bool:
    """Is anything kept for this person?"""
    return bool(KeptForm.select().where(_living(owner, now)).exists())


def drop(owner: str, path: str) -> None:
    """Delete the draft of a page: it was submitted, or is not wanted.

    What was submitted is done, so no failure here may change the answer: the sweep deletes the draft then.
    """
    attempted(KeptForm.delete().where((KeptForm.owner == owner) & _is_page(path)))


@jobs.sweep(every=600)
def sweep_kept_forms(now: datetime) -> None:
    """Delete expired drafts."""
    KeptForm.delete().where(KeptForm.kept_at < now - LIVES).execute()


def _is_page(path: str) -> peewee.Expression:
    """Match the page by its hash, or by its URL in rows from before an upgrade, until they expire."""
    found: peewee.Expression = KeptForm.path.in_((fingerprint(path), path))
    return found


def _living(owner: str, now: datetime) -> object:
    return (KeptForm.owner == owner) & (KeptForm.kept_at > now - LIVES)
