"""Two doctors, two tabs, two clicks at the same moment: one of them is first, nothing happens twice, nobody waits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from portal.core.audit import Actor
from portal.core.db import database
from portal.core.errors import Conflict
from portal.core.visits import calling, emergencies, transfers, undoing
from portal.core.visits.models import ClinicSession, Transition, Visit
from tests.factories import make_duty, make_session, make_specialty, make_staff, make_visit


def at_once(*steps: Callable[[], object]) -> list[bool]:
    """Run them all behind one barrier; True for each that was not refused."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], object]) -> bool:
        barrier.wait()
        try:
            step()
        except Conflict:
            return False
        finally:
            database.close()
        return True

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def doctor_on(session: ClinicSession):
    doctor = make_staff("doctor", specialty=session.specialty)
    make_duty(doctor, session, "on")
    return doctor, Actor("staff", doctor.uid)


def test_patients_sent_to_each_other_at_once_all_arrive(db, now):
    medicine, eye = make_session(), make_session(specialty=make_specialty("eye"))
    pairs = [(visit, to) for _ in range(4) for visit, to in
             ((make_visit(session=medicine), "eye"), (make_visit(session=eye), "medicine"))]  # fmt: skip
    _, by = doctor_on(medicine)

    def send(visit: Visit, to: str) -> Callable[[], object]:
        return lambda: transfers.transfer(Visit.get_by_id(visit.id), to, reason="better", by=by, now=now)

    assert all(at_once(*(send(visit, to) for visit, to in pairs)))
    for session in (medicine, eye):
        numbers = sorted(visit.number for visit in Visit.select().where(Visit.session == session))
        assert numbers == list(range(1, 9))
    assert Visit.select().where(Visit.state == "waiting").count() == 8


def test_transfer_clicked_twice_makes_one_new_token(db, now):
    make_specialty("eye")
    visit, (_, by) = make_visit(), doctor_on(make_session())

    def send() -> None:
        transfers.transfer(Visit.get_by_id(visit.id), "eye", reason="better", by=by, now=now)

    assert sum(at_once(send, send, send, send)) == 1
    assert Visit.select().count() == 2


def test_undo_pressed_in_two_tabs_while_the_patient_answers_has_one_winner(db, now):
    make_visit()
    doctor, by = doctor_on(make_session())
    visit = calling.call_next(doctor, make_session(), by=by, now=now)

    def undo() -> None:
        undoing.undo(Visit.get_by_id(visit.id), doctor, by=by, now=now)

    def answer() -> None:
        calling.accept_call(Visit.get_by_id(visit.id), by=Actor("account", "patient"), now=now)

    assert sum(at_once(undo, undo, answer)) == 1
    assert Visit.get().state in ("waiting", "in_call")
    assert Transition.select().count() == 3


def test_an_emergency_and_the_next_one_called_at_once_never_give_one_patient_to_two(db, now):
    session = make_session()
    visit = make_visit()
    (one, by_one), (two, by_two) = doctor_on(session), doctor_on(session)

    def emergency() -> None:
        emergencies.call_emergency(Visit.get_by_id(visit.id), one, reason="Chest pain since nine", by=by_one, now=now)

    def next_one() -> None:
        calling.call_next(two, session, by=by_two, now=now)

    assert sum(at_once(emergency, next_one)) == 1
    assert Transition.select().where(Transition.to_state == "called").count() == 1
