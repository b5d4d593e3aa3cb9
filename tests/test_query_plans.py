"""No page reads all of a table that grows: every query of every page has an index, on both engines."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.api import clinic
from portal.core.admin import troubles
from portal.core.consults import services as consults
from portal.core.dispensing import services
from portal.core.family import readers
from portal.core.prescriptions.models import Prescription
from portal.core.records import reading
from portal.core.referring import follow_ups
from portal.core.rights import cases
from portal.core.visits import referral_uses
from portal.core.visits.models import Visit
from portal.core.visits.states import ACTIVE
from portal.store.db import database, is_sqlite
from portal.work.jobs import SWEEPS
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_case, make_centre, make_referral, make_staff
from tests.lived import ROLES, Lived, live_through, pages_of, rules_of
from tests.plans import asked as asked
from tests.plans import plan_of, scans

BAD_REQUEST = 400
# A session a day and a copy of all data are few; these others hold an hour's or some days' rows, or an account's end.
FEW_ROWS = {
    "clinic_session",
    "data_copy",
    "attempt",
    "otp_challenge",
    "private_opening",
    "visit_code",
    "closing",
    "doomed_file",
}
OPENED = 32  # of 57 pages; the others need a file, a ticket or a key of their own. A floor, which may only rise.


@pytest.fixture
def lived(db, now, queue) -> Lived:
    return live_through(now, queue.drain)


def found_on(browser, addresses, asked) -> list[str]:
    """Open pages; return what each reads as a whole."""
    found = []
    for address in addresses:
        asked.clear()
        browser.get(address, buffered=True)
        queries, asked[:] = list(asked), []
        for sql, params in queries:
            found += [f"{address} reads all of {table}: {sql[:1500]} {params}" for table in sorted(scans(sql, params))]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_the_staff_reads_all_of_a_table_that_grows(asked, now, sign_in, role):
    make_prescription(now)
    assert found_on(sign_in(make_staff(role)), pages_of(role), asked) == []


def test_no_page_of_a_family_reads_all_of_a_table_that_grows(asked, now, sign_in):
    visit = make_prescription(now).visit
    addresses = [*pages_of("beneficiary"), f"/visits/{visit.uid}", f"/visits/{visit.uid}/prescription"]
    assert found_on(sign_in(visit.beneficiary), addresses, asked) == []


def test_no_page_of_a_visit_reads_all_of_a_table_that_grows(asked, now, sign_in):
    issued = make_prescription(now)
    visit = Visit.get_by_id(issued.visit_id)
    doctor = sign_in(visit.doctor)
    addresses = [f"/visits/{visit.uid}/consult", f"/visits/{visit.uid}/prescription"]
    assert found_on(doctor, addresses, asked) == []


@pytest.mark.parametrize("role", [*ROLES, "beneficiary", "anyone"])
def test_no_page_of_something_reads_all_of_a_table_that_grows(asked, lived, sign_in, client, role):
    """All pages whose address names something, also those that refuse: they looked it up before."""
    browser = client if role == "anyone" else sign_in(lived.people[role])
    addresses = [lived.address(rule) for rule in rules_of(role) if "<" in rule]
    assert found_on(browser, addresses, asked) == []


def test_most_pages_of_something_are_opened_and_not_refused(lived, sign_in, client):
    """By one of their roles; else their queries would not be seen."""
    browsers = {role: sign_in(person) for role, person in lived.people.items()} | {"anyone": client}
    opened = {
        rule
        for role, browser in browsers.items()
        for rule in rules_of(role)
        if "<" in rule and browser.get(lived.address(rule), buffered=True).status_code < BAD_REQUEST
    }
    wanted = {rule for role in browsers for rule in rules_of(role) if "<" in rule}
    assert len(opened) >= OPENED, wanted - opened


def test_no_sheet_reads_all_of_a_table_that_grows(asked, now, sign_in):
    issued = make_prescription(now)
    pharmacist = sign_in(make_staff("pharmacist"))
    code = issued.content["verification_code"]
    assert found_on(pharmacist, [f"/dispense?code={code}", f"/dispense/{issued.number}"], asked) == []


def test_active_visits_of_a_doctor_are_found_without_the_past_ones(db):
    """By doctor or by state alone, all past visits of one or the other would be read."""
    active = Visit.select().where((Visit.doctor == 1) & Visit.state.in_(ACTIVE))
    named = "visit_doctor_state (doctor_id=? AND state=?)" if is_sqlite() else "visit_doctor_state"
    assert named in plan_of(*active.sql())


def test_open_visits_for_a_hand_over_are_found_without_the_past_ones(asked, now):
    """By the day of the session, all visits that ever were would be read."""
    _fill_the_past(make_prescription(now), now)
    doctor = clinic.staff_member(make_staff("doctor").uid)
    asked.clear()
    clinic.open_visits(doctor, day=now.date())
    plans = [plan_of(sql, params) for sql, params in asked if 'FROM "visit"' in sql]
    assert len(plans) == 3
    # The third reads by id, from either end: the few sessions, or these visits.
    assert [plan for plan in plans[:2] if not re.search("visit_state|visit_session", str(plan))] == []
    assert "rowid=?" in str(plans[2]) or not is_sqlite()


def test_late_cases_are_found_without_the_answered_ones(asked, now):
    """By the day they were due, all that were ever answered would be read."""
    make_case(make_beneficiary())
    asked.clear()
    cases.count_late(now)
    cases.listed(1, answered=False)
    found = [plan_of(sql, params) for sql, params in asked if 'FROM "rights_case"' in sql]
    assert len(found) == 2
    assert [plan for plan in found if "case_state" not in str(plan) and is_sqlite()] == []


def test_what_a_doctor_reads_is_found_by_visit_referral_and_request(asked, now):
    """An OR with a subquery made PostgreSQL read every record there is, at each step of a consultation."""
    visit = make_prescription(now).visit
    asked.clear()
    reading.before_doctor(visit)
    ((sql, params),) = [(sql, params) for sql, params in asked if 'FROM "record"' in sql]
    plan = plan_of(sql, params)
    assert [name for name in ("record_visit", "record_referral", "record_request") if name not in plan] == []


def test_todays_prescriptions_are_found_without_the_past_ones(asked, now):
    """By the people of the centre, or by the index of the newest versions, all of the past would be read."""
    _fill_the_past(make_prescription(now), now)
    asked.clear()
    services.todays(make_centre(), now=now)
    ((sql, params),) = [(sql, params) for sql, params in asked if '"prescription"' in sql]
    assert "prescription_issued_at" in plan_of(sql, params)


def test_uses_of_referrals_and_earlier_visits_are_found_by_the_person(asked, now, sign_in):
    """By the state, or by the doctor, all visits that were ever completed would be read: there are no statistics."""
    visit = make_prescription(now).visit
    referral = make_referral(visit.beneficiary.entry, specialty=visit.session.specialty)
    asked.clear()
    referral_uses.visits_on(referral)
    referral_uses.uses_in_family(visit.beneficiary.account)
    consults.likely_kind(visit, visit.doctor)
    follow_ups.coming(visit.beneficiary.account, visit.session.day)
    readers.readings_of(visit.beneficiary.account)
    found = [plan_of(sql, params) for sql, params in list(asked)]
    assert len(found) >= 5
    if is_sqlite():
        broad = ("visit_state", "visit_doctor_state", "audit_row_action_at")
        assert [plan for plan in found for index in broad if index in plan] == []


def test_unmade_prescriptions_are_found_without_the_past_ones(asked, now):
    """By the day of issue, which is past for nearly all, the overview of a large clinic took a second."""
    issued = make_prescription(now)
    _fill_the_past(issued, now)
    Prescription.update(sha256="a", stored_at=now).where(Prescription.id != issued.id).execute()
    asked.clear()
    troubles.troubles(now + timedelta(hours=1))
    ((sql, params),) = [(sql, params) for sql, params in asked if '"stored_at" IS NULL' in sql]
    assert "prescription_issued_at" not in plan_of(sql, params)


def _fill_the_past(issued: Prescription, now: datetime, days: int = 1000) -> None:
    """Copy a prescription and its visit into each day before: PostgreSQL chooses by the number of rows."""
    visit, paper = issued.visit.__data__, Prescription.get_by_id(issued.id).__data__
    for ago in range(1, days + 1):
        past = Visit.create(**visit | {"id": None, "uid": f"v{ago}", "number": 1000 + ago, "live_key": None})
        own = dict.fromkeys(("uid", "number", "code"), f"p{ago}")
        Prescription.create(**paper | own | {"id": None, "visit": past.id, "issued_at": now - timedelta(days=ago)})
    if not is_sqlite():
        database.execute_sql("ANALYZE")


def test_no_sweep_reads_all_of_a_table_that_grows(asked, lived, now, config, queue):
    _leave_old_files(config.data_dir)
    found = []
    for sweep in SWEEPS:
        asked.clear()
        sweep.run(now)
        queue.drain()
        queries, asked[:] = list(asked), []
        read = {table for sql, params in queries for table in scans(sql, params)} - FEW_ROWS
        found += [(sweep.run.__name__, table) for table in sorted(read)]
    assert found == []


def _leave_old_files(data_dir: Path) -> None:
    """Of files that rows name: the sweeps of files ask for old ones only."""
    for folder in ("prescriptions", "records"):
        for path in [each for each in (data_dir / folder).rglob("*") if each.is_file()]:
            os.utime(path, (0, 0))


def test_a_query_without_an_index_is_found(db):
    assert scans('SELECT "t1"."id" FROM "visit" AS "t1" WHERE ("t1"."complaint" = \'x\')', ()) == {"visit"}
    assert scans('SELECT "t1"."id" FROM "visit" AS "t1" WHERE ("t1"."uid" = \'x\')', ()) == set()
