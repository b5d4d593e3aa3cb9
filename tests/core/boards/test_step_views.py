"""A step that is refused: a browser gets the page of steps back as it was filled, scripts get the reason."""

import pytest

from portal.core.visits.models import Visit
from tests.factories import make_visit
from tests.on_duty import doctor as doctor

FORM = {"to": "eye", "reason": ""}


@pytest.mark.parametrize(
    ("headers", "is_page"),
    [({}, True), ({"Accept": "application/json"}, False), ({"HX-Request": "true"}, False)],
)
def test_a_refused_step_is_told_in_the_way_it_was_asked(doctor, sign_in, headers, is_page):
    visit, browser = make_visit(), sign_in(doctor)
    answer = browser.submit(f"/visits/{visit.uid}/transfer", FORM, page=f"/visits/{visit.uid}/steps", headers=headers)
    assert (answer.status_code, 'name="reason"' in answer.text) == (422, is_page)
    assert Visit.get().state == "waiting"
