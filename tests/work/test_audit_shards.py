"""Chains of the audit log: nobody waits for another's row, and whatever is done to any of them is found."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.base.clock import clinic_day
from portal.store.db import database, is_sqlite, write
from portal.work import audit, audit_chain, audit_published, audit_shards
from portal.work.audit import GENESIS, SYSTEM, AuditHead, AuditRow
from portal.work.audit_shards import AuditDay, AuditShard, End
from tests.work.test_audit_chain import unlock

CHAINS = 3


def append(shard: int, number: int, now) -> None:
    """Append a row to a certain chain, as a writer does that found it free."""
    found = AuditShard.get(AuditShard.number == shard)
    end = End(shard, found.day, found.rows, found.hash)
    if end.day < clinic_day(now) and end.rows:
        AuditDay.create(shard=shard, day=end.day, rows=end.rows, hash=end.hash)
    end = End(shard, clinic_day(now), end.rows, end.hash)
    audit.append(end, "Read", f"x{number}", by=SYSTEM, now=now, number=number)


@pytest.fixture
def chains(db, monkeypatch):
    """Several chains, on SQLite too."""
    monkeypatch.setattr(audit_shards, "count", lambda: CHAINS)
    AuditShard.delete().where(AuditShard.number >= CHAINS).execute()
    for number in range(AuditShard.select().count(), CHAINS):
        begins = audit_shards.beginning(number, 0, GENESIS)
        end = End(number, AuditShard.get().day, 0, begins)
        AuditShard.create(number=number, day=end.day, rows=0, hash=begins, seal=audit_shards.seal_of(end))


@pytest.fixture
def three_days(chains, now):
    """Two rows a day and chain, on three days."""
    for day in range(3):
        for number in range(2 * CHAINS):
            append(number % CHAINS, number, now + timedelta(days=day))


def test_rows_of_several_chains_and_days_verify_by_stretches(three_days):
    assert list(audit_chain.verify([audit_published.head()])) == []
    stretches = audit_chain.stretches()
    assert [(one.shard, one.after, one.rows) for one in stretches[1:4]] == [(0, 0, 2), (0, 2, 4), (0, 4, 6)]
    assert len(stretches) == 1 + 3 * CHAINS


def test_a_stretch_needs_only_its_own_rows(three_days):
    unlock()
    AuditRow.update(subject="changed").where((AuditRow.shard == 0) & (AuditRow.place == 1)).execute()
    broken = [one for one in audit_chain.stretches() if audit_chain.check(one)]
    assert [(one.shard, one.rows) for one in broken] == [(0, 2)]


def change(row) -> None:
    AuditRow.update(subject="somebody else").where(AuditRow.id == row.id).execute()


def delete(row) -> None:
    AuditRow.delete().where(AuditRow.id == row.id).execute()


def swap_with_another_chain(row) -> None:
    other = AuditRow.get((AuditRow.shard == (row.shard + 1) % CHAINS) & (AuditRow.place == row.place))
    for one, wanted in ((row, -1), (other, row.shard), (row, other.shard)):
        AuditRow.update(shard=wanted).where(AuditRow.id == one.id).execute()


def forge_from_here(row) -> None:
    """Rewrite this row and all after it, hashes and end, without the key."""
    last = row.previous
    for one in AuditRow.select().where((AuditRow.shard == row.shard) & (AuditRow.place >= row.place)):
        one.previous, one.subject = last, "somebody else"
        one.hash = last = audit.hash_of(one)
        one.save()
    AuditShard.update(hash=last).where(AuditShard.number == row.shard).execute()


def append_without_the_key(row) -> None:
    end = AuditShard.get(AuditShard.number == row.shard)
    row.id, row.place, row.previous = None, end.rows + 1, end.hash
    row.hash = audit.hash_of(row)
    row.save(force_insert=True)
    AuditShard.update(rows=row.place, hash=row.hash).where(AuditShard.number == row.shard).execute()


def append_to_a_chain_of_its_own(row) -> None:
    row.id, row.shard, row.place, row.previous = None, CHAINS + 4, 1, "0" * 64
    row.hash = audit.hash_of(row)
    row.save(force_insert=True)


def remove_its_chain(row) -> None:
    for table, column in ((AuditRow, AuditRow.shard), (AuditDay, AuditDay.shard), (AuditShard, AuditShard.number)):
        table.delete().where(column == row.shard).execute()


def empty_its_chain(row) -> None:
    remove_its_chain(row)
    begins = audit_shards.beginning(row.shard, 0, GENESIS)
    AuditShard.create(number=row.shard, day=clinic_day(row.at), rows=0, hash=begins, seal=row.seal)


def remove_its_day_in_its_chain(row) -> None:
    remove_day((AuditRow.shard == row.shard), (AuditDay.shard == row.shard), row)


def remove_its_day(row) -> None:
    remove_day(AuditRow.shard.is_null(False), AuditDay.shard.is_null(False), row)


def remove_day(rows, days, row) -> None:
    """Remove a day's rows and where its chains ended; of the newest day, so that the day before is the end."""
    day = clinic_day(row.at)
    gone = [one.id for one in AuditRow.select().where(rows) if clinic_day(one.at) == day]
    chains = {one.shard for one in AuditRow.select().where(AuditRow.id.in_(gone))}
    AuditRow.delete().where(AuditRow.id.in_(gone)).execute()
    AuditDay.delete().where(days & (AuditDay.day == day)).execute()
    for shard in chains:
        last = AuditRow.select().where(AuditRow.shard == shard).order_by(AuditRow.place.desc()).first()
        AuditShard.update(rows=last.place, hash=last.hash).where(AuditShard.number == shard).execute()


