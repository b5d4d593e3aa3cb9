"""The closing audit: every acknowledged write is there once, nothing is stuck. `python -m tests.kills.audit`."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee

from portal.app import create_app
from portal.base import clock
from portal.config import load
from portal.core.beneficiaries.models import Beneficiary
from portal.core.calls.models import CallRoom
from portal.core.consults.models import Consult
from portal.core.dispensing.models import DispensedItem, Dispensing
from portal.core.messages.models import Message
from portal.core.prescriptions.models import NEWEST, PrescribedItem, Prescription, PrescriptionFile
from portal.core.records.models import HeldUpload, Preview, Record
from portal.core.referrals.models import Referral
from portal.core.visits.models import Transition, Visit
from portal.store.db import database, is_sqlite
from portal.store.filing import current
from portal.store.filing.transfer import checksum
from portal.work import audit, audit_chain
from portal.work.events import Delivery, Event, dead
from tests.queue import invariants

SETTLED_WITHIN = 130.0  # seconds: the longest lease and its sweep
UPLOADS = 2
Known = dict[str, Any]
Faults = Iterator[str]


def unsettled() -> list[str]:
    """List work that is not done."""
    waiting: dict[str, peewee.Select] = {
        "events": Event.select().where(Event.next_at.is_null(False)),
        "deliveries": Delivery.select().where(Delivery.done_at.is_null() | Delivery.lease_until.is_null(False)),
        "texts": Message.select().where(Message.state.in_(("new", "leased")) | Message.lease_until.is_null(False)),
        "records": Record.select().where((Record.state == "checking") | Record.lease_until.is_null(False)),
        "files": Prescription.select().where(
            Prescription.stored_at.is_null() | Prescription.lease_until.is_null(False)
        ),
    }
    return [f"{count} {what} are stuck" for what, rows in waiting.items() if (count := rows.count())]


def visits(known: Known) -> Faults:
    """Each acknowledged token is exactly one visit of that person, and its history agrees."""
    rows = {visit.uid: visit for visit in Visit.select()}
    promises = {uid: promise for uid, promise in known["promises"].items() if promise["token"]}
    if set(rows) != set(promises):
        yield f"visits nobody asked for: {set(rows) - set(promises)}; lost: {set(promises) - set(rows)}"
    for uid, promise in promises.items():
        if (visit := rows.get(uid)) is None:
            continue
        kept = (visit.token, visit.beneficiary.entry.ben_id, visit.beneficiary.patient_id, visit.state)
        if kept != (promise["token"], promise["ben_id"], promise["patient_id"], "completed"):
            yield f"visit {uid} is {kept}, promised was {promise}"
        steps = [row.to_state for row in Transition.select().where(Transition.visit == visit)]
        if promise["is_answered"] and "in_call" not in steps:
            yield f"the call of {uid} is not in its history: {steps}"
        if steps.count("completed") != 1 or CallRoom.select().where(CallRoom.visit == visit).count() > visit.attempt:
            yield f"visit {uid} ended or was called more often than it should: {steps}"


def referrals(known: Known) -> Faults:
    """One registration per person, one row per referral."""
    referred = Counter(row.entry.ben_id for row in Referral.select())
    if referred != Counter(known["referrals"]):
        yield f"referrals are {referred}, promised were {Counter(known['referrals'])}"
    people = {row.entry.ben_id for row in Beneficiary.select()}
    if lost := {promise["ben_id"] for promise in known["promises"].values()} - people:
        yield f"registrations lost: {lost}"


def records(known: Known) -> Faults:
    """Each visit has its two records; what the doctor read is what is on disk."""
    for uid, promise in known["promises"].items():
        rows = list(Record.select().join(Visit).where(Visit.uid == uid))
        if len(rows) != UPLOADS or not all(row.is_readable for row in rows):
            yield f"visit {uid} has the records {[row.state for row in rows]}"
        read = {f"/records/{row.uid}": _hash(f"records/{row.stored_name}") for row in rows}
        if promise["records"] != read:
            yield f"records of {uid} are {read}, the doctor read {promise['records']}"
        if wrong := [row.uid for row in rows if read[f"/records/{row.uid}"] != row.sha256]:
            yield f"records {wrong} are not the files of their rows"
    named = {row.stored_name for table in (Record, HeldUpload, Preview) for row in table.select()}
    yield from _orphans("records", named, known["kills"])


def prescriptions(known: Known) -> Faults:
    """One prescription per visit that holds, with the number, notes and bytes that people received."""
    rows = {row.visit.uid: row for row in Prescription.select().where(NEWEST)}
    for uid, promise in known["promises"].items():
        row = rows.pop(uid, None)
        if row is None:
            yield f"the prescription of {uid} is lost"
            continue
        files = {file.sha256: _hash(f"prescriptions/{file.stored_name}") for file in (row, *row.files)}
        on_disk = files.get(promise["pdf"])
        if (row.number, on_disk) != (promise["number"], promise["pdf"]):
            yield f"prescription {row.number} of {uid} is {row.sha256}, {on_disk} on disk, promised was {promise}"
        if wrong := [name for name, held in files.items() if name != held]:
            yield f"files {wrong} of prescription {row.number} are not those of their rows"
        state = row.version, row.cancelled_at is not None
        if state != (promise.get("version", 1), promise.get("is_cancelled", False)):
            yield f"prescription {row.number} of {uid} is version {state[0]}, cancelled {state[1]}: {promise}"
        if Consult.get(Consult.visit == row.visit).advice != promise["advice"]:
            yield f"the notes of {uid} are not those that were kept"
    if rows:
        yield f"prescriptions nobody was promised: {list(rows)}"
    named = {row.stored_name for table in (Prescription, PrescriptionFile) for row in table.select()}
    yield from _orphans("prescriptions", named, known["kills"])


def dispensings(known: Known) -> Faults:
    """What was dispensed is recorded once, in rows and in totals."""
    for uid, promise in known["promises"].items():
        issued = Prescription.select().join(Visit).where(Visit.uid == uid)
        rows = (
            DispensedItem.select()
            .join(Dispensing)
            .where(Dispensing.prescription.in_(issued) & Dispensing.reversed_at.is_null())
        )
        items = PrescribedItem.select().where(PrescribedItem.prescription.in_(issued))
        given, total = sorted(row.quantity for row in rows), sum(item.dispensed for item in items)
        if (given, total) != (sorted(promise["dispensed"]), sum(promise["dispensed"])):
            yield f"given on {uid}: {given}, in all {total}; the pharmacist gave {promise['dispensed']}"


def texts(known: Known) -> Faults:
    """Every SMS was delivered; an OTP at most once, others at least once: one more per crashed try (F03)."""
    arrived = Counter(text["uid"] for text in known["texts"])
    rows = {row.uid: row for row in Message.select()}
    if foreign := set(arrived) - set(rows):
        yield f"texts nobody wrote: {foreign}"
    for uid, row in rows.items():
        most = 1 if row.template == "otp" else row.tries
        is_excused = row.state in ("unknown", "expired")
        if (not arrived[uid] and not is_excused) or row.state == "failed":
            yield f"text {row.template} to {row.to} is {row.state} but arrived {arrived[uid]} times: {row.error}"
        if arrived[uid] > most:
            yield f"text {row.template} to {row.to} arrived {arrived[uid]} times in {row.tries} tries"
    told = Counter(row.template for row in rows.values())
    expected = {
        "registered": Beneficiary.select(),
        "token": Visit.select(),
        "prescription_replaced": Prescription.select().where(Prescription.version > 1),
        "prescription_cancelled": Prescription.select().where(Prescription.cancelled_at.is_null(False)),
    }
    wrong = {name: told[name] for name, of in expected.items() if told[name] != of.count()}
    first, replaced = Visit.select().where(Visit.issued_at.is_null(False)).count(), told["prescription_replaced"]
    if wrong or not first - replaced <= told["prescription"] <= first:  # a first one that no longer holds is not told
        yield f"texts beside what they tell: {wrong}, {told['prescription']} of {first} first ones"


def foundations() -> Faults:
    """The audit chain, the queue's invariants, no dead letters, the database's integrity check."""
    yield from audit_chain.verify()
    if gone := list(dead()):
        yield f"events that nobody heard: {[event.name for event in gone]}"
    if is_sqlite():
        yield from (line for (line,) in database.execute_sql("PRAGMA integrity_check").fetchall() if line != "ok")
    try:
        invariants.check_all(clock.now(), alone=False)
    except AssertionError as error:
        yield str(error)


def _hash(key: str) -> str:
    return checksum(current.store(), key) or "missing"


def _orphans(folder: str, named: set[str], kills: int) -> Faults:
    """A kill may leave one orphaned file for the sweep; more is a leak."""
    found = {each.name for each in current.store().listed(folder)}
    if len(found - named) > kills:
        yield f"{folder} holds {len(found - named)} files without a row"


def _settle() -> list[str]:
    deadline = time.monotonic() + SETTLED_WITHIN
    while (left := unsettled()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return left


def main() -> None:
    """`settle`: wait until the worker is idle, print what is stuck. LEDGER: audit, print counts and faults. The caller
    writes the provider's texts into the ledger between the two: the worker may still send while it settles."""
    step = sys.argv[1]
    with create_app(load()).app_context():
        said = _settle() if step == "settle" else _counted(json.loads(Path(step).read_text(encoding="utf-8")))
    print(json.dumps(said, ensure_ascii=False))  # noqa: T201


def _counted(known: Known) -> dict[str, Any]:
    checks: list[Callable[[], Faults]] = [
        lambda: visits(known),
        lambda: referrals(known),
        lambda: records(known),
        lambda: prescriptions(known),
        lambda: dispensings(known),
        lambda: texts(known),
        foundations,
    ]
    faults = [fault for check in checks for fault in check()]
    rows = {"records": Record, "dispensings": Dispensing, "audit rows": audit.AuditRow}
    sent = [text["uid"] for text in known["texts"]]
    found = {"journeys": len(known["promises"])} | {name: table.select().count() for name, table in rows.items()}
    found |= {"texts": len(sent), "texts twice": len(sent) - len(set(sent))}
    return {"found": found, "faults": faults}


if __name__ == "__main__":
    main()
