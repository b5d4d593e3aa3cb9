"""A step that is refused: a browser gets the page it came from with the reason, scripts get the reason alone."""

import pytest

from portal.core.visits.models import Visit
from tests.factories import make_staff, make_visit
from tests.on_duty import doctor as doctor

# Who takes the step, on which page, where its form goes; why it is refused, and what is on that page alone.
STEPS = [
    ("doctor", "/visits/{uid}/steps", "/visits/{uid}/transfer", 422, 'name="reason"'),
    ("doctor", "/board", "/visits/{uid}/recall", 409, 'id="live"'),
    ("family", "/visits/{uid}", "/visits/{uid}/call", 409, 'id="live"'),
]
HOW = [({}, True), ({"Accept": "application/json"}, False), ({"HX-Request": "true"}, False)]


@pytest.mark.parametrize(("headers", "is_page"), HOW)
@pytest.mark.parametrize(("who", "page", "action", "status", "mark"), STEPS)
def test_the_answer_fits_the_question(doctor, sign_in, who, page, action, status, mark, headers, is_page):
    visit = make_visit()
    browser = sign_in(doctor if who == "doctor" else visit.beneficiary)
    page, action = page.format(uid=visit.uid), action.format(uid=visit.uid)
    shown = browser.get(page)
    assert (shown.status_code, mark in shown.text) == (200, True)
    answer = browser.submit(action, {"to": "eye", "reason": ""}, page=page, headers=headers)
    assert (answer.status_code, mark in answer.text) == (status, is_page)
    assert Visit.get().state == "waiting"


def test_before_the_first_session_nobody_is_called_without_being_on_duty(db, sign_in):
    answer = sign_in(make_staff("doctor")).submit("/board/next", page="/board")
    assert (answer.status_code, "You are not on duty." in answer.text) == (409, True)
