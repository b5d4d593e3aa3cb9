"""Counts by day: whatever happens, and whenever it is counted, they equal the event table."""

from collections import Counter
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.base.clock import clinic_day
from portal.core.clinic.models import ClinicSession
from portal.core.prescriptions.models import PrescribedItem, Prescription
from portal.core.referrals import events as referrals
from portal.core.reports import days
from portal.core.reports.buckets import seconds_of
from portal.core.reports.counting import ENDS, VISITS, WAITS
from portal.core.reports.details import FEEDBACK, MEDICINES, REFERRALS, TEXTS, VIDEO
from portal.core.reports.models import ALL, ReportDay, ReportRow
from portal.core.visits import events as catalogue
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM
from portal.work.events import Event, record
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_centre, make_referral, make_request, make_specialty

_numbers = count(1)
MOVES = {
    "VisitCalled": {"doctor": "d", "deadline": ""},
    "CallAccepted": {},
    "CallMissed": {"lapses": 1},
    "VisitCompleted": {},
    "VisitNotHeld": {"outcome": "technical"},
    "VisitNoShow": {"lapses": 3},
    "VisitCancelled": {},
    "TokenExpired": {},
    "StepUndone": {"undone": "not_held"},
}


def make_token(day: date, code: str, centre: str, now) -> Visit:
    """A visit on a day with the event of its token."""
    specialty = make_specialty(code)
    session = ClinicSession.get_or_none((ClinicSession.specialty == specialty) & (ClinicSession.day == day))
    fields = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=2), "quota": 99, "prefix": "X"}
    session = session or ClinicSession.create(specialty=specialty, day=day, **fields)
    person, number = make_beneficiary(centre=make_centre(centre)), next(_numbers)
    common = {"complaint": "", "state_since": now, "requested_at": now}
    visit = Visit.create(session=session, number=number, beneficiary=person, **common)
    issued = catalogue.TokenIssued("X", number, code, person.uid, "", "")
    record(issued, visit.uid, by=SYSTEM, now=now)
    return visit


def happens(visit: Visit, name: str, now, **fields) -> None:
    kind = getattr(catalogue, name)
    moved = kind(token="X", from_="waiting", to="called", attempt=1, **(MOVES[name] | fields))
    record(moved, visit.uid, by=SYSTEM, now=now)


def count_all(clock) -> None:
    """Let the sweep run until nothing is due."""
    while True:
        days.count_reports(clock.tick(400))
        if not ReportDay.select().where(ReportDay.is_due).exists():
            return


def kept(part: str, *, is_month: bool = False) -> Counter:
    rows = ReportRow.select().where((ReportRow.part == part) & (ReportRow.is_month == is_month))
    return Counter(
        {(row.begins, row.specialty, row.centre, key): number for row in rows for key, number in row.counts.items()}
    )


def told() -> Counter:
    """The event table, read plainly: each event of a visit, and each visit's end, by day, specialty and centre."""
    found = Counter()
    for visit in Visit.select():
        place = (visit.session.day, visit.session.specialty_id, visit.beneficiary.entry.centre_id)
        end = ""
        for event in Event.select().where(Event.subject == visit.uid).order_by(Event.id):
            found[*place, f"event/{event.name}"] += 1
            end = "" if event.name == "StepUndone" else ENDS.get(event.name, end)
        if end:
            found[*place, f"end/{end}"] += 1
    return found


SPECIALTY, CENTRE = st.sampled_from(["medicine", "eye"]), st.sampled_from(["01", "02"])
STEP = st.one_of(
    st.tuples(st.just("token"), st.integers(0, 40), SPECIALTY, CENTRE),
    st.tuples(st.just("event"), st.integers(0, 9), st.sampled_from(sorted(MOVES))),
    st.tuples(st.just("sweep")),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=25))
def test_counts_equal_the_event_table_whatever_happens_and_whenever_it_is_counted(db, clock, steps):
    visits, today = [], clock.now()
    for kind, *rest in steps:
        if kind == "token":
            ago, code, centre = rest
            visits.append(make_token(clinic_day(today) - timedelta(days=ago), code, centre, clock.tick(30)))
        elif kind == "event" and visits:
            happens(visits[rest[0] % len(visits)], rest[1], clock.tick(30))
        elif kind == "sweep":
            days.count_reports(clock.tick(60))
    count_all(clock)
    expected, found = told(), kept(VISITS)
    ends = {key: number for key, number in found.items() if not key[3].startswith("why/")}
    assert {key: number for key, number in ends.items() if key[1] and key[2]} == dict(expected)
    whole = Counter()
    for (day, _specialty, _centre, key), number in expected.items():
        whole[day, ALL, ALL, key] += number
    assert {key: number for key, number in ends.items() if not key[1] and not key[2]} == dict(whole)
    months = Counter()
    for (day, specialty, centre, key), number in found.items():
        months[day.replace(day=1), specialty, centre, key] += number
    assert kept(VISITS, is_month=True) == months


