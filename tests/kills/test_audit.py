"""The closing audit detects each kind of loss and of duplication, planted once."""

import hashlib
from typing import Any

import pytest

from portal.base import clock
from portal.core.consults.models import Consult
from portal.core.dispensing import services as dispensing
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.core.records.models import Record
from portal.core.visits.models import Transition, Visit
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests.consulting import make_prescription
from tests.factories import make_staff, make_visit
from tests.fakes import ThingHappened
from tests.kills import audit

PDF, PICTURE = b"%PDF-1.7 of the prescription", b"a picture"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def issued(now, config) -> Prescription:
    """A completed visit with two records, a stored prescription, and fifteen tablets dispensed."""
    visit = make_visit("in_call")
    issued = make_prescription(now, visit)
    for folder, name, content in (("prescriptions", "paper.pdf", PDF), *_pictures(visit, now)):
        (config.data_dir / folder).mkdir(exist_ok=True)
        (config.data_dir / folder / name).write_bytes(content)
    Prescription.update(stored_name="paper.pdf", sha256=_hash(PDF), stored_at=now).execute()
    Visit.update(state="completed", live_key=None, lease_until=None).execute()
    Transition.create(
        visit=visit, at=now, from_state="in_call", to_state="completed", actor_kind="staff", actor_uid=visit.doctor.uid
    )
    pharmacist = make_staff("pharmacist")
    dispensing.dispense(issued, pharmacist, pharmacist.centre, {"items-0-quantity": "15"}, by=SYSTEM, now=now)
    return issued


def _pictures(visit: Visit, now: Any) -> list[tuple[str, str, bytes]]:
    for name in ("one", "two"):
        Record.create(
            beneficiary=visit.beneficiary,
            visit=visit,
            title=name,
            kind="jpeg",
            stored_name=name,
            size=len(PICTURE),
            sha256=_hash(PICTURE),
            state="ready",
            uploaded_at=now,
        )
    return [("records", name, PICTURE) for name in ("one", "two")]


@pytest.fixture
def known(issued) -> dict[str, Any]:
    """The ledger of that visit."""
    visit = issued.visit
    promise = {
        "ben_id": visit.beneficiary.entry.ben_id,
        "patient_id": visit.beneficiary.patient_id,
        "token": visit.token,
        "records": {f"/records/{row.uid}": _hash(PICTURE) for row in Record.select()},
        "is_answered": True,
        "advice": Consult.get().advice,
        "number": issued.number,
        "pdf": _hash(PDF),
        "dispensed": [15],
    }
    texts = [{"uid": row.uid} for row in Message.select()]
    return {"promises": {visit.uid: promise}, "referrals": [], "texts": texts, "kills": 0}


def _faults(known: dict[str, Any]) -> list[str]:
    return [
        *audit.visits(known),
        *audit.referrals(known),
        *audit.records(known),
        *audit.prescriptions(known),
        *audit.dispensings(known),
    ]


def test_a_consistent_day_has_no_fault(known) -> None:
    assert _faults(known) == []


PLANTED = {
    "lost:": lambda promises, folder: promises.update(lost=next(iter(promises.values()))),
    "nobody asked for": lambda promises, folder: make_visit("waiting"),
    "ended or was called more often": lambda promises, folder: Transition.create(
        visit=1, at=clock.now(), from_state="completed", to_state="completed", actor_kind="staff", actor_uid=""
    ),
    "the doctor read": lambda promises, folder: (folder / "records" / "one").write_bytes(b"another picture"),
    "are not the files of their rows": lambda promises, folder: (folder / "records" / "one").unlink(),
    "has the records": lambda promises, folder: Record.delete().where(Record.title == "two").execute(),
    "records holds 1 files": lambda promises, folder: (folder / "records" / "stray").touch(),
    "on disk, promised": lambda promises, folder: next((folder / "prescriptions").iterdir()).write_bytes(b"%PDF"),
    "notes of": lambda promises, folder: Consult.update(advice="Something else").execute(),
    "given on": lambda promises, folder: promises[next(iter(promises))].update(dispensed=[15, 15]),
}


@pytest.mark.parametrize("named", PLANTED)
def test_each_loss_or_duplicate_is_reported(known, config, named: str) -> None:
    promises = {uid: dict(promise) for uid, promise in known["promises"].items()}
    PLANTED[named](promises, config.data_dir)
    assert any(named in fault for fault in _faults(known | {"promises": promises}))


def _text(now, template: str, **fields: Any) -> Message:
    common = {"cause": template, "to": "+919000000001", "template": template, "language": "en", "values": {}}
    return Message.create(**common | {"created_at": now, "expires_at": now, "next_at": now} | fields)


@pytest.mark.parametrize(
    ("template", "fields", "times", "is_fault"),
    [
        ("otp", {"state": "accepted", "tries": 1}, 1, False),
        ("otp", {"state": "accepted", "tries": 2}, 2, True),
        (
            "your_turn",
            {"state": "accepted", "tries": 2},
            2,
            False,
        ),  # the first try crashed after the gateway had taken it
        ("your_turn", {"state": "accepted", "tries": 1}, 2, True),
        ("your_turn", {"state": "accepted", "tries": 1}, 0, True),
        ("your_turn", {"state": "failed", "tries": 5}, 0, True),
    ],
)
def test_delivery_is_at_least_once_and_of_an_otp_at_most_once(db, now, template, fields, times, is_fault) -> None:
    row = _text(now, template, **fields)
    known = {"texts": [{"uid": row.uid}] * times}
    assert bool(list(audit.texts(known))) == is_fault


def test_unfinished_work_is_reported(db, now) -> None:
    assert audit.unsettled() == []
    record(ThingHappened(), "x", by=SYSTEM, now=now)
    _text(now, "your_turn", state="leased", lease_until=now)
    assert audit.unsettled() == ["1 events are stuck", "1 texts are stuck"]
