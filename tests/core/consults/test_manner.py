"""Statement of the doctor and call log: the later of the two counts (domain.md 1.6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.core.calls.sight import Sight
from portal.core.consults import manner
from portal.core.consults.models import Consult
from portal.core.prescribing.notes import Item
from tests.factories import make_staff

T0 = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return T0 + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("stated", "sight", "logged", "mode"),
    [
        (None, Sight(), "", ""),
        (None, Sight(), "video", ""),  # a picture, for less than half a minute
        (None, Sight(enough_at=at(30)), "phone", "video"),
        (None, Sight(left_at=at(10)), "audio", "audio"),
        (("video", 5), Sight(), "", "video"),
        (("video", 5), Sight(left_at=at(10)), "phone", "phone"),
        (("video", 15), Sight(left_at=at(10)), "phone", "video"),
        (("text", 15), Sight(enough_at=at(30)), "video", "video"),
        (("text", 35), Sight(enough_at=at(30), left_at=at(40)), "phone", "text"),
    ],
)
def test_the_later_of_statement_and_log_is_the_mode(db, stated: Any, sight: Sight, logged: str, mode: str) -> None:
    doctor = make_staff()
    consult = Consult(doctor=doctor)
    if stated:
        consult.stated_mode, consult.mode_stated_at = stated[0], at(stated[1])
    assert manner.mode_of(consult, doctor.uid, sight, logged) == mode
    if stated and sight == Sight():
        assert manner.mode_of(consult, make_staff().uid, sight, logged) == ""


def test_a_correction_keeps_the_mode_of_the_consultation(db) -> None:
    doctor = make_staff()
    consult = Consult(doctor=doctor, edition=2, mode="video")
    assert manner.mode_of(consult, doctor.uid, Sight(left_at=at(9)), "phone") == "video"


def test_a_medicine_keeps_the_time_at_which_it_was_added() -> None:
    first = manner.added({}, [Item(0, "Calamine"), Item(1, "")], at(0))
    assert first == {"calamine": at(0).isoformat()}
    assert manner.added(first, [Item(0, "CALAMINE"), Item(1, "Zinc")], at(9)) == first | {"zinc": at(9).isoformat()}
    assert manner.added(first, [Item(0, "Zinc")], at(9)) == {"zinc": at(9).isoformat()}
    picture = manner.picture_of(Consult(added=first), Sight(gaps=((at(5), None),)), at(9))
    assert (picture.was_gone_for("Calamine"), picture.was_gone_for("Zinc")) == (False, True)
