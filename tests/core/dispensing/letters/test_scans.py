"""The scan of a written permission: optional, checked first, and for the pharmacy of its centre alone."""

from io import BytesIO

import pytest

from portal.core.dispensing.models import IndentPermission, Permission
from portal.core.records.models import Record
from portal.work.audit import AuditRow
from tests.core.dispensing.test_permission import LETTER
from tests.core.dispensing.test_permission import issued as issued
from tests.core.records.papers import jpeg
from tests.factories import make_centre, make_staff


@pytest.fixture
def handed(issued, counter):
    """Half a year of amlodipine, given by a letter."""
    return counter.give(issued, items__0__quantity="180", **LETTER)


@pytest.fixture
def browser(sign_in, counter):
    """The pharmacist who gave it."""
    return sign_in(counter.pharmacist)


def sheet_at(issued) -> str:
    return f"/dispense?code={issued.code}"


def add(browser, issued, uid: str, content: bytes, name: str = "letter.jpg"):
    return browser.submit(f"/dispense/letters/{uid}", {"scan": (BytesIO(content), name)}, page=sheet_at(issued))


def test_a_scan_is_added_checked_and_opened_by_the_pharmacy_of_the_centre(browser, issued, handed, queue, sign_in):
    assert "Add the scan of the letter" in browser.get(sheet_at(issued)).text
    assert add(browser, issued, handed.uid, jpeg()).status_code == 303
    assert browser.get(f"/dispense/letters/{handed.uid}").status_code == 404  # not checked yet
    queue.drain()
    assert "Scan of the letter</a>" in browser.get(sheet_at(issued)).text
    answer = sign_in(make_staff("pharmacist")).get(f"/dispense/letters/{handed.uid}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    actions = [row.action for row in AuditRow.select().order_by(AuditRow.id) if row.action.startswith("Permission")]
    assert actions == ["PermissionScanned", "PermissionRead"]


def test_another_centre_the_family_and_the_doctor_do_not_get_it(browser, issued, handed, queue, sign_in):
    add(browser, issued, handed.uid, jpeg())
    queue.drain()
    elsewhere = sign_in(make_staff("pharmacist", centre=make_centre("02")))
    assert elsewhere.get(f"/dispense/letters/{handed.uid}").status_code == 404
    assert "Scan of the letter" not in elsewhere.get(sheet_at(issued)).text
    scan = Record.get()
    for person in (issued.beneficiary, issued.doctor):
        assert sign_in(person).get(f"/dispense/letters/{handed.uid}").status_code in (403, 404)
        assert sign_in(person).get(f"/records/{scan.uid}").status_code == 404


@pytest.mark.parametrize(("content", "status"), [(b"MZ evil", 415), (b"", 415)])
def test_what_is_no_picture_is_refused_and_keeps_nothing(browser, issued, handed, content, status):
    answer = add(browser, issued, handed.uid, content, "letter.exe")
    assert (answer.status_code, f'id="scan-{handed.uid}-error"' in answer.text) == (status, True)
    assert (Record.select().count(), Permission.get().scan) == (0, None)


def test_without_a_file_it_says_what_to_choose(browser, issued, handed):
    answer = browser.submit(f"/dispense/letters/{handed.uid}", {}, page=sheet_at(issued))
    assert (answer.status_code, "Choose the scan or a photo of the letter." in answer.text) == (422, True)


def test_a_second_scan_is_a_conflict_unless_the_first_cannot_be_used(browser, issued, handed):
    add(browser, issued, handed.uid, jpeg())
    first = Permission.get().scan
    assert add(browser, issued, handed.uid, jpeg()).status_code == 409
    Record.update(state="refused").execute()
    assert add(browser, issued, handed.uid, jpeg()).status_code == 303
    assert Permission.get().scan != first
    assert Record.select().count() == 1  # nobody keeps what cannot be opened


def test_the_letter_of_an_order_has_a_scan_too(browser, issued, counter, queue):
    order = counter.order(
        issued, items__0__quantity="180", **{f"order-0-{name}": text for name, text in LETTER.items()}
    )
    assert add(browser, issued, order.uid, jpeg()).status_code == 303
    queue.drain()
    assert IndentPermission.get().scan.is_readable
    assert browser.get(f"/dispense/letters/{order.uid}").status_code == 200
