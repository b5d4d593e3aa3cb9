"""A disk that fails at fsync: nothing is said to be kept, and no row names a file (F15)."""

import errno
import os
from io import BytesIO

import pytest

from portal.core.records.models import HeldUpload, Record
from tests.core.records.papers import jpeg
from tests.factories import make_visit


@pytest.mark.parametrize("nth", [1, 2], ids=["of the file", "of its folder"])
def test_an_upload_whose_fsync_fails_is_refused_and_names_no_file(db, config, sign_in, monkeypatch, nth):
    (config.data_dir / "records").mkdir(exist_ok=True)
    visit, real, calls = make_visit("waiting"), os.fsync, []
    browser, address = sign_in(visit.beneficiary), f"/visits/{visit.uid}/records"

    def broken(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) >= nth:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    def send():
        hidden = browser.hidden_fields(address)
        return browser.post(address, data=hidden | {"records": (BytesIO(jpeg()), "photo.jpg")})

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        refused = send()
    assert (refused.status_code, len(calls)) == (503, nth), "a second fsync of the same file would lie"
    assert "Please try again" in refused.text
    assert "no room" not in refused.text, "the disk is not full"
    assert (Record.select().count(), HeldUpload.select().count()) == (0, 0)
    assert send().status_code == 303
    assert Record.select().count() == 1
