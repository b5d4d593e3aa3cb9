"""Runs of retention: nothing before a confirmed dry run, then all that is due, and nothing else."""

from datetime import timedelta

from portal.core.calls.models import CallEvent, CallRoom
from portal.core.chart.models import ChartEntry
from portal.core.consults.models import Consult
from portal.core.dispensing.models import Dispensing, Permission
from portal.core.family.print_models import LargePrint
from portal.core.messages.models import Message
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.records.models import Preview, Record
from portal.core.referrals.models import Referral, ReferralRequest
from portal.core.rights.clearing import orders, runs
from portal.core.rights.clearing.models import DoomedFile, RetentionRun
from portal.core.rights.models import Case, CaseStep, Nominee
from portal.core.visits.models import Feedback, Transition, Visit
from portal.work.audit import SYSTEM, AuditRow
from portal.work.audit_chain import verify
from portal.work.events import Event
from tests.consulting import make_prescription
from tests.core.rights.clearing.kept import at_night, store_record, stored
from tests.factories import make_staff, make_visit

GONE = (Consult, Prescription, PrescribedItem, LargePrint, Record, Preview, CallRoom, CallEvent, ChartEntry, Nominee)


def test_a_dry_run_counts_by_kind_and_month_and_deletes_nothing(person, due, run):
    before = stored()
    counted = run()
    one = ("visits", "notes", "prescriptions", "calls", "shares", "feedback", "chart", "referrals", "requests")
    several = {"records": 3, "cases": 2, "nominees": 1, "texts": Message.select().count()}
    found = {kind: sum(months.values()) for kind, months in counted.counts.items()}
    assert found == dict.fromkeys(one, 1) | several
    assert {month for months in counted.counts.values() for month in months} == {"2029-11"}
    assert (counted.people, counted.held, counted.failed) == (1, 0, 0)
    assert all(table.select().exists() for table in GONE)
    assert stored() == before
    assert len(before) >= 8


def test_a_run_deletes_what_the_dry_run_has_counted_with_every_file(person, due, run):
    counted = run()
    done = run(is_dry=False)
    assert done.counts == counted.counts
    assert (done.people, done.failed) == (1, 0)
    assert [table.__name__ for table in GONE if table.select().exists()] == []
    assert stored() == []
    assert not DoomedFile.select().exists()


def test_the_scan_of_a_written_permission_goes_with_the_prescription(person, due, run, now):
    pharmacist = make_staff("pharmacist")
    who = {"centre": pharmacist.centre, "pharmacist": pharmacist}
    handed = Dispensing.create(prescription=Prescription.get(), at=now, **who)
    letter = {"signed_by": "Dr R. Sharma", "number": "AD/118", "dated": now.date(), "reason": "Journey abroad"}
    Permission.create(dispensing=handed, scan=store_record(now), **letter)
    run()
    run(is_dry=False)
    assert (Permission.select().count(), Record.select().count(), stored()) == (0, 0, [])


def test_numbers_states_and_days_stay_without_their_words(person, due, run):
    numbers = {(row.number, row.state) for row in Visit.select()}
    run()
    run(is_dry=False)
    assert {(row.number, row.state, row.complaint) for row in Visit.select()} == {(*each, "") for each in numbers}
    assert Transition.select().exists()
    assert [(row.rating, row.text) for row in Feedback.select()] == [("good", "")]
    assert {(row.reason, row.number[:4]) for row in Referral.select()} == {("", "REF-")}
    assert {(row.complaint, row.state) for row in ReferralRequest.select()} == {("", "withdrawn")}
    assert {row.text for row in (*Case.select(), *CaseStep.select())} == {""}
    assert all(row.number.startswith("G-2026-") for row in Case.select())
    assert {(str(row.values), row.to[:5]) for row in Message.select()} == {("{}", "gone-")}


def test_numbers_are_never_given_again(person, due, run, clock, now):
    issued, token = Prescription.get().number, Visit.get()
    run()
    run(is_dry=False)
    clock.set(now)  # on the same day, so of the same counters
    again = make_prescription(now)
    assert (issued, again.number) == ("RX-2611-000001", "RX-2611-000002")
    assert (again.visit.session_id, again.visit.number) == (token.session_id, token.number + 1)


def test_the_audit_chain_stays_verifiable_and_tells_of_it(person, due, run):
    run()
    run(is_dry=False)
    assert list(verify()) == []
    (row,) = AuditRow.select().where(AuditRow.action == "RecordsCleared")
    assert row.subject == person.uid
    actions = {row.action for row in AuditRow.select()}
    assert {"RetentionBegun", "RetentionRun", "RetentionConfirmed", "VisitCleared"} <= actions
    assert Event.select().where(Event.name == "VisitCleared").count() == 1


def test_a_run_begins_by_itself_once_a_night(person, due, run, clock, queue):
    run()
    runs.sweep_retention(clock.now())  # half past nine in the morning
    assert RetentionRun.select().count() == 1
    for _again in range(2):
        runs.sweep_retention(at_night(clock.now()))
        queue.drain()
    assert RetentionRun.select().where(~RetentionRun.is_dry).count() == 1
    assert not Consult.select().exists()


def test_a_person_whose_rows_cannot_be_deleted_stops_nobody(person, due, run, monkeypatch, clock):
    clock.set(due - timedelta(days=1200))
    other = make_prescription(clock.now(), make_visit("in_call"))
    Visit.update(state="completed", live_key=None).execute()
    clock.set(due)
    run()

    def refuse(found, *, now):
        if found.person == person:
            raise RuntimeError("in disorder")
        return clear(found, now=now)

    clear = runs.kinds.clear
    monkeypatch.setattr(runs.kinds, "clear", refuse)
    done = run(is_dry=False)
    assert (done.failed, done.people) == (1, 1)
    assert [row.beneficiary_id for row in Prescription.select()] == [person.id]
    assert not Prescription.select().where(Prescription.id == other.id).exists()


def test_a_run_that_was_killed_goes_on_where_it_stood(person, due, run, admin, queue, clock):
    run()
    made = orders.begin(is_dry=False, staff=admin, by=SYSTEM, now=clock.now())
    name, row_id = queue.waiting.pop(0)  # lost with the queue, in the middle: one step is done
    runs.go_on_retention(row_id, clock.now())
    queue.waiting.clear()
    half = RetentionRun.get_by_id(made.id)
    assert (half.finished_at, half.people) == (None, 1)
    clock.step(400)
    runs.sweep_retention(clock.now())
    queue.drain()
    done = RetentionRun.get_by_id(made.id)
    assert done.finished_at is not None
    assert done.counts["notes"] == {"2029-11": 1}
    assert name == "go_on_retention"
