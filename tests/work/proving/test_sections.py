"""Sections of the audit log hold every row once, and tell a row that was changed or lost."""

import pytest

from portal.store.db import is_sqlite
from portal.work import audit
from portal.work.audit import SYSTEM, AuditHead, AuditRow
from portal.work.proving import proof, sections
from portal.work.proving.sections import AuditSection
from tests.noted import noted
from tests.work.test_audit import three_rows as three_rows
from tests.work.test_audit_chain import unlock


def close(now) -> int:
    return sections.close_sections(by=SYSTEM, now=now)


def proved(row: AuditRow) -> bool:
    """Does the path of a row lead to the root of its section?"""
    number, place = sections.place_of(row, [(one.number, one.ends) for one in AuditSection.select()])
    path = proof.path_of(sections.tree_of(number), place)
    return proof.root_by(row.hash, path) == AuditSection.get(AuditSection.number == number).root


def test_every_row_is_proved_by_the_section_it_is_in(three_rows, now):
    assert close(now) == 1
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert close(now) == 1
    closed = AuditRow.select().order_by(AuditRow.id).limit(4)
    assert [proved(row) for row in closed] == [True] * 4
    assert list(sections.check_sections()) == []


def test_a_row_after_the_last_section_is_in_none(three_rows, now):
    close(now)
    audit.note("Read", "later", by=SYSTEM, now=now)
    row = AuditRow.select().order_by(AuditRow.id.desc()).get()
    with pytest.raises(LookupError):
        sections.place_of(row, [(one.number, one.ends) for one in AuditSection.select()])


def test_many_rows_are_cut_into_sections_that_link_to_each_other(three_rows, now, monkeypatch):
    monkeypatch.setattr(sections, "MOST", 2)
    assert close(now) == 2
    first, second = AuditSection.select().order_by(AuditSection.number)
    assert second.link == proof.link_of(first.link, 2, second.root)
    assert sections.published() == f"sections 2 {second.link}"
    assert all(proved(row) for row in AuditRow.select().where(AuditRow.action == "Read"))


def test_closing_is_itself_in_the_log(three_rows, now):
    assert noted(lambda: close(now)) == [("AuditSectionClosed", SYSTEM, "audit")]


def test_rows_of_the_single_chain_of_before_are_in_a_section_too(three_rows, now):
    if not is_sqlite():
        pytest.skip("the three rows are in chains of their own")
    unlock()
    AuditRow.update(shard=None, place=None).execute()
    AuditHead.update(rows=3).execute()
    audit.AuditRow._meta.database.execute_sql('UPDATE "audit_shard" SET "rows" = 0')
    assert close(now) == 1
    assert all(proved(row) for row in AuditRow.select().where(AuditRow.action == "Read"))


def test_a_row_whose_hash_was_changed_breaks_its_section(three_rows, now):
    close(now)
    unlock()
    AuditRow.update(hash="0" * 64).where(AuditRow.id == 2).execute()
    assert list(sections.check_sections()) == ["Section 1 does not agree with its rows."]


def test_a_lost_row_breaks_its_section_and_stops_the_next(three_rows, now):
    close(now)
    audit.note("Read", "later", by=SYSTEM, now=now)
    unlock()
    AuditRow.delete().where(AuditRow.id.in_([2, 5])).execute()
    assert list(sections.check_sections()) == ["Section 1 does not agree with its rows."]
    with pytest.raises(ValueError, match="rows between"):
        close(now)