FORGERIES = [
    change,
    delete,
    swap_with_another_chain,
    forge_from_here,
    append_without_the_key,
    append_to_a_chain_of_its_own,
    remove_its_chain,
    empty_its_chain,
    remove_its_day_in_its_chain,
    remove_its_day,
]


@settings(max_examples=60)
@given(number=st.integers(0, 6 * CHAINS - 1), forge=st.sampled_from(FORGERIES))
def find_it(number, forge) -> None:
    with database.atomic() as undone:
        unlock()
        forge(AuditRow.select().order_by(AuditRow.id).offset(number).get())
        assert list(audit_chain.verify()) != []
        undone.rollback()


def test_whatever_is_done_to_any_row_chain_or_day_is_found(three_days):
    find_it()
    assert list(audit_chain.verify()) == []


@pytest.mark.parametrize("forge", FORGERIES)
def test_each_forgery_of_the_newest_row_is_found(three_days, forge):
    unlock()
    forge(AuditRow.select().order_by(AuditRow.id.desc()).get())
    assert list(audit_chain.verify()) != []


def test_a_day_ends_where_the_next_one_begins_and_a_clock_put_back_stays_in_it(db, now):
    for days in (0, 1, 0, 1):
        audit.note("Read", f"x{days}", by=SYSTEM, now=now + timedelta(days=days))
    assert [(row.day, row.rows) for row in AuditDay.select()] == [(clinic_day(now), 1)]
    assert list(audit_chain.verify()) == []


def test_nobody_waits_for_a_row_of_another_transaction(db, now):
    if is_sqlite():
        pytest.skip("SQLite has one writer")
    written, may_end = Event(), Event()

    def slow() -> None:
        with write():
            audit.note("Read", "slow", by=SYSTEM, now=now)
            written.set()
            may_end.wait(10)
        database.close()

    thread = Thread(target=slow)
    thread.start()
    try:
        assert written.wait(10)
        audit.note("Read", "quick", by=SYSTEM, now=now)
        assert [(row.subject, row.shard) for row in AuditRow.select()] == [("quick", 1)]
    finally:
        may_end.set()
        thread.join()
    assert sorted((row.subject, row.shard) for row in AuditRow.select()) == [("quick", 1), ("slow", 0)]
    assert list(audit_chain.verify([audit_published.head()])) == []
    assert audit_published.head().counts == (1, 1)


def test_the_single_chain_of_before_may_go_on_beside_the_new_ones(db, now):
    """An older version that still runs writes it, as it did."""
    audit.note("Read", "new", by=SYSTEM, now=now)
    row = AuditRow(at=now, action="Read", actor_kind="system", actor_uid="", subject="old", details="{}", format=2)
    row.previous, row.shard, row.place = GENESIS, None, None
    row.hash = audit.hash_of(row)
    row.seal = audit.keys.sign(audit.PURPOSE, audit._sealed(row)).hex()
    row.save(force_insert=True)
    AuditHead.update(rows=1, hash=row.hash).execute()
    assert list(audit_chain.verify([audit_published.head()])) == []
    assert audit_published.head().rows == 2
