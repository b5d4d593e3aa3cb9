"""The roster as plain values: what comes before what, swaps, and changing back."""

from datetime import date, time, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from portal.core.clinic.day_rules import AS_SET
from portal.core.rosters.book import (
    AWAY,
    DATE,
    DAY,
    FIRST,
    LEAVE,
    PARTS,
    SECOND,
    WEEK,
    WEEKDAY,
    WHOLE,
    Book,
    from_json,
    overlap,
    to_json,
    together,
    without,
)

MONDAY = date(2026, 11, 23)
ONE, OTHER, THIRD, SPECIALTY = 1, 2, 3, 7
days = st.integers(-20, 40).map(lambda step: MONDAY + timedelta(days=step))
doctors = st.sampled_from((ONE, OTHER, THIRD))
letters = st.sampled_from(PARTS)
patterns = st.text(alphabet="".join(PARTS), min_size=7, max_size=7)
weeks = st.builds(
    lambda doctor, day, ends, text: (
        (WEEK, doctor, day.isoformat()),
        {"ends": ends and ends.isoformat(), "days": text},
    ),
    doctors,
    days,
    st.none() | days,
    patterns,
)
single = st.builds(
    lambda doctor, day, part: ((DAY, doctor, day.isoformat()), {"part": part, "reason": ""}), doctors, days, letters
)
leaves = st.builds(lambda doctor, day: ((LEAVE, doctor, day.isoformat()), {"reason": "ill"}), doctors, days)
rules = st.builds(lambda is_open, quota: {"is_open": is_open, "quota": quota}, st.booleans(), st.none() | st.just(9))
hours = st.builds(lambda number, rule: ((WEEKDAY, SPECIALTY, str(number)), rule), st.integers(1, 7), rules)
dated = st.builds(lambda day, rule: ((DATE, SPECIALTY, day.isoformat()), rule), days, rules)
facts = st.lists(weeks | single | leaves | hours | dated, max_size=25).map(dict)
books = facts.map(lambda found: Book(SPECIALTY, (ONE, OTHER, THIRD), found))


def answers(book: Book) -> list[object]:
    """All that a book answers, for every day that a test writes of."""
    span = [MONDAY + timedelta(days=step) for step in range(-25, 50)]
    return [(book.there(day), book.rule(day), book.has_nobody(day)) for day in span]


def test_without_a_word_of_a_doctor_every_day_is_whole():
    book = Book(SPECIALTY, (ONE,), {})
    assert book.there(MONDAY) == {ONE: WHOLE}
    assert book.rule(MONDAY) == AS_SET


def test_a_specialty_without_doctors_has_no_roster():
    assert not Book(SPECIALTY, (), {}).has_nobody(MONDAY)


def test_the_pattern_that_began_last_counts_from_its_first_day_to_its_last():
    book = Book(
        SPECIALTY,
        (ONE,),
        {
            (WEEK, ONE, "2026-11-01"): {"ends": None, "days": "d1-----"},
            (WEEK, ONE, "2026-11-30"): {"ends": "2026-12-06", "days": "2------"},
        },
    )
    monday, tuesday = MONDAY, MONDAY + timedelta(days=1)
    assert [book.part(ONE, day) for day in (monday, tuesday)] == [WHOLE, FIRST]
    assert [book.part(ONE, monday + timedelta(days=7 * week)) for week in (1, 2)] == [SECOND, AWAY]


@given(books, doctors, days, letters)
def test_a_day_of_its_own_comes_before_the_pattern(book, doctor, day, part):
    assume((LEAVE, doctor, day.isoformat()) not in book.facts)
    changed = book.changed({(DAY, doctor, day.isoformat()): {"part": part, "reason": ""}})
    assert changed.part(doctor, day) == part


@given(books, doctors, days)
def test_leave_comes_before_everything(book, doctor, day):
    assert book.changed({(LEAVE, doctor, day.isoformat()): {"reason": ""}}).part(doctor, day) == AWAY


@given(books, days, rules)
def test_a_rule_of_a_day_comes_before_that_of_its_weekday(book, day, rule):
    found = book.changed({(DATE, SPECIALTY, day.isoformat()): rule}).rule(day)
    assert (found.is_open, found.quota) == (rule["is_open"], rule["quota"])


@given(books, doctors, days, doctors, days)
def test_a_swap_is_the_same_from_both_sides(book, one, on, other, other_on):
    assume(one != other)
    assert book.swapped(one, on, other, other_on) == book.swapped(other, other_on, one, on)


@given(books, days, days)
def test_a_swap_gives_each_doctor_what_the_other_had(book, on, other_on):
    assume(on != other_on)
    free = {"part": AWAY, "reason": ""}
    no_leave = {slot: None for slot in book.facts if slot[0] == LEAVE}
    book = book.changed(no_leave | {(DAY, ONE, other_on.isoformat()): free, (DAY, OTHER, on.isoformat()): free})
    taken, given_back = book.part(ONE, on), book.part(OTHER, other_on)
    after = book.changed(book.swapped(ONE, on, OTHER, other_on))
    assert [after.part(OTHER, on), after.part(ONE, other_on)] == [taken, given_back]
    assert [after.part(ONE, on), after.part(OTHER, other_on)] == [AWAY, AWAY]
    assert after.part(THIRD, on) == book.part(THIRD, on)


@given(books, facts)
def test_changing_back_gives_the_same_answers(book, change):
    before = {slot: book.facts.get(slot) for slot in change}
    assert answers(book.changed(change).changed(before)) == answers(book)


@given(books, facts)
def test_a_change_leaves_other_days_alone(book, change):
    dated_only = {slot: values for slot, values in change.items() if slot[0] in (DAY, LEAVE, DATE)}
    named = {slot[2] for slot in dated_only}
    after = book.changed(dated_only)
    for day in (MONDAY + timedelta(days=step) for step in range(-20, 41)):
        if day.isoformat() not in named:
            assert (after.there(day), after.rule(day)) == (book.there(day), book.rule(day))


@given(facts)
def test_stored_facts_are_read_as_they_were_written(change):
    assert from_json(to_json(change)) == change


@given(letters, letters)
def test_parts_of_a_day_add_up(one, other):
    assert together(without(one, other), other) == together(one, other)
    assert overlap(one, other) == (without(one, other) != one)


def test_hours_and_quota_of_a_day_are_read():
    rule = {"is_open": True, "opens_at": "14:00", "closes_at": "16:30", "quota": 20, "reason": "Camp"}
    found = Book(SPECIALTY, (), {(WEEKDAY, SPECIALTY, "1"): rule}).rule(MONDAY)
    assert (found.opens_at, found.closes_at, found.quota, found.reason) == (time(14), time(16, 30), 20, "Camp")
