"""The desk hands a visit over to the kiosk for somebody whose card it has seen."""

import re

import pytest

from portal.core.kiosks.models import HandedVisit
from portal.core.visits.models import DeskHelp
from portal.work.audit import AuditRow
from tests.factories import make_staff, make_visit


@pytest.fixture
def visit(db):
    """A visit with which the desk of centre 01 helps."""
    found = make_visit()
    DeskHelp.create(visit=found, staff=make_staff("desk"), way="present")
    return found


def test_a_code_is_shown_once_the_card_was_seen(desk, visit):
    path = f"/desk/tokens/{visit.uid}/kiosk"
    assert path in desk.get("/desk/tokens").text
    refused = desk.submit(path)
    assert (refused.status_code, HandedVisit.select().count()) == (422, 0)
    assert "See the card first" in refused.text
    shown = desk.submit(path, {"card_seen": "yes"}).text
    assert re.search(r">\d{3} \d{3}<", shown)
    assert HandedVisit.get().visit == visit.uid
    told = {row.action: row.subject for row in AuditRow.select()}
    assert (told["CardSeen"], told["VisitHanded"]) == (visit.beneficiary.uid, visit.uid)


def test_a_new_code_replaces_the_one_before(desk, visit):
    for _ in range(2):
        desk.submit(f"/desk/tokens/{visit.uid}/kiosk", {"card_seen": "yes"})
    assert HandedVisit.select().count() == 1


def test_only_a_visit_of_this_desk_that_is_not_over_is_handed(desk, visit):
    assert desk.get(f"/desk/tokens/{make_visit().uid}/kiosk").status_code == 404
    type(visit).update(state="completed").where(type(visit).id == visit.id).execute()
    assert desk.get(f"/desk/tokens/{visit.uid}/kiosk").status_code == 409
