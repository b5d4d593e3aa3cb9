"""What the desk prints: the slip of a token, and the medicines in large print."""

import pytest

from portal.core.visits.models import DeskHelp, Visit
from portal.work.audit import AuditRow
from tests.consulting import make_prescription
from tests.factories import make_centre, make_session, make_specialty, make_staff, make_visit


@pytest.fixture
def helped(db):
    """helped(visit): a visit for which a desk of centre 01 took the token."""

    def help_with(visit: Visit) -> Visit:
        DeskHelp.create(visit=visit, staff=make_staff("desk"), way="present")
        return visit

    return help_with


@pytest.fixture
def issued(helped, now):
    """A prescription of a visit with help that is over."""
    made = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == helped(made.visit).id).execute()
    return made


def test_the_slip_names_token_person_and_hours(desk, helped):
    visit = helped(make_visit())
    page = desk.get(f"/desk/tokens/{visit.uid}").text
    for words in (visit.token, visit.beneficiary.name, visit.beneficiary.patient_id, "9:00 am – 12:00 pm", "Medicine"):
        assert words in page


def test_a_private_specialty_stands_neither_on_the_slip_nor_in_the_list(desk, helped):
    visit = helped(make_visit(session=make_session(specialty=make_specialty("psychiatry"))))
    assert "Psychiatry" not in desk.get(f"/desk/tokens/{visit.uid}").text
    assert "Psychiatry" not in desk.get("/desk/tokens").text


def test_the_medicines_are_printed_for_the_person_and_that_is_audited(desk, issued, queue):
    address = f"/desk/tokens/{issued.visit.uid}/medicines.pdf"
    assert address in desk.get("/desk/tokens").text
    assert desk.get(address).status_code == 503  # being made
    queue.drain()
    answer = desk.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    read = (AuditRow.action == "PrescriptionRead") & (AuditRow.subject == issued.uid)
    assert AuditRow.select().where(read).count() == 1


def test_without_a_prescription_there_is_nothing_to_print(desk, helped):
    visit = helped(make_visit("completed"))
    assert desk.get(f"/desk/tokens/{visit.uid}/medicines.pdf").status_code == 404


def test_yesterdays_medicines_are_printed_by_nobody(issued, clock, sign_in):
    clock.tick(86400)
    assert sign_in(make_staff("desk")).get(f"/desk/tokens/{issued.visit.uid}/medicines.pdf").status_code == 404


@pytest.mark.parametrize("what", ["", "/medicines.pdf"])
def test_another_centres_desk_prints_nothing(issued, sign_in, what):
    other = sign_in(make_staff("desk", centre=make_centre("02")))
    assert other.get(f"/desk/tokens/{issued.visit.uid}{what}").status_code == 404
