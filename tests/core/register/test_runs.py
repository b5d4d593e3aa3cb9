"""The worker's part of an import: a large workbook is opened there, so that the upload answers at once."""

import io

import pytest

from portal.base.errors import Conflict
from portal.core.register import columns, imports, models
from portal.core.register.models import RegisterImport
from portal.work.audit import SYSTEM
from tests.core.register.conftest import HEADER, RAMESH, SITA
from tests.core.register.test_sheets import workbook
from tests.factories import make_staff


@pytest.fixture
def large(monkeypatch):
    """Every workbook counts as large."""
    monkeypatch.setattr(imports, "AT_ONCE", 0)


def upload(now, content: bytes) -> RegisterImport:
    return imports.upload_file("register.xlsx", io.BytesIO(content), None, by=SYSTEM, now=now)


def test_a_large_workbook_is_opened_by_the_worker_and_then_its_columns_are_chosen(
    large, centres, queue, now, monkeypatch
):
    def not_here(*_arguments, **_more):
        raise AssertionError("read in the request")

    with monkeypatch.context() as patched:
        patched.setattr(columns, "read_sheet", not_here)
        made = upload(now, workbook(HEADER, RAMESH, SITA))
    assert (made.state, made.columns) == (models.OPENING, [])
    with pytest.raises(Conflict):
        imports.choose_columns(made.uid, {})
    queue.drain()
    opened = imports.find_import(made.uid)
    assert (opened.state, tuple(opened.columns), opened.sample) == (models.COLUMNS, HEADER, [list(RAMESH), list(SITA)])
    imports.choose_columns(made.uid, {field: str(place) for field, place in opened.mapping.items()} | {"dates": "iso"})
    queue.drain()
    assert imports.find_import(made.uid).counts == {"new": 2}


def test_its_page_says_what_the_worker_does_and_then_asks_for_the_columns(large, centres, queue, now, sign_in):
    browser, made = sign_in(make_staff("admin")), upload(now, workbook(HEADER, RAMESH))
    where = f"/admin/beneficiaries/import/{made.uid}"
    assert "The workbook is being opened" in browser.get(where).text
    queue.drain()
    assert 'name="ben_id"' in browser.get(where).text


def test_a_damaged_large_workbook_fails_and_can_be_thrown_away(large, centres, queue, now):
    made = upload(now, b"PK\x03\x04 and nothing of a workbook")
    queue.drain()
    assert imports.find_import(made.uid).state == models.FAILED
    imports.drop_import(made.uid, by=SYSTEM, now=now)
    assert not RegisterImport.select().exists()
