"""Wishes for leave and swaps: asked, agreed to, approved by the one way of changing rosters, or refused."""

from datetime import date, timedelta

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.doctors.planning import changing
from portal.core.doctors.planning.changing import Stale
from portal.core.doctors.planning.effects import effect_of
from portal.core.doctors.wishes import reading, services
from portal.core.doctors.wishes.models import LAPSED, RosterWish
from portal.core.rosters.models import DoctorDay, DoctorWeek, Leave, RosterChange
from portal.core.visits.models import Visit
from portal.work.audit import AuditRow
from tests.factories import make_session, make_specialty, make_staff, make_visit
from tests.noted import actor_of

TOMORROW, AFTER = date(2026, 11, 24), date(2026, 11, 25)


@pytest.fixture
def doctor(db):
    return make_staff()


@pytest.fixture
def colleague(doctor):
    return make_staff()


@pytest.fixture
def admin(db):
    return make_staff("admin")


def leave_of(doctor, now, day=TOMORROW, **fields) -> RosterWish:
    form = {"day": day.isoformat(), "reason": "wedding"} | fields
    return services.ask("leave", form, doctor, by=actor_of(doctor), now=now)


def ask_swap(doctor, colleague, now, **fields) -> RosterWish:
    form = {"day": TOMORROW.isoformat(), "other": colleague.username, "other_day": AFTER.isoformat()} | fields
    return services.ask("swap", form, doctor, by=actor_of(doctor), now=now)


def approve(wish, admin, now) -> None:
    seen = effect_of(services.deed_of(RosterWish.get_by_id(wish.id), now), now).seen
    changing.approve_wish(wish.uid, seen, by=actor_of(admin), now=now)


def state_of(wish, now) -> str:
    return RosterWish.get_by_id(wish.id).state_at(now)


def waits_tomorrow(now) -> Visit:
    opens_at = now.replace(hour=3, minute=30) + timedelta(days=1)
    return make_visit(session=make_session(day=TOMORROW, opens_at=opens_at, closes_at=opens_at + timedelta(hours=3)))


def test_leave_is_asked_for_and_taken_only_when_it_is_approved(doctor, admin, now):
    wish = leave_of(doctor, now, until=AFTER.isoformat())
    assert not Leave.select().exists()
    assert reading.count_open(now) == 1
    approve(wish, admin, now)
    assert [row.day for row in Leave.select().order_by(Leave.day)] == [TOMORROW, AFTER]
    assert (state_of(wish, now), reading.count_open(now)) == ("approved", 0)
    assert (RosterChange.get().kind, RosterChange.get().by) == ("leave", admin)


def test_half_a_day_is_asked_for_too(doctor, admin, now):
    approve(leave_of(doctor, now, half="1"), admin, now)
    assert (DoctorDay.get().day, DoctorDay.get().part, DoctorDay.get().reason) == (TOMORROW, "2", "wedding")


def test_approving_carries_the_tokens_of_the_day(doctor, admin, now):
    visit = waits_tomorrow(now)
    approve(leave_of(doctor, now), admin, now)
    assert Visit.get_by_id(visit.id).state == "carried"


def test_an_approval_of_what_the_page_did_not_show_changes_nothing(doctor, admin, now):
    wish = leave_of(doctor, now)
    seen = effect_of(services.deed_of(wish, now), now).seen
    waits_tomorrow(now)
    with pytest.raises(Stale):
        changing.approve_wish(wish.uid, seen, by=actor_of(admin), now=now)
    assert (state_of(wish, now), Leave.select().count(), RosterChange.select().count()) == ("open", 0, 0)


def test_a_wish_is_approved_once(doctor, admin, now):
    wish = leave_of(doctor, now)
    approve(wish, admin, now)
    with pytest.raises(Conflict):
        changing.approve_wish(wish.uid, "", by=actor_of(admin), now=now)
    assert (Leave.select().count(), RosterChange.select().count()) == (1, 1)


def test_a_swap_goes_to_the_administrator_when_the_colleague_agrees(doctor, colleague, admin, now):
    DoctorWeek.create(doctor=doctor, begins="2026-11-01", days="dd-dddd")
    DoctorWeek.create(doctor=colleague, begins="2026-11-01", days="d-ddddd")
    wish = ask_swap(doctor, colleague, now)
    assert reading.asks_of(colleague, now)
    with pytest.raises(Conflict, match="waits for somebody else"):
        changing.approve_wish(wish.uid, "", by=actor_of(admin), now=now)
    services.agree(wish.uid, colleague, by=actor_of(colleague), now=now)
    assert (reading.asks_of(colleague, now), reading.count_open(now)) == (False, 1)
    approve(wish, admin, now)
    parts = {(row.doctor, row.day): row.part for row in DoctorDay.select()}
    assert parts == {(doctor, TOMORROW): "-", (colleague, TOMORROW): "d", (colleague, AFTER): "-", (doctor, AFTER): "d"}
    assert RosterChange.get().kind == "swap"


