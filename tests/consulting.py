"""Consults for tests: notes as typed, formulary entries, an issued prescription."""

from datetime import datetime
from typing import Any

from portal.base import clock
from portal.base.clock import clinic_day
from portal.core.consults import services
from portal.core.formulary import versions
from portal.core.formulary.models import Drug
from portal.core.prescribing import notes
from portal.core.prescriptions import services as prescriptions
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.work.audit import Actor
from tests.factories import make_visit

BASE_URL = "https://opd.example"


def typed(**changes: str) -> dict[str, str]:
    """Return the consult form, filled in with two medicines."""
    return {
        "mode": "video",
        "complaints": "Headache for three days",
        "diagnosis": "Tension headache",
        "icd10": "G44",
        "advice": "Rest and water",
        "identity": "yes",
        "age": "yes",
        "items-0-drug": "Paracetamol",
        "items-0-form": "tablet",
        "items-0-strength": "500 mg",
        "items-0-dose": "1",
        "items-0-frequency": "TDS",
        "items-0-duration_days": "5",
        "items-0-quantity": "15",
        "items-1-drug": "Cetirizine",
        "items-1-form": "tablet",
        "items-1-strength": "10 mg",
        "items-1-frequency": "HS",
        "items-1-dose": "1",
        "items-1-duration_days": "10",
        "items-1-quantity": "",
    } | changes


STRENGTHS = {"Paracetamol": "500 mg|650 mg", "Cetirizine": "5 mg|10 mg"}  # of others nothing is compared


def make_drug(name: str = "Paracetamol", **fields: Any) -> Drug:
    """Create a medicine of the formulary, or update the one of this name."""
    values = {
        "form": "tablet",
        "strengths": STRENGTHS.get(name, ""),
        "tele_class": "O",
        "class_source": "TPG 2020 3.7.4 List O",
    } | fields
    row = dict.fromkeys(versions.COLUMNS, "") | {"chronic": False} | values | {"name": name}
    versions.take_over([row], keep_others=True, by="tests", file="", now=clock.now())
    return Drug.get((Drug.name == name) & (Drug.form == values["form"]) & Drug.until.is_null())


def list_usual_medicines() -> None:
    """Add the two medicines of `typed` to the formulary, so that no rule asks for confirmation."""
    for name in ("Paracetamol", "Cetirizine"):
        make_drug(name)


def write_notes(visit: Visit, now: datetime, **changes: str) -> None:
    """Save the consult draft of a visit."""
    by = Actor("staff", visit.doctor.uid)
    wanted = notes.read(typed(**changes), today=clinic_day(now))
    services.save_notes(visit, visit.doctor, wanted, seen=services.version_of(visit), by=by, now=now)


def make_prescription(now: datetime, visit: Visit | None = None, **changes: str) -> Prescription:
    """An issued prescription of 15 Paracetamol and 10 Cetirizine, with a reason each; its file is not made yet."""
    visit = visit or make_visit("in_call")
    named = [name for name, value in typed(**changes).items() if name.endswith("-drug") and value]
    write_notes(visit, now, **{name.replace("-drug", "-reason"): "as before" for name in named} | changes)
    by = Actor("staff", visit.doctor.uid)
    return prescriptions.issue_prescription(visit, visit.doctor, base_url=BASE_URL, by=by, now=now, judged="")
