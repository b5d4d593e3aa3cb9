"""Marks of numbers that were told: appended, folded, and read whatever lies in their folder."""

from datetime import date

import pytest

from portal.base import clock as portal_clock
from portal.store.db import write
from portal.store.kept import marks
from portal.store.numbers import next_number, raise_to
from tests.conftest import FakeClock


def test_the_highest_number_of_each_series_is_read(db, config):
    for _ in range(3):
        next_number("referral")
    next_number("patient")
    assert marks.read(config.marks) == {"referral": 3, "patient": 1}


def test_a_number_that_was_rolled_back_has_a_mark_too(db, config):
    with pytest.raises(ZeroDivisionError), write():
        next_number("referral")
        raise ZeroDivisionError
    assert marks.read(config.marks) == {"referral": 1}
    assert next_number("referral") == 1


def test_a_line_that_was_cut_and_a_foreign_one_are_skipped(db, config):
    next_number("referral")
    (config.marks / "other.2026-11-23.log").write_bytes(
        b"referral 7\nrefer\n\xff\xfe 9\nreferral 99999999999999999\nrx-202611 "
    )
    assert marks.read(config.marks) == {"referral": 7}


def test_marks_of_several_folders_are_joined(db, config, tmp_path):
    next_number("referral")
    (tmp_path / "node-2").mkdir()
    (tmp_path / "node-2" / "n2.log").write_text("referral 12\n")
    assert marks.read(config.marks, tmp_path / "node-2", tmp_path / "nothing")["referral"] == 12


def test_old_days_are_folded_into_one_file_without_losing_a_mark(db, config, clock: FakeClock):
    for _day in range(3):
        next_number("referral")
        clock.tick(86400)
    before = marks.read(config.marks)
    marks.fold(portal_clock.now().date())
    assert marks.read(config.marks) == before == {"referral": 3}
    assert [path.name.count("-2026") + path.name.count(".2026") for path in config.marks.glob("*.log")] == [0]
    next_number("referral")
    assert marks.read(config.marks) == {"referral": 4}


def test_marks_of_sessions_long_past_are_dropped_when_folded(db, config, clock: FakeClock):
    marks.note("token-medicine-2026-11-23", 40)
    clock.tick(400 * 86400)
    marks.note("token-medicine-2027-12-27", 7)
    clock.tick(86400)
    marks.fold(portal_clock.now().date())
    assert marks.read(config.marks) == {"token-medicine-2027-12-27": 7}


def test_a_number_is_drawn_when_its_mark_cannot_be_written(db, config, tmp_path):
    (tmp_path / "file").write_text("")
    marks.install(tmp_path / "file")
    assert next_number("referral") == 1


def test_a_sequence_is_raised_and_never_lowered(db):
    raise_to("referral", 41)
    assert next_number("referral") == 42
    raise_to("referral", 7)
    assert next_number("referral") == 43


def test_the_source_of_a_series_is_the_one_with_the_longest_prefix(app):
    assert marks.source_of("token-medicine-2026-11-23").prefix == "token-"
    assert marks.source_of("rx-202611").prefix == ""


def test_a_day_is_folded_only_when_it_is_over(db, config):
    next_number("referral")
    marks.fold(date(2026, 11, 23))
    assert [path.name.endswith(".2026-11-23.log") for path in config.marks.glob("*.log")] == [True]