def halves(doctor, colleague) -> None:
    """One is there in the first half of tomorrow, the other in the second."""
    for who, part in ((doctor, "1"), (colleague, "2")):
        DoctorDay.create(doctor=who, day=TOMORROW, part=part)


def test_only_the_named_colleague_answers_a_swap_and_only_the_asker_withdraws(doctor, colleague, now):
    halves(doctor, colleague)
    wish, third = ask_swap(doctor, colleague, now, other_day=TOMORROW.isoformat()), make_staff()
    for answer, who in ((services.agree, third), (services.decline, doctor), (services.withdraw, colleague)):
        with pytest.raises(NotFound):
            answer(wish.uid, who, by=actor_of(who), now=now)
    services.agree(wish.uid, colleague, by=actor_of(colleague), now=now)
    services.decline(wish.uid, colleague, by=actor_of(colleague), now=now)  # after all
    assert state_of(wish, now) == "declined"
    with pytest.raises(Conflict):
        services.agree(wish.uid, colleague, by=actor_of(colleague), now=now)


def test_a_swap_with_somebody_of_another_specialty_is_refused(doctor, now):
    stranger = make_staff(specialty=make_specialty("surgery"))
    with pytest.raises(Invalid) as wrong:
        ask_swap(doctor, stranger, now)
    assert "other" in wrong.value.fields
    assert not RosterWish.select().exists()


def test_a_day_is_asked_for_once_until_the_wish_is_withdrawn(doctor, now):
    first = leave_of(doctor, now, until=AFTER.isoformat())
    with pytest.raises(Conflict, match="asked for one of these days already"):
        leave_of(doctor, now, AFTER)
    services.withdraw(first.uid, doctor, by=actor_of(doctor), now=now)
    assert leave_of(doctor, now, AFTER).state == "open"
    with pytest.raises(Conflict):
        services.withdraw(first.uid, doctor, by=actor_of(doctor), now=now)


def test_a_refusal_needs_a_reason_which_the_doctor_reads(doctor, admin, now):
    wish = leave_of(doctor, now)
    with pytest.raises(Invalid):
        services.refuse(wish.uid, "  ", by=actor_of(admin), now=now)
    services.refuse(wish.uid, "camp on that day", by=actor_of(admin), now=now)
    found = reading.concerning(doctor, now)[0]
    assert (found.state, found.answer, found.answered_by) == ("refused", "camp on that day", admin)
    with pytest.raises(Conflict):
        approve(wish, admin, now)


def test_a_wish_lapses_when_its_day_has_passed(doctor, admin, now):
    wish = leave_of(doctor, now)
    on_the_day, later = now + timedelta(days=1), now + timedelta(days=2)
    assert (state_of(wish, on_the_day), reading.count_open(on_the_day)) == ("open", 1)
    assert (state_of(wish, later), reading.count_open(later)) == (LAPSED, 0)
    with pytest.raises(Conflict):
        services.refuse(wish.uid, "too late", by=actor_of(admin), now=later)


def test_a_swap_lapses_with_the_earlier_of_its_days(doctor, colleague, now):
    DoctorWeek.create(doctor=doctor, begins="2026-11-01", days="d-ddddd")
    DoctorWeek.create(doctor=colleague, begins="2026-11-01", days="dd-dddd")
    days = {"day": AFTER.isoformat(), "other_day": TOMORROW.isoformat()}
    wish = ask_swap(doctor, colleague, now, **days)
    at = now + timedelta(days=2)
    assert (state_of(wish, at), reading.asks_of(colleague, at)) == (LAPSED, False)


def test_what_can_no_longer_be_done_says_why(doctor, colleague, admin, now):
    halves(doctor, colleague)
    wish = ask_swap(doctor, colleague, now, other_day=TOMORROW.isoformat())
    Leave.create(doctor=colleague, day=TOMORROW, at=now, by_uid=admin.uid)
    with pytest.raises(Conflict, match="not on the roster on that day"):
        services.deed_of(wish, now)
    doctor.specialty = make_specialty("surgery")
    doctor.save()
    with pytest.raises(Conflict, match="in this specialty any more"):
        services.deed_of(RosterWish.get(), now)


def test_every_step_is_audited(doctor, colleague, admin, now):
    halves(doctor, colleague)
    wish = ask_swap(doctor, colleague, now, other_day=TOMORROW.isoformat())
    services.agree(wish.uid, colleague, by=actor_of(colleague), now=now)
    approve(wish, admin, now)
    rows = AuditRow.select().where(AuditRow.subject == wish.uid).order_by(AuditRow.id)
    assert [(row.action, row.actor_uid) for row in rows] == [
        ("RosterWishAsked", doctor.uid),
        ("RosterWishAnswered", colleague.uid),
        ("RosterWishAnswered", admin.uid),
    ]
