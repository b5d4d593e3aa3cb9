"""A correction that raises a medicine: asked, said on the paper, and refused once it was given."""

from datetime import datetime

import pytest

from portal.base.errors import Invalid
from portal.core.paper import pdf
from portal.core.paper.content import Content
from portal.core.prescribing.judging import Asked
from portal.core.prescriptions import reading, services
from portal.core.prescriptions.models import PrescribedItem, Prescription
from tests.consulting import BASE_URL, make_prescription
from tests.core.prescriptions.test_amending import amend, author, begin, issue, write

pytestmark = pytest.mark.usefixtures("usual_medicines")
MORE = {"items-0-quantity": "30", "items-0-duration_days": "10"}
STRONGER = {"items-0-strength": "650 mg"}


@pytest.fixture
def issued(db: None, now: datetime) -> Prescription:
    return make_prescription(now)


@pytest.mark.parametrize("change", [MORE, STRONGER], ids=["more in all", "more a day"])
def test_a_raised_medicine_is_asked_before_it_is_issued(issued, now, change) -> None:
    begin(issued, now)
    write(issued, now, **change)
    with pytest.raises(Asked) as asked:
        services.issue_version(issued.visit, issued.doctor, base_url=BASE_URL, by=author(issued), now=now, judged=None)
    assert "Paracetamol is raised by this correction" in asked.value.question.points[0].sentence
    assert reading.newest_of(issued.visit.uid).version == 1


@pytest.mark.parametrize("change", [{"items-0-quantity": "9", "items-0-duration_days": "3"}, {"advice": "Rest"}])
def test_what_is_lowered_or_left_is_not_asked(issued, now, change) -> None:
    begin(issued, now)
    write(issued, now, **change)
    new = services.issue_version(
        issued.visit, issued.doctor, base_url=BASE_URL, by=author(issued), now=now, judged=None
    )
    assert Content.from_json(new.content).correction.raised == ()


def test_the_paper_says_what_is_raised_beside_the_reason(issued, now) -> None:
    new = amend(issued, now, **MORE)
    content = Content.from_json(new.content)
    assert content.correction.raised == ("Paracetamol",)
    assert "Raised / बढ़ाई गई: Paracetamol" in pdf.html_of(content)


def test_what_was_given_already_is_not_raised(issued, now) -> None:
    PrescribedItem.update(dispensed=5).where(
        PrescribedItem.prescription == issued, PrescribedItem.position == 0
    ).execute()
    begin(issued, now)
    write(issued, now, **MORE)
    with pytest.raises(Invalid) as refused:
        issue(issued, now)
    assert "was given already" in refused.value.fields["items-0-quantity"]
    assert reading.newest_of(issued.visit.uid).version == 1


def test_another_medicine_may_be_raised_while_one_was_given(issued, now) -> None:
    PrescribedItem.update(dispensed=5).where(
        PrescribedItem.prescription == issued, PrescribedItem.position == 1
    ).execute()
    assert amend(issued, now, **MORE).version == 2
