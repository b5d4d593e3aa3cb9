"""The desk adds reports to the token of somebody without a phone, and reads none."""

import io

import pytest

from portal.core.records.models import Record
from portal.core.visits.models import DeskHelp
from portal.work.audit import AuditRow
from tests.core.records.papers import jpeg
from tests.factories import make_beneficiary, make_centre, make_record, make_session, make_staff, make_visit


@pytest.fixture
def visit(db):
    make_session()
    found = make_visit("waiting", beneficiary=make_beneficiary())
    DeskHelp.create(visit=found, staff=make_staff("desk", username="desk.other"), way="present")
    return found


def page_of(visit) -> str:
    return f"/desk/tokens/{visit.uid}/records"


def add(desk, visit, content=None, name="report.jpg", **fields):
    page = page_of(visit)
    files = {"records": (io.BytesIO(content or jpeg()), name)} if name else {}
    return desk.post(page, data=desk.hidden_fields(page) | fields | files)


def test_a_report_added_at_the_desk_waits_to_be_checked_for_the_doctor(desk, visit):
    assert add(desk, visit).location == page_of(visit)
    kept = Record.get()
    assert (kept.visit, kept.beneficiary, kept.given_by_id) == (visit, visit.beneficiary, None)
    noted = AuditRow.select().where(AuditRow.action == "RecordUploaded").get()
    assert noted.actor_kind == "staff"
    assert "being checked" in desk.get(page_of(visit)).text


def test_a_form_sent_twice_stores_its_file_once(desk, visit):
    page = page_of(visit)
    fields = desk.hidden_fields(page)
    for _time in range(2):
        answer = desk.post(page, data=fields | {"records": (io.BytesIO(jpeg()), "report.jpg")})
        assert answer.location == page
    assert Record.select().count() == 1


@pytest.mark.parametrize(("content", "name", "status"), [(None, "", 422), (b"MZ not a report", "report.exe", 415)])
def test_what_is_no_report_is_refused_in_words(desk, visit, content, name, status):
    answer = add(desk, visit, content, name)
    assert (answer.status_code, Record.select().count()) == (status, 0)
    assert 'id="records-error"' in answer.text


def test_after_the_visit_nothing_is_added(desk, visit):
    page = page_of(visit)
    fields = desk.hidden_fields(page)
    visit.state, visit.live_key = "completed", None
    visit.save()
    answer = desk.post(page, data=fields | {"records": (io.BytesIO(jpeg()), "report.jpg")})
    assert (answer.status_code, Record.select().count()) == (409, 0)


def test_the_desk_reads_neither_titles_nor_files(desk, visit):
    record = make_record(visit.beneficiary)
    record.visit, record.title = visit, "Depression clinic letter"
    record.save()
    text = desk.get(page_of(visit)).text
    assert "Depression" not in text
    assert record.uid not in text
    assert desk.get(f"/records/{record.uid}").status_code == 403


def test_the_token_of_another_centre_is_not_there(sign_in, visit):
    other = sign_in(make_staff("desk", centre=make_centre("02")))
    assert other.get(page_of(visit)).status_code == 404
