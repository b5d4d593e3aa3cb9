"""Prepared statements give the same SQL and results as peewee's own."""

from datetime import timedelta

import peewee
import pytest

from portal.core.accounts.models import Account, SignIn, Staff
from portal.core.clinic.models import ClinicSession
from portal.core.visits.models import Transition, Visit
from portal.store.db import database
from portal.store.prepared import Prepared, insert, read_once
from portal.work.audit import SYSTEM
from portal.work.events import Event, record
from tests.factories import make_account, make_session, make_staff, make_visit
from tests.fakes import ThingHappened
from tests.statements import statements as statements


@Prepared
def _of_mobile(mobile):
    return Account.select().where(Account.mobile == mobile)


@Prepared
def _since(moment, state):
    rows = Visit.select(Visit, ClinicSession).join(ClinicSession)
    return rows.where((Visit.state == state) & (Visit.state_since >= moment))


@Prepared
def _raise_quota(day):
    return ClinicSession.update(quota=ClinicSession.quota + 1).where(ClinicSession.day == day)


@Prepared
def _whose(key_hash):
    outer = peewee.JOIN.LEFT_OUTER
    rows = SignIn.select(SignIn, Account, Staff).join(Account, outer).switch(SignIn).join(Staff, outer)
    return rows.where(SignIn.key_hash == key_hash)


def test_each_execution_binds_its_own_parameters(db):
    one, other = make_account("+919876543210"), make_account("+919876543211")
    assert [_of_mobile.first(row.mobile) for row in (one, other)] == [one, other]
    assert _of_mobile.first("' OR 1=1 --") is None
    assert _of_mobile.all("+919876543210")[0].created_at == one.created_at


def test_a_parameter_is_converted_by_its_column(db, now):
    visit = make_visit(state_since=now)
    assert _since.all(now, "waiting") == [visit]
    assert _since.all(now + timedelta(microseconds=1), "waiting") == []
    with pytest.raises(ValueError, match="naive"):
        _since.all(now.replace(tzinfo=None), "waiting")


def test_a_datetime_parameter_without_a_column_is_refused(db, now):
    seen = Prepared(lambda moment: Account.update(disabled_at=moment))
    with pytest.raises(TypeError, match="beside its column"):
        seen.execute(now)


def test_joined_rows_come_with_the_row_in_one_statement(db, now, statements):
    session = make_visit(state_since=now).session
    statements.clear()
    assert _since.first(now, "waiting").session.quota == session.quota
    assert len(statements) == 1


def test_the_missing_side_of_an_outer_join_is_none(db, now):
    staff = make_staff("doctor")
    times = dict.fromkeys(("created_at", "seen_at", "ends_at", "stepped_up_at"), now)
    SignIn.create(key_hash="x", staff=staff, **times)
    found = _whose.first("x")
    assert (found.account, found.staff.name) == (None, staff.name)


def test_an_update_says_how_many_rows_it_changed(db, now):
    session = make_session()
    assert (_raise_quota.execute(session.day), _raise_quota.execute(session.day - timedelta(days=1))) == (1, 0)
    assert ClinicSession.get_by_id(session.id).quota == session.quota + 1


def test_an_inserted_row_is_the_row_that_save_would_write(db, now):
    visit = make_visit()
    values = {
        "visit": visit,
        "at": now,
        "from_state": "",
        "to_state": "waiting",
        "actor_kind": "system",
        "actor_uid": "",
        "before": {"name": "हरि", "lapses": 0},
    }
    ours, theirs = insert(Transition(**values)), Transition.create(**values)
    assert theirs.id - ours.id == 1
    rows = database.execute_sql("SELECT * FROM transition ORDER BY id DESC LIMIT 2").fetchall()
    assert rows[0][1:] == rows[1][1:]
    assert Transition.get_by_id(ours.id).before == values["before"]


def test_a_row_without_its_json_is_inserted_too(db, now):
    values = {"at": now, "from_state": "", "to_state": "waiting", "actor_kind": "system", "actor_uid": ""}
    line = insert(Transition(visit=make_visit(), before=None, **values))
    assert Transition.select().where((Transition.id == line.id) & Transition.before.is_null()).exists()


def test_an_insert_keeps_the_constraints_of_the_table(db):
    insert(Account(mobile="+919876543210", created_at=make_account().created_at))
    with pytest.raises(peewee.IntegrityError):
        insert(Account(mobile="+919876543210", created_at=make_account().created_at))


def test_event_data_round_trip(db, now):
    event = record(ThingHappened(token="MED-001", number=1, from_="हरि"), "x", by=SYSTEM, now=now)
    assert Event.get_by_id(event.id).data == {"token": "MED-001", "number": 1, "from": "हरि"}


def test_in_a_block_a_query_is_sent_once_for_the_same_values(db, statements):
    one, other = make_account("+919876543210"), make_account("+919876543211")
    statements.clear()
    with read_once():
        found = [_of_mobile.first(row.mobile) for row in (one, other, one)]
        assert (found, len(statements)) == ([one, other, one], 2)
    _of_mobile.first(one.mobile)
    assert len(statements) == 3


def test_what_was_read_is_forgotten_when_the_thread_writes(db, now):
    one = make_account("+919876543210")
    with read_once():
        assert _of_mobile.first(one.mobile).disabled_at is None
        Account.update(disabled_at=now).where(Account.id == one.id).execute()
        assert _of_mobile.first(one.mobile).disabled_at == now


def test_in_a_transaction_everything_is_read_as_it_is(db, statements):
    one = make_account("+919876543210")
    statements.clear()
    with read_once():
        _of_mobile.first(one.mobile)
        with database.atomic():
            _of_mobile.first(one.mobile)
    assert len([sql for sql in statements if sql.startswith("SELECT")]) == 2
