"""The large-print sheet: ordered when it is first asked for, made by the worker, served to the family alone."""

from io import BytesIO

import pikepdf
import pytest

from portal.base.errors import BeingMade
from portal.core.family import large_prints
from portal.core.family.print_models import LargePrint
from portal.core.prescriptions.models import Prescription
from portal.core.visits.models import Visit
from portal.work import jobs
from tests.consulting import make_prescription
from tests.factories import make_beneficiary, make_session, make_specialty, make_visit


@pytest.fixture
def issued(db, now, queue) -> Prescription:
    """A prescription of a finished visit, with its files."""
    made = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == made.visit_id).execute()
    queue.drain()
    stored = Prescription.get_by_id(made.id)
    with pytest.raises(BeingMade):
        large_prints.file_of(stored)
    queue.drain()
    return stored


def address(issued) -> str:
    return f"/visits/{issued.visit.uid}/large-print.pdf"


def test_nobody_prints_it_before_somebody_asks(db, now, queue):
    make_prescription(now)
    queue.drain()
    assert LargePrint.select().count() == 0


def test_who_asks_first_is_shown_it_after_some_seconds(db, now, queue, sign_in):
    made = make_prescription(now)
    Visit.update(state="completed", live_key=None).where(Visit.id == made.visit_id).execute()
    queue.drain()
    browser = sign_in(made.beneficiary)
    answer = browser.get(address(made))
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "3")
    assert "The sheet is being made." in answer.text
    queue.drain()
    assert browser.get(address(made)).mimetype == "application/pdf"


def test_it_is_a_pdf_with_its_number_in_the_title(issued, sign_in):
    row = LargePrint.get(LargePrint.prescription == issued)
    assert row.stored_at is not None
    answer = sign_in(issued.beneficiary).get(address(issued))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("inline"), "it is read where it is opened"
    with pikepdf.open(BytesIO(answer.data)) as document:
        assert str(document.docinfo["/Title"]) == f"Your medicines · {issued.number}"


def test_a_missing_sheet_is_made_anew(issued, queue, sign_in, config):
    (file,) = (config.data_dir / "large-print").glob("*.pdf")
    file.write_bytes(b"damaged")
    browser = sign_in(issued.beneficiary)
    answer = browser.get(address(issued))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    queue.drain()
    assert browser.get(address(issued)).status_code == 200


def test_one_of_before_there_were_sheets_is_made_when_it_is_asked_for(issued, queue, sign_in):
    LargePrint.delete().execute()
    assert sign_in(issued.beneficiary).get(address(issued)).status_code == 503
    queue.drain()
    assert sign_in(issued.beneficiary).get(address(issued)).status_code == 200


def test_what_is_being_made_is_not_ordered_twice(issued):
    LargePrint.update(stored_at=None, tries=3).execute()
    for _ask in range(2):
        with pytest.raises(BeingMade):
            large_prints.file_of(issued)
    assert LargePrint.get().tries == 3


def test_a_failed_attempt_is_retried_by_the_sweep(issued, queue, clock, monkeypatch):
    def fail(stored):
        raise OSError("disk full")

    LargePrint.update(stored_at=None).execute()
    with monkeypatch.context() as broken:
        broken.setattr(large_prints.large_print, "request_of", fail)
        with pytest.raises(OSError, match="disk full"):
            large_prints.make_large_print(LargePrint.get().id, clock.now())
    large_prints.sweep_large_prints(clock.now())
    assert ("make_large_print", LargePrint.get().id) not in queue.waiting
    clock.tick(10)
    large_prints.sweep_large_prints(clock.now())
    queue.drain()
    assert LargePrint.get().stored_at is not None
    assert jobs.lane_of("make_large_print") == "files"


def test_others_do_not_find_it_and_a_cancelled_one_leads_back(issued, sign_in, now):
    assert sign_in(make_beneficiary()).get(address(issued)).status_code == 404
    Prescription.update(cancelled_at=now).execute()
    answer = sign_in(issued.beneficiary).get(address(issued))
    assert (answer.status_code, answer.location) == (303, f"/visits/{issued.visit.uid}")


def test_of_a_private_visit_it_is_closed(db, now, sign_in):
    made = make_prescription(now, make_visit("in_call", session=make_session(specialty=make_specialty("psychiatry"))))
    Visit.update(state="completed", live_key=None).where(Visit.id == made.visit_id).execute()
    assert sign_in(made.beneficiary).get(address(made)).status_code == 303
