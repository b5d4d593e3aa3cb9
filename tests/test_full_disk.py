"""A really full disk: uploads are refused with the reason, and people can still sign in (F13)."""

import subprocess
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest

from portal.base import clock
from portal.base.errors import Unavailable
from portal.core.accounts import otp
from portal.core.accounts.models import OtpChallenge
from portal.core.records.models import HeldUpload, Record
from portal.core.visits.models import Visit
from portal.store import disk
from portal.store.db import after_commit, write
from portal.work.throttle import Attempt
from tests.core.records.papers import jpeg
from tests.factories import make_beneficiary, make_referral, make_session
from tests.fakes import Operator, install_plugin

MB = 1024 * 1024
NO_ROOM = "पोर्टल में जगह नहीं है"
FULL = "पोर्टल की डिस्क भर गई है।"


@pytest.fixture
def tmp_path(tmp_path: Path, request: pytest.FixtureRequest):
    """Put the test's data on a file system of 64 MB."""
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("PostgreSQL keeps its rows on a disk of its own")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting needs root; what a full disk means is tested in tests/store/test_disk.py all the same")
    yield small
    subprocess.run(["umount", "--lazy", str(small)], check=True)


@pytest.fixture
def fill(client, config):
    """fill(left) writes until so many bytes are free; fill(None) frees them again."""
    filler = config.data_dir / "filler"

    def fill(left: int | None) -> None:
        if left is None:
            filler.unlink()
            return
        with filler.open("ab", buffering=0) as file, suppress(OSError):  # the last byte is taken
            size = max(disk.free() - left, 0)
            while size > 0:
                size -= file.write(bytes(min(size, MB)))

    return fill


def photo():
    return (BytesIO(jpeg()), "report.jpg")


def test_a_full_disk_refuses_uploads_and_everything_else_works(sign_in, fill):
    person = make_beneficiary()
    make_referral(person.entry)
    make_session()
    browser = sign_in(person)
    browser.get("/lang/hi")
    wish = {"beneficiary": person.uid, "specialty": "medicine", "complaint": "तीन दिन से बुखार", "consent": "yes"}
    fill(disk.low_mark() - MB)
    answer = browser.submit("/tokens/new", wish | {"records": photo()})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert NO_ROOM in answer.text
    assert "तीन दिन से बुखार" in answer.text, "what was typed is kept"
    assert not Visit.select().exists()
    assert browser.submit("/tokens/new", wish).status_code == 303, "without a file there is room"
    added = browser.submit(f"/visits/{Visit.get().uid}/records", {"records": photo()}, page="/help")
    assert (added.status_code, NO_ROOM in added.text) == (503, True)
    assert not Record.select().exists()
    assert not HeldUpload.select().exists()
    fill(None)
    assert browser.submit(f"/visits/{Visit.get().uid}/records", {"records": photo()}, page="/help").status_code == 303


def test_the_reserve_lets_people_sign_in_on_a_full_disk(app, client, config, fill):
    install_plugin(app, "operator", send_message=Operator().send_message)
    reserve = config.data_dir / disk.NAME
    disk.keep_reserve()
    assert reserve.exists()
    client.get("/lang/hi")
    fill(0)
    refused = client.submit("/login", {"mobile": "9000000001"})
    assert (refused.status_code, FULL in refused.text) == (503, True)
    assert not reserve.exists(), "it was given up, once and for rows"
    assert client.submit("/login", {"mobile": "9000000001"}).status_code == 303
    code = otp.code_of(OtpChallenge.select().order_by(OtpChallenge.id.desc()).get())
    assert client.submit("/login/otp", {"otp": code}).status_code == 303
    assert client.get("/home").status_code in {200, 303}
    disk.keep_reserve()
    assert not reserve.exists(), "not of the last room"
    fill(None)
    disk.keep_reserve()
    assert reserve.stat().st_size == disk.low_mark() // 4


def test_a_full_disk_in_a_nested_transaction_rolls_everything_back(db, fill):
    """SQLite has rolled back by itself then, and no longer knows the savepoint."""
    disk.keep_reserve()
    fill(0)
    promised = []
    with pytest.raises(Unavailable, match="disk is full"), write():
        after_commit(lambda: promised.append("of rows that are not there"))
        with write():
            for number in range(2000):
                Attempt.create(bucket=f"{number}" * 20, at=clock.now())
    with write():
        Attempt.create(bucket="the reserve took this one", at=clock.now())
    assert (promised, Attempt.select().count()) == ([], 1)
