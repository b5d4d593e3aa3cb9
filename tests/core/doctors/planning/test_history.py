"""What was changed of rosters is changed back."""

from datetime import timedelta

import pytest

from portal.base.errors import Conflict
from portal.core.clinic.models import ClinicSession
from portal.core.doctors.planning import changing
from portal.core.rosters.book import DAY
from portal.core.rosters.models import DoctorDay, RosterChange
from tests.core.doctors.planning.test_changing import TODAY, TOMORROW, ask, closing, deed, do
from tests.core.doctors.planning.test_changing import by as by
from tests.factories import make_session, make_staff
from tests.noted import noted


def test_a_change_is_audited_and_changed_back_once(by, now):
    doctor = make_staff()
    wanted = deed("day", {(DAY, doctor.id, TOMORROW.isoformat()): {"part": "1", "reason": "court"}})
    assert noted(lambda: do(wanted, by, now))[0][0] == "RosterChanged"
    row = RosterChange.get()
    back = changing.undoing(row.uid, now)
    do(back, by, now)
    assert not DoctorDay.select().exists()
    with pytest.raises(Conflict, match="changed back already"):
        changing.undoing(row.uid, now)


def test_what_was_changed_again_since_is_not_changed_back(by, now):
    doctor = make_staff()
    slot = (DAY, doctor.id, TOMORROW.isoformat())
    first = do(deed("day", {slot: {"part": "1", "reason": ""}}), by, now)
    do(deed("day", {slot: {"part": "2", "reason": ""}}), by, now)
    with pytest.raises(Conflict, match="changed again since"):
        changing.undoing(first.uid, now)


def test_days_that_are_over_are_not_changed_back(by, now):
    row = do(deed("day", {(DAY, make_staff().id, TODAY.isoformat()): {"part": "1", "reason": ""}}), by, now)
    with pytest.raises(Conflict, match="days are over"):
        changing.undoing(row.uid, now + timedelta(days=1))


def test_a_closed_day_is_opened_again_by_changing_back(by, now):
    make_staff()
    session = make_session()
    row = do(closing(), by, now)
    with pytest.raises(Conflict):
        ask(now)
    do(changing.undoing(row.uid, now), by, now)
    assert ClinicSession.get_by_id(session.id).closed_at is None
    assert ask(now).state == "waiting"
