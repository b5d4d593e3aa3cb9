"""Audit of a record, from its upload to its removal."""

from io import BytesIO

from portal.core.records.models import Record
from portal.work.audit import SYSTEM
from tests.core.records.papers import paper
from tests.factories import make_visit
from tests.noted import actor_of, noted


def test_upload_cleaning_unlocking_and_removal_are_audited(sign_in, queue):
    visit = make_visit("waiting")
    browser, page = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"
    file = {"records": (BytesIO(paper("password.pdf")), "lab.pdf")}
    notes = noted(lambda: browser.submit(page, file, content_type="multipart/form-data"))
    kept = Record.get().uid
    notes += noted(queue.drain)
    notes += noted(lambda: browser.submit(f"/records/{kept}/password", {"password": "1950"}, page=page))
    notes += noted(lambda: browser.submit(f"/records/{kept}/remove", page=page))
    family = actor_of(visit.beneficiary.account)
    assert notes == [
        ("RecordUploaded", family, kept),
        ("RecordChecked", SYSTEM, kept),
        ("RecordUnlocked", family, kept),
        ("RecordRemoved", family, kept),
    ]
