"""Files that plugins bring from outside: taken once, cleaned like every upload, retried, and nobody waits for them."""

import pytest

from portal.contracts import OutsideRecord
from portal.core.records import outside
from portal.core.records.models import OutsideFetch, OutsideFile, Record
from portal.core.visits.events import TokenIssued
from portal.work.audit import SYSTEM
from portal.work.events import record
from tests.core.boards.test_patient_views import PNG
from tests.factories import make_visit
from tests.fakes import install_plugin

SCAN = OutsideRecord("r-1", "scan.png", PNG)


@pytest.fixture
def visit(db):
    return make_visit("waiting")


def bring(visit, queue):
    outside.bring_of(visit.uid)
    queue.drain()


def test_a_file_becomes_a_record_of_the_visit_and_is_cleaned(app, visit, queue):
    install_plugin(app, "lab", record_in=lambda visit: [SCAN])
    bring(visit, queue)
    kept = Record.get()
    assert (kept.visit, kept.beneficiary, kept.title, kept.state) == (visit, visit.beneficiary, "scan.png", "ready")
    assert OutsideFile.get().record == kept


def test_the_same_file_is_taken_once_also_after_the_family_removed_it(app, visit, queue):
    install_plugin(app, "lab", record_in=lambda visit: [SCAN])
    bring(visit, queue)
    Record.delete().execute()
    bring(visit, queue)
    assert Record.select().count() == 0


def test_a_token_asks_the_plugins(app, visit, queue, now):
    asked = []
    install_plugin(app, "lab", record_in=lambda visit: asked.append(visit.token))
    told = TokenIssued(visit.token, visit.number, "medicine", visit.beneficiary.uid, "P", "")
    record(told, visit.uid, by=SYSTEM, now=now)
    queue.drain()
    assert asked == [visit.token]


def test_a_plugin_that_fails_is_asked_again_later_and_holds_no_other_up(app, visit, queue, clock):
    answers = [RuntimeError("down"), [SCAN]]

    def later(visit):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    install_plugin(app, "bad", position=1, record_in=later)
    install_plugin(app, "good", position=2, record_in=lambda visit: [OutsideRecord("g-1", "good.png", PNG)])
    bring(visit, queue)
    assert [row.title for row in Record.select()] == ["good.png"]
    outside.sweep_outside_files(clock.tick(60))
    queue.drain()
    assert {row.title for row in Record.select()} == {"good.png", "scan.png"}
    assert not OutsideFetch.select().where(OutsideFetch.is_due).exists()


@pytest.mark.parametrize(
    "answer",
    [None, [], ["text"], [OutsideRecord("", "x.png", PNG)], [OutsideRecord("r", "x.exe", b"MZ nothing of ours")]],
    ids=["none", "empty", "no record", "no reference", "no picture"],
)
def test_nonsense_is_left_out(app, visit, queue, answer):
    install_plugin(app, "odd", record_in=lambda visit: answer)
    bring(visit, queue)
    assert Record.select().count() == 0
    assert not OutsideFetch.select().where(OutsideFetch.is_due).exists()


def test_what_became_due_during_a_fetch_is_fetched_again(app, visit, queue):
    times = []

    def ask_again(visit):
        times.append(visit)
        if len(times) == 1:
            outside.bring_of(visit.uid)
        return []

    install_plugin(app, "lab", record_in=ask_again)
    bring(visit, queue)
    assert OutsideFetch.get().is_due or len(times) == 2
