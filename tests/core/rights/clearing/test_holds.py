"""Legal holds: of a person or of one visit, with reason; what is held is neither deleted nor closed."""

import pytest

from portal.base.errors import Conflict, Invalid, NotFound
from portal.core.chart.models import ChartEntry
from portal.core.consults.models import Consult
from portal.core.messages.models import Message
from portal.core.prescriptions.models import Prescription
from portal.core.records import services
from portal.core.records.models import Record
from portal.core.rights.clearing import holds, standing
from portal.core.rights.clearing.hold_models import LegalHold
from portal.core.rights.clearing.models import Cleared
from portal.core.visits.models import Visit
from portal.work.audit import SYSTEM, AuditRow
from tests.consulting import make_prescription
from tests.core.rights.clearing.kept import store_record, stored
from tests.factories import make_visit

REASON = {"reason": "Order 12/2029 of the High Court"}


@pytest.fixture
def place(admin, clock):
    """place(person): hold everything of a person; with a visit, that alone."""

    def placed(person, visit=None, **more) -> LegalHold:
        form = REASON | {"number": person.patient_id} | more
        if visit is not None:
            form |= {"token": visit.token.lower(), "day": visit.session.day.isoformat()}
        return holds.place_hold(form, admin, by=SYSTEM, now=clock.now())

    return placed


def test_nothing_of_a_held_person_is_deleted_until_it_is_released(person, due, run, place, admin, clock):
    held, before, texts = place(person), stored(), Message.select().count()
    counted = run()
    assert (counted.people, counted.held, counted.total) == (0, 1, 0)
    run(is_dry=False)
    assert (stored(), Message.select().where(~Message.to.startswith("gone-")).count()) == (before, texts)
    assert not Cleared.select().exists()
    holds.release_hold(held.uid, {"reason": "The court has decided"}, admin, by=SYSTEM, now=clock.now())
    run(is_dry=False)
    assert stored() == []
    assert not Prescription.select().exists()


def test_of_a_held_visit_stays_all_that_is_needed_to_read_it(person, clock, now, run, place, queue):
    other = make_prescription(now, make_visit("in_call", beneficiary=person))
    Visit.update(state="completed", live_key=None).execute()
    queue.drain()
    held = Visit.get(Visit.id != other.visit_id)
    clock.step(1097 * 86400)
    place(person, held)
    counted = run()
    assert (counted.people, counted.held) == (1, 1)
    run(is_dry=False)
    assert [row.visit_id for row in Prescription.select()] == [held.id]
    assert [row.visit_id for row in Consult.select()] == [held.id]
    assert Visit.get_by_id(held.id).complaint
    assert not Visit.get_by_id(other.visit_id).complaint
    assert ChartEntry.select().exists()
    assert not Cleared.select().exists()


def test_each_hold_is_told_with_who_since_when_and_why(person, place, admin, now):
    held = place(person)
    assert (held.placed_by, held.placed_at, held.reason) == (admin, now, REASON["reason"])
    (row,) = AuditRow.select().where(AuditRow.action == "HoldPlaced")
    assert (row.subject, held.uid in row.details, "High Court" in row.details) == (person.uid, True, False)
    assert [each.id for each in holds.listed(1, released=False).rows] == [held.id]
    assert standing.is_held(person)


def test_a_hold_is_released_once_and_stays_on_record(person, place, admin, now):
    held = place(person)
    with pytest.raises(Invalid):
        holds.release_hold(held.uid, {"reason": "no"}, admin, by=SYSTEM, now=now)
    holds.release_hold(held.uid, {"reason": "The court has decided"}, admin, by=SYSTEM, now=now)
    with pytest.raises(Conflict, match="released already"):
        holds.release_hold(held.uid, {"reason": "The court has decided"}, admin, by=SYSTEM, now=now)
    assert AuditRow.select().where(AuditRow.action == "HoldReleased").count() == 1
    assert not standing.is_held(person)
    assert [each.release_reason for each in holds.listed(1, released=True).rows] == ["The court has decided"]
    with pytest.raises(NotFound):
        holds.find("nothing")


def test_the_same_is_not_held_twice_but_a_visit_of_a_held_person_is(person, place):
    place(person)
    with pytest.raises(Conflict, match="held already"):
        place(person)
    place(person, Visit.get(Visit.beneficiary == person))
    assert LegalHold.select().count() == 2


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"number": "999"}, {"number"}),
        ({"number": "", "reason": ""}, {"number", "reason"}),
        ({"token": "MED-999", "day": "2026-11-23"}, {"token"}),
        ({"token": "MED-001"}, {"token"}),
        ({"token": "MED", "day": "tomorrow"}, {"token"}),
        ({"token": "-²", "day": "2026-11-23"}, {"token"}),
    ],
)
def test_what_is_typed_wrongly_holds_nothing(person, place, typed, wrong):
    with pytest.raises(Invalid) as error:
        place(person, **typed)
    assert set(error.value.fields) == wrong
    assert not LegalHold.select().exists()


def test_numbers_are_read_as_people_type_them(person, place):
    hindi = person.patient_id.translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    assert place(person, number=f" {hindi[:6]} {hindi[6:]} ").beneficiary_id == person.id


def test_the_family_removes_nothing_that_is_held(person, place, admin, now):
    visit = make_visit(beneficiary=person)
    record = store_record(now, beneficiary=person, visit=visit)
    held = place(person)
    with pytest.raises(Conflict, match="must be kept"):
        services.remove(person.account, record.uid, by=SYSTEM, now=now)
    holds.release_hold(held.uid, {"reason": "The court has decided"}, admin, by=SYSTEM, now=now)
    services.remove(person.account, record.uid, by=SYSTEM, now=now)
    assert not Record.select().where(Record.id == record.id).exists()
