"""Corrections: the author issues a further version; nothing is overwritten, and what was given is carried over."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.consults import earlier, editions
from portal.core.consults import services as consults
from portal.core.consults.models import Consult
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescribing import notes
from portal.core.prescriptions import amending, cancelling, exchange, making, reading, services
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, Actor, AuditRow
from portal.work.events import Event
from tests.at_once import at_once, done
from tests.consulting import BASE_URL, make_drug, make_prescription, typed
from tests.factories import make_staff, make_visit

pytestmark = pytest.mark.usefixtures("usual_medicines")

NO_CETIRIZINE = {name: "" for name in typed() if name.startswith("items-1-")}


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    return make_prescription(now)


def author(issued: Prescription) -> Actor:
    return Actor("staff", issued.doctor.uid)


def begin(issued: Prescription, now: datetime, reason: str = "Too much was written") -> Visit:
    return amending.begin(issued.visit.uid, issued.doctor, reason, by=author(issued), now=now)


def write(issued: Prescription, now: datetime, **changes: str) -> None:
    """Save the draft of the next version."""
    wanted = notes.read(typed(**changes), today=now.date())
    seen = consults.version_of(issued.visit)
    consults.save_notes(issued.visit, issued.doctor, wanted, seen=seen, by=author(issued), now=now)


def issue(issued: Prescription, now: datetime) -> Prescription:
    by = author(issued)
    return services.issue_version(issued.visit, issued.doctor, base_url=BASE_URL, by=by, now=now, judged="")


def amend(issued: Prescription, now: datetime, **changes: str) -> Prescription:
    begin(issued, now)
    write(issued, now, **changes)
    return issue(issued, now)


def test_the_next_version_has_its_own_number_code_and_file_and_the_old_row_stays(issued, now) -> None:
    before = Prescription.get_by_id(issued.id)
    later = now + timedelta(days=2)
    new = amend(issued, later, **{"items-0-quantity": "10"})
    old = Prescription.get_by_id(issued.id)
    assert (new.version, new.number, new.reason) == (2, "RX-2611-000002", "Too much was written")
    assert new.code != old.code
    assert (new.replaces_id, new.valid_until, new.issued_at) == (old.id, old.valid_until, later)
    assert (old.content, old.number, old.code, old.version) == (before.content, before.number, before.code, 1)
    assert old.replaced_at == later
    assert [item.quantity for item in reading.items_of(old)] == [15, 10]
    assert [item.quantity for item in reading.items_of(new)] == [10, 10]
    assert Event.get(Event.name == "PrescriptionAmended").data["replaces"] == old.number
    assert AuditRow.select().where(AuditRow.action == "PrescriptionAmended").count() == 1


def test_the_closed_notes_stay_beside_those_of_the_correction(issued, now) -> None:
    amend(issued, now, advice="Rest only")
    rows = [(row.edition, row.advice, row.ended_at) for row in Consult.select().order_by(Consult.edition)]
    assert rows == [(1, "Rest and water", now), (2, "Rest only", now)]
    assert AuditRow.select().where(AuditRow.action == "NotesReopened").count() == 1


def test_the_paper_says_what_it_replaces_and_why(issued, now) -> None:
    new = amend(issued, now, **{"items-0-quantity": "10"})
    html = pdf.html_of(Content.from_json(new.content))
    assert "Version 2 / संस्करण 2" in html
    assert f"replaces {issued.number} of 23 Nov 2026" in html
    assert "Reason / कारण: Too much was written" in html
    assert "correction" not in issued.content


def test_a_new_medicine_needs_a_consultation(issued, now) -> None:
    make_drug("Ibuprofen")
    begin(issued, now)
    write(issued, now, **{"items-1-drug": "Ibuprofen"})
    with pytest.raises(Invalid) as refused:
        issue(issued, now)
    assert "needs a consultation" in refused.value.fields["items-1-drug"]
    assert reading.newest_of(issued.visit.uid).version == 1


def test_a_listed_name_is_no_misspelt_one(db, now) -> None:
    for name in ("Prednisone", "Prednisolone"):
        make_drug(name)
    issued = make_prescription(now, **{"items-0-drug": "Prednisone"})
    begin(issued, now)
    write(issued, now, **{"items-0-drug": "Prednisolone"})
    with pytest.raises(Invalid, match="needs a consultation"):
        issue(issued, now)


def test_an_open_draft_is_opened_again_without_another_reason(issued, now) -> None:
    begin(issued, now)
    write(issued, now, advice="Rest only")
    assert begin(issued, now, reason=" ") == issued.visit
    draft = editions.draft_of(issued.visit)
    assert (draft.advice, draft.amended_because) == ("Rest only", "Too much was written")


def test_another_name_of_the_same_substance_is_no_new_medicine(issued, now) -> None:
    make_drug("Paracetamol", aliases="acetaminophen")
    assert amend(issued, now, **{"items-0-drug": "Acetaminophen"}).version == 2


def test_a_part_of_a_combination_may_be_stopped_and_none_added(db, now) -> None:
    for name in ("Telmisartan + Amlodipine", "Telmisartan", "Telmisartan + Chlorthalidone"):
        make_drug(name)
    issued = make_prescription(now, **{"items-0-drug": "Telmisartan + Amlodipine", "items-0-strength": "40 mg + 5 mg"})
    begin(issued, now)
    write(issued, now, **{"items-0-drug": "Telmisartan + Chlorthalidone"})
    with pytest.raises(Invalid, match="needs a consultation"):
        issue(issued, now)
    write(issued, now, **{"items-0-drug": "Telmisartan", "items-0-strength": "20 mg"})
    assert issue(issued, now).version == 2


def test_it_is_judged_again_by_the_rules_of_today(issued, now) -> None:
    begin(issued, now)
    make_drug("Cetirizine", tele_class="PROHIBITED")
    write(issued, now)
    with pytest.raises(Invalid) as refused:
        issue(issued, now)
    assert "items-1-drug" in refused.value.fields


def test_only_the_author_may_and_only_for_seven_days(issued, now, clock) -> None:
    colleague = make_staff("doctor")
    with pytest.raises(NotFound):
        amending.begin(issued.visit.uid, colleague, "Mine", by=Actor("staff", colleague.uid), now=now)
    begin(issued, now + timedelta(days=6))
    late = now + timedelta(days=7)
    with pytest.raises(Conflict, match="until 30 Nov 2026"):
        begin(issued, late)
    write(issued, late)
    with pytest.raises(Conflict):
        issue(issued, late)


def test_the_seven_days_count_from_the_first_version(issued, now) -> None:
    new = amend(issued, now + timedelta(days=5))
    assert not amending.may_amend(new, issued.doctor, now + timedelta(days=8))


@pytest.mark.parametrize(("reason", "said"), [("", "Say why"), (" \n ", "Say why"), ("x" * 201, "at most 200")])
def test_a_reason_is_required(issued, now, reason: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        begin(issued, now, reason)
    assert editions.draft_of(issued.visit) is None


def test_the_draft_can_be_given_up(issued, now) -> None:
    begin(issued, now)
    write(issued, now, advice="Something else")
    assert editions.give_up(issued.visit, by=author(issued), now=now)
    assert not editions.give_up(issued.visit, by=author(issued), now=now)
    assert [(row.edition, row.advice) for row in Consult.select()] == [(1, "Rest and water")]
    assert AuditRow.select().where(AuditRow.action == "CorrectionGivenUp").count() == 1
    with pytest.raises(Conflict):
        write(issued, now)


def test_a_visit_that_is_over_is_corrected_without_changing_it(issued, now) -> None:
    Visit.update(state="completed").execute()
    issued.visit.state = "completed"
    assert amend(issued, now).version == 2
    assert Visit.get().state == "completed"


def test_a_cancelled_one_is_not_corrected_also_when_that_came_in_between(issued, now) -> None:
    begin(issued, now)
    cancelling.cancel(issued, issued.doctor, "Wrong patient", by=author(issued), now=now)
    with pytest.raises(Conflict, match="cancelled"):
        issue(issued, now)
    with pytest.raises(Conflict, match="cancelled"):
        begin(issued, now)


def test_only_the_newest_version_counts_as_prescribed_and_as_earlier(issued, now) -> None:
    new = amend(issued, now, **NO_CETIRIZINE)
    Prescription.update(stored_at=now).execute()
    Visit.update(state="completed", live_key=None).execute()
    other = make_visit("in_call", beneficiary=issued.beneficiary)
    assert reading.prescribed_to(other) == {"Paracetamol": new.number}
    last = earlier.last_of(other)
    assert last is not None
    assert [item.drug for item in last.items] == ["Paracetamol"]


def test_an_open_draft_or_a_cancelled_one_is_never_repeated(issued, now) -> None:
    begin(issued, now)
    write(issued, now, **NO_CETIRIZINE)
    Visit.update(state="completed", live_key=None).execute()
    other = make_visit("in_call", beneficiary=issued.beneficiary)
    last = earlier.last_of(other)
    assert last is not None
    assert [item.drug for item in last.items] == ["Paracetamol", "Cetirizine"]
    cancelling.cancel(issued, issued.doctor, "Wrong patient", by=author(issued), now=now)
    assert earlier.last_of(other) is None


def test_the_export_has_the_notes_of_its_version(issued, now, config) -> None:
    new = amend(issued, now, advice="Rest only", **{"vitals-pulse": "88"})
    making.make_pdf(new.id, now)
    record = exchange.record_of(issued.visit.uid, by=SYSTEM, now=now)
    assert (record.version, record.number, record.advice) == (2, new.number, "Rest only")
    assert record.replaces == issued.number
    assert dict(record.vitals) == {"pulse": 88.0}


def test_two_corrections_at_once_give_one_new_version(app: Flask, issued, now) -> None:
    begin(issued, now)

    def press() -> int:
        return issue(Prescription.get_by_id(issued.id), now).version

    assert done(at_once(app, [press] * 8)) == [2]
    assert Prescription.select().count() == 2
    assert PrescribedItem.select().count() == 4