def dump() -> set:
    rows = ReportRow.select()
    keys = ("begins", "is_month", "specialty", "centre", "part")
    return {(*(getattr(row, key) for key in keys), *sorted(row.counts.items())) for row in rows}


@pytest.fixture
def monday(db, clock, now):
    """A day with a consultation that was held, one that was not, and one that was given up."""
    day = clinic_day(now)
    held, missed, given_up = (make_token(day, "medicine", "01", now) for _ in range(3))
    happens(held, "VisitCalled", clock.tick(600))
    happens(held, "VisitCompleted", clock.tick(300))
    happens(missed, "VisitNoShow", clock.tick(10))
    happens(given_up, "VisitCancelled", clock.tick(10))
    return day


def test_a_second_count_changes_nothing(monday, clock):
    count_all(clock)
    before = dump()
    days.note_days([monday])
    count_all(clock)
    assert dump() == before


def test_rebuilding_comes_to_the_same_and_mends_what_is_wrong(monday, clock):
    count_all(clock)
    before = dump()
    ReportRow.update(counts={"event/TokenIssued": 99}).execute()
    assert days.rebuild(clock.tick(60)) == 1
    assert dump() == before


def test_a_late_event_counts_on_the_day_of_its_visit(monday, clock):
    count_all(clock)
    late = Visit.select().order_by(Visit.id).first()
    clock.tick(40 * 86400)
    happens(late, "VisitCalled", clock.now())
    count_all(clock)
    assert kept(VISITS)[monday, ALL, ALL, "event/VisitCalled"] == 2


def test_a_day_that_became_due_meanwhile_is_left_for_the_next_run(monday, clock, now):
    days.note_events(clock.now())
    stale = ReportDay.get()
    days.note_days([monday])
    assert days.count_day(stale, clock.now()) is False
    assert not ReportRow.select().exists()
    assert ReportDay.get().is_due


def test_an_undone_end_does_not_count(monday, clock):
    missed = Visit.select().order_by(Visit.id)[1]
    happens(missed, "StepUndone", clock.tick(5))
    count_all(clock)
    found = kept(VISITS)
    assert found[monday, ALL, ALL, "end/not_held"] == 0
    assert found[monday, ALL, ALL, "why/missed"] == 0


def test_the_wait_ends_with_the_first_call(monday, clock):
    held = Visit.select().order_by(Visit.id).first()
    happens(held, "VisitCalled", clock.tick(3600))
    count_all(clock)
    ((_day, _specialty, _centre, bucket),) = [key for key in kept(WAITS) if key[1] == ALL == key[2]]
    assert seconds_of(int(bucket)) == pytest.approx(600, rel=0.05)


def test_referrals_and_requests_count_at_their_centre_on_the_day_they_were_asked_for(db, clock, now, queue):

    person = make_beneficiary(centre=make_centre("07"))
    request = make_request(person)
    record(referrals.ReferralRequested("medicine"), request.uid, by=SYSTEM, now=now)
    record(referrals.ReferralRequestAnswered("declined"), request.uid, by=SYSTEM, now=now + timedelta(hours=30))
    referral = make_referral(person.entry)
    record(referrals.ReferralIssued("medicine", False), referral.uid, by=SYSTEM, now=now)
    count_all(clock)
    centre, found = make_centre("07").id, kept(REFERRALS)
    keys = {key[3] for key in found if key[1] == ALL and key[2] == centre}
    assert {"event/ReferralRequested", "event/ReferralRequestAnswered", "event/ReferralIssued"} < keys


def test_medicines_of_a_prescription_count_by_class(db, clock, now, queue):
    issued = make_prescription(now)
    count_all(clock)
    found = kept(MEDICINES)
    assert found[clinic_day(now), ALL, ALL, "event/PrescriptionIssued"] == Prescription.select().count() == 1
    classes = sum(number for key, number in found.items() if key[1:3] == (ALL, ALL) and key[3].startswith("class/"))
    assert classes == PrescribedItem.select().where(PrescribedItem.prescription == issued).count()


def test_what_retention_takes_stays_counted(db, clock, now, queue):
    make_prescription(now)
    count_all(clock)
    before = kept(MEDICINES)
    clock.tick(3 * 366 * 86400)
    PrescribedItem.delete().execute()
    days.rebuild(clock.now())
    assert kept(MEDICINES) == before
    assert before


def test_parts_do_not_share_a_name():
    assert len({VISITS, WAITS, REFERRALS, MEDICINES, VIDEO, TEXTS, FEEDBACK}) == 7
