"""A one-time password is found in no store beside the SMS itself: not in the queue, and not in a backup (S21)."""

from pathlib import Path

from portal.base.keys import subkey
from portal.config import Config
from portal.core.accounts.models import OtpChallenge
from portal.core.messages.models import Message
from portal.core.messages.services import dispatch
from portal.keeping.archive import extract
from portal.keeping.making import Told, make_backup
from portal.keeping.places import File
from portal.store.db import is_sqlite
from portal.work import jobs
from tests.core.accounts.conftest import ask as ask
from tests.core.accounts.conftest import operator as operator


def test_a_code_is_in_no_queue_and_in_no_backup(app, client, ask, config, tmp_path):
    """The job names a row, the row a challenge; the code is made of it when it is sent, and with the key (S21)."""
    code = ask(client)
    jobs.connect(app.extensions["portal.hand_over"])
    dispatch(Message.get().id, "otp")
    (waiting,) = app.extensions["portal.queues"]["urgent"].storage.enqueued_items()
    assert b"send_secret" in waiting
    kept = backed_up(config, tmp_path)
    assert OtpChallenge.get().nonce.encode() in kept or not is_sqlite(), "PostgreSQL's own dump is compressed"
    for content in (waiting, kept):
        assert code.encode() not in content
        assert subkey("otp").hex().encode() not in content
        assert subkey("otp") not in content


def backed_up(config: Config, folder: Path) -> bytes:
    """Make a backup without the key, and return what its members hold."""
    place, opened = File(folder / "copy.tar"), folder / "opened"
    opened.mkdir()
    make_backup(place, config=config, migrations={}, passphrase=None, told=Told(lambda *_: None))
    with place.reading() as stream:
        extract(stream, opened)
    return b"".join(path.read_bytes() for path in sorted(opened.rglob("*")) if path.is_file())
