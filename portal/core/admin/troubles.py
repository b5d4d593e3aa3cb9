"""Failures of this installation, as sentences for the administrator and `portal check`."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portal.base.language import gettext as _
from portal.core.admin import backups
from portal.core.outbox import unusable
from portal.core.prescriptions.files.later import unsigned
from portal.core.prescriptions.models import UNMADE, Prescription
from portal.core.signing import certificates
from portal.store import disk, quarantine
from portal.store.filing import notes
from portal.work import audit_heads, damage, events, heartbeat
from portal.work.events import Event
from portal.work.proving import checks

LATE = timedelta(minutes=2)
LONG = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # as a range, unlike NOT NULL, it is looked up in the index on SQLite


@dataclass(frozen=True)
class Trouble:
    """One failure; `part` is its name in /readyz and `portal check`. A note needs no action."""

    part: str
    text: str
    is_note: bool = False


def troubles(now: datetime) -> list[Trouble]:
    """List all current failures and notes."""
    found = [*_worker(), *_disk(), *_work(now), *_unsigned(now), *_orphans()]
    told = [*_certificates(now), *_receipts(now), *_set_aside(), *_backups(now)]
    return [*(Trouble(part, text) for part, text in found), *told]


def _worker() -> list[tuple[str, str]]:
    workers = heartbeat.living()
    if not workers:
        return [("worker", _("The worker is not running: no OTP goes out and no prescription is made. Start it."))]
    if not all(row.has_queue for row in workers):
        return [("queue", _("The task queue cannot be reached. The work is done without it, some seconds later."))]
    return []


def _disk() -> list[tuple[str, str]]:
    found = []
    if not disk.has_room():
        left = disk.free() // disk.MB
        found.append(("disk", _("The disk is almost full: %(left)s MB are left. No files are taken.", left=left)))
    if not disk.is_writable():
        found.append(("store", _("The data folder cannot be written: no file can be stored.")))
    if reason := notes.text_of(notes.DOWN):
        text = _("The store of the files cannot be used: no file is stored or read. %(reason)s", reason=reason)
        found.append(("files' store", text))
    return found


def _work(now: datetime) -> list[tuple[str, str]]:
    unmade = Prescription.select().where(UNMADE & (Prescription.issued_at < now - LATE))
    late = Event.select().where((Event.next_at > EARLIEST) & (Event.at < now - LONG))
    found = []
    if count := unmade.count():
        found.append(("late prescriptions", _("Prescriptions whose PDF is late: %(count)s", count=count)))
    if count := late.count():
        found.append(("events", _("Events that somebody has not heard for five minutes: %(count)s", count=count)))
    if count := events.dead().count():
        found.append(("dead letters", _("Events that were given up after many tries: %(count)s", count=count)))
    if count := damage.count():
        text = _(
            "Files that were found damaged: %(count)s, the first %(file)s. They are not shown to anybody. "
            "Take them from a backup.",
            count=count,
            file=damage.first(),
        )
        found.append(("files", text))
    if audit_heads.is_unheard(now):
        found.append(("audit", _("Nobody hears the end of the audit chain: the address or file named for it fails.")))
    return [*found, *_audit_log(now)]


def _audit_log(now: datetime) -> list[tuple[str, str]]:
    check = checks.newest()
    if check is not None and check.breaks:
        text = _(
            "The audit log was changed: %(breaks)s breaks were found at night. The first: %(first)s Make a backup, "
            "change nothing, and run: portal audit verify",
            breaks=check.breaks,
            first=check.first,
        )
        return [("audit", text)]
    if checks.is_stale(now):
        return [("audit", _("The audit log was not verified for two nights. Look at the log of the worker."))]
    return []


def _unsigned(now: datetime) -> list[tuple[str, str]]:
    late = unsigned(now, late=LATE)
    if not late:
        return []
    reasons = [issued.failure for issued in late if issued.failure]
    text = _("Prescriptions that are not signed yet, and hold meanwhile: %(count)s.", count=len(late))
    why = [_("The reason: %(reason)s", reason=reason) for reason in reasons[-1:]]
    return [("unsigned", " ".join((text, *why)))]


def _certificates(now: datetime) -> list[Trouble]:
    """Tell of each certificate that cannot sign or runs out, by its owner."""
    return [Trouble(f"certificate {told.owner}".strip(), told.text, told.is_note) for told in certificates.notices(now)]


def _orphans() -> list[tuple[str, str]]:
    left = quarantine.count().left
    if not left:
        return []
    return [
        (
            "orphans",
            _(
                "Files that this database does not know: %(count)s. Is it the right one? Nothing is deleted.",
                count=left,
            ),
        ),
    ]


def _receipts(now: datetime) -> list[Trouble]:
    """Notes about delivery reports: some gateways never send any, and one account may serve several portals."""
    told = [(tally.provider, tally.sentences()) for tally in unusable.tallies(now)]
    return [Trouble(f"receipts of {provider}", " ".join(said), is_note=True) for provider, said in told if said]


def _set_aside() -> list[Trouble]:
    """Note the files a crash left behind: quarantined for thirty days, no action needed."""
    count = quarantine.count().set_aside
    text = _("Files that no record knows, set aside for thirty days: %(count)s", count=count)
    return [Trouble("set aside", text, is_note=True)] if count else []


def _backups(now: datetime) -> list[Trouble]:
    """Tell of a backup that is too old or not whole, and for some days of a restore."""
    restored = [Trouble("restored", sentence, is_note=True) for sentence in backups.of_restore(now)]
    return [*(Trouble("backup", sentence) for sentence in backups.problems(now)), *restored]
