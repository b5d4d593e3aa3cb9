"""`portal backup` and `portal restore`: one cut, verified; a restore tells nobody a number twice."""

import hashlib
import json
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from portal.app import create_app
from portal.commands import keeping
from portal.commands.keeping import Wanted
from portal.config import Config
from portal.core.accounts import sign_ins
from portal.core.accounts.models import SignIn
from portal.core.beneficiaries.services import make_patient_id
from portal.core.clinic.models import ClinicSession
from portal.core.clinic.sessions import draw_number, session_for
from portal.core.messages.models import Message
from portal.core.records import files
from portal.core.records.models import Record
from portal.keeping import generation, sealed_key
from portal.keeping.archive import Damaged
from portal.keeping.making import Made, Told
from portal.keeping.manifest import Unusable
from portal.keeping.models import Backup
from portal.keeping.places import S3, File
from portal.keeping.restoring import key_of
from portal.store.db import close_database, open_database
from portal.store.kept.files import held
from portal.store.numbers import next_number
from portal.work import audit
from portal.work.audit import SYSTEM, AuditRow
from tests import at_once
from tests.factories import make_specialty, make_staff, make_visit
from tests.keeping.test_places import s3 as s3
from tests.keeping.test_places import server as server
from tests.servers import free_port

QUIET = Told(lambda what, done, all_: None)
PLAIN = Wanted(set_aside=False, dry_run=False, skip=None, folders=(), create_app=create_app)
ASIDE = replace(PLAIN, set_aside=True)
NEXT = timedelta(minutes=10)


def back_up(config: Config, path: Path, **options: object) -> tuple[Made, str]:
    return keeping.back_up(File(path), config, **{"passphrase": None, "verify": True, "told": QUIET} | options)


def restore(config: Config, path: Path, now: datetime, wanted: Wanted = ASIDE, to: Config | None = None) -> list[str]:
    config = replace(config, port=free_port())  # nobody serves it
    try:
        return list(keeping.restore(File(path), to or config, config, wanted, now=now))
    finally:
        close_database()


def elsewhere(config: Config, folder: Path) -> Config:
    return replace(config, data_dir=folder, database_url=f"sqlite:///{folder}/portal.db", marks=folder / "marks")


@pytest.fixture
def record(db, now) -> Record:
    """A record of a visit, with its file."""
    stored = files.store(BytesIO(b"%PDF a record"))
    visit = make_visit()
    return Record.create(
        visit=visit,
        beneficiary=visit.beneficiary,
        title="Report",
        kind="pdf",
        stored_name=stored.name,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_at=now,
        state="ready",
    )


@pytest.fixture
def only_sqlite(config: Config) -> None:
    if not config.is_sqlite:
        pytest.skip("this is about SQLite's own file")


def test_a_backup_can_be_taken_apart_by_tar_sha256sum_and_sqlite3(only_sqlite, record, config, tmp_path):
    audit.note("Tried", "x", by=SYSTEM, now=record.uploaded_at)
    made, problem = back_up(config, tmp_path / "b.tar")
    assert (made.remarks, problem, made.manifest.files) == ([], "", 1)
    folder = tmp_path / "apart"
    folder.mkdir()
    subprocess.run(["tar", "xf", tmp_path / "b.tar"], cwd=folder, check=True)
    subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)
    assert (folder / "records" / record.stored_name).read_bytes() == b"%PDF a record"
    told = json.loads((folder / "manifest.json").read_text())
    with sqlite3.connect(folder / "portal.db") as copy:
        assert copy.execute("SELECT count(*) FROM record").fetchone()[0] == told["rows"]["record"] == 1
        assert copy.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert not (folder / "key.json").exists()


def test_a_backup_is_on_record_with_its_verification(record, config, tmp_path):
    back_up(config, tmp_path / "b.tar")
    row = Backup.get()
    assert row.verified
    assert (row.place, row.size) == (str(tmp_path / "b.tar"), Backup.get().size)
    assert AuditRow.get(AuditRow.action == "BackupMade").subject == str(row.id)


def test_a_file_that_a_row_names_and_that_is_missing_is_told(record, config, tmp_path):
    (config.data_dir / "records" / record.stored_name).unlink()
    made, _problem = back_up(config, tmp_path / "b.tar")
    assert made.remarks == [f"records/{record.stored_name} is missing"]
    assert Backup.get().problem.startswith("records/")


def test_a_damaged_file_is_in_the_backup_as_it_is_and_told(record, config, tmp_path):
    (config.data_dir / "records" / record.stored_name).write_bytes(b"changed")
    made, problem = back_up(config, tmp_path / "b.tar")
    assert made.remarks == [f"records/{record.stored_name} is damaged"]
    assert problem == ""  # the archive itself is whole
    with tarfile.open(tmp_path / "b.tar") as tar:
        content = tar.extractfile(f"records/{record.stored_name}")
        assert content is not None
        assert content.read() == b"changed"


def test_a_file_is_deleted_only_after_the_backup(record, config):
    path = config.data_dir / "records" / record.stored_name
    with held():
        at_once.elsewhere(lambda: files.forget(record.stored_name))
        assert path.exists()
    assert not path.exists()


def test_a_backup_replaces_no_file_and_leaves_none_when_it_fails(only_sqlite, record, config, tmp_path):
    (tmp_path / "b.tar").write_text("precious")
    with pytest.raises(Unusable, match="replaces nothing"):
        back_up(config, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "precious"
    assert [path.name for path in tmp_path.glob("*.part")] == []
    assert [path.name for path in config.data_dir.glob("backup-*")] == []


def test_the_key_is_sealed_with_the_passphrase(record, config, tmp_path):
    back_up(config, tmp_path / "b.tar", passphrase="a long passphrase")
    content = (tmp_path / "b.tar").read_bytes()
    assert config.secret_key.encode() not in content
    with (tmp_path / "b.tar").open("rb") as stream:
        assert key_of(stream, "a long passphrase") == config.secret_key
    with (tmp_path / "b.tar").open("rb") as stream, pytest.raises(Unusable, match="does not open the key"):
        key_of(stream, "another passphrase")
    with pytest.raises(Unusable, match="at least 12"):
        sealed_key.seal("key", "short")


def test_restored_elsewhere_everything_is_there_and_the_audit_log_intact(only_sqlite, record, config, now, tmp_path):
    audit.note("Tried", "x", by=SYSTEM, now=now)
    back_up(config, tmp_path / "b.tar")
    there = elsewhere(config, tmp_path / "there")
    said = restore(config, tmp_path / "b.tar", now + NEXT, PLAIN, there)
    assert said[-1].startswith("Restored.")
    assert not [line for line in said if "not in the backup" in line.lower() or line.startswith("Row")]
    with create_app(there).app_context():
        found = Record.get()
        assert files.intact(found.stored_name, found.sha256) == b"%PDF a record"
        assert AuditRow.select().where(AuditRow.action == "BackupRestored").exists()
        assert generation.number() == 1


def test_no_number_that_was_told_after_the_backup_is_given_again(only_sqlite, record, config, now, tmp_path):
    """Token, prescription, referral and patient: each goes on after the highest that anybody was told."""
    specialty = record.visit.session.specialty
    session = record.visit.session
    before = draw_number(session, now)
    next_number("referral")
    back_up(config, tmp_path / "b.tar")
    told = [draw_number(session, now) for _ in range(3)]
    assert told == [before + 1, before + 2, before + 3]
    next_number("rx-202611")
    next_number("referral")
    next_number("patient")
    said = "\n".join(restore(config, tmp_path / "b.tar", now + NEXT))
    assert f"token-{specialty.code}-2026-11-23 {before + 1} to {before + 3}" in said
    assert "referral 2 to 2" in said
    with create_app(config).app_context():
        again = ClinicSession.get_by_id(session.id)
        again.specialty = specialty
        assert draw_number(again, now) == before + 4
        assert next_number("rx-202611") == 2
        assert next_number("referral") == 3
        assert make_patient_id(next_number("patient"), now.date()) == make_patient_id(2, now.date())


def test_a_session_that_began_after_the_backup_goes_on_after_its_last_token(only_sqlite, db, config, now, tmp_path):
    eye = make_specialty("eye")
    back_up(config, tmp_path / "b.tar")
    session = session_for(eye, now)
    assert draw_number(session, now) == 1
    restore(config, tmp_path / "b.tar", now + NEXT)
    with create_app(config).app_context():
        again = session_for(eye, now)
        assert draw_number(again, now) == 2
        assert again.quota > session.quota  # who was told a number of then asks again


def test_marks_alone_suffice_when_the_database_is_lost(only_sqlite, record, config, now, tmp_path):
    back_up(config, tmp_path / "b.tar")
    next_number("referral")
    close_database()
    for ending in ("", "-wal", "-shm"):
        (config.data_dir / f"portal.db{ending}").unlink(missing_ok=True)
    said = "\n".join(restore(config, tmp_path / "b.tar", now + NEXT))
    assert "referral 1 to 1" in said


def test_without_any_marks_numbers_are_skipped_only_when_somebody_says_so(only_sqlite, record, config, now, tmp_path):
    next_number("referral")
    next_number("rx-202611")
    back_up(config, tmp_path / "b.tar")
    lost = elsewhere(config, tmp_path / "lost")
    with pytest.raises(Unusable, match="no marks"):
        list(keeping.restore(File(tmp_path / "b.tar"), lost, lost, PLAIN, now=now))
    assert not lost.data_dir.exists()
    later = now + timedelta(days=10)
    list(keeping.restore(File(tmp_path / "b.tar"), lost, lost, replace(PLAIN, skip=500), now=later))
    with create_app(lost).app_context():
        assert next_number("referral") == 502
        assert next_number("rx-202611") == 502
        assert next_number("rx-202612") == 501  # of the month that has begun since


def test_sign_ins_end_and_no_text_of_before_is_sent_again(only_sqlite, record, config, now, tmp_path):
    sign_ins.start(staff=make_staff("admin"), now=now)
    Message.create(
        cause="c",
        to="9000000001",
        template="token",
        language="en",
        values={},
        created_at=now,
        expires_at=now,
        next_at=now,
    )
    back_up(config, tmp_path / "b.tar")
    restore(config, tmp_path / "b.tar", now + NEXT)
    with create_app(config).app_context():
        assert not SignIn.select().where(SignIn.ended_at.is_null()).exists()
        assert Message.get().state == "expired"


def test_what_was_there_is_set_aside_whole(only_sqlite, record, config, now, tmp_path):
    back_up(config, tmp_path / "b.tar")
    newer = files.store(BytesIO(b"%PDF newer"))
    next_number("referral")
    with pytest.raises(Unusable, match="--set-aside"):
        restore(config, tmp_path / "b.tar", now, PLAIN)
    assert (config.data_dir / "records" / newer.name).exists()
    restore(config, tmp_path / "b.tar", now + NEXT)
    (kept,) = tmp_path.glob("var.before-*")
    assert (kept / "records" / newer.name).read_bytes() == b"%PDF newer"
    assert not (config.data_dir / "records" / newer.name).exists()
    with sqlite3.connect(kept / "portal.db") as old:
        assert old.execute("SELECT last FROM counter WHERE series = 'referral'").fetchone() == (1,)
    assert not list(tmp_path.glob("*.restoring-*"))


def test_a_dry_run_changes_nothing(only_sqlite, record, config, now, tmp_path):
    back_up(config, tmp_path / "b.tar")
    next_number("referral")
    close_database()

    def state() -> str:
        parts = [
            path.read_bytes()
            for path in sorted(config.data_dir.rglob("*"))
            if path.suffix in (".db", ".log", "") and path.is_file()
        ]
        return hashlib.sha256(b"".join(parts)).hexdigest()

    before = state()
    said = restore(config, tmp_path / "b.tar", now + NEXT, replace(PLAIN, dry_run=True))
    assert said[-1] == "This was a dry run: nothing was changed."
    assert any("referral 1 to 1" in line for line in said)
    assert state() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "var"]


def rewritten(path: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None]) -> Path:
    """Copy an archive, changing or (None) leaving out members."""
    target = path.with_name("changed.tar")
    with tarfile.open(path) as old, tarfile.open(target, "w") as new:
        for member in old:
            content = change(member, old.extractfile(member).read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, BytesIO(content))
    return target


def manifest_with(**changes: object) -> Callable[[tarfile.TarInfo, bytes], bytes]:
    return lambda member, content: (
        json.dumps(json.loads(content) | changes).encode() if member.name == "manifest.json" else content
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda member, content: b"x" + content[1:] if "records/" in member.name else content, "is damaged"),
        (lambda member, content: None if "records/" in member.name else content, "is damaged|missing"),
        (lambda member, content: None if member.name == "SHA256SUMS" else content, "SHA256SUMS"),
        (lambda member, content: None if member.name == "manifest.json" else content, "no backup of the portal"),
        (
            manifest_with(migrations={"core": ["0001_initial", "9999_later"]}),
            "newer than this program.*core/9999_later",
        ),
        (manifest_with(format=2), "format 2"),
        (manifest_with(engine="postgresql"), "backup of postgresql"),
    ],
)
def test_a_foreign_damaged_or_newer_backup_is_refused_and_changes_nothing(
    only_sqlite, record, config, now, tmp_path, change, sentence
):
    back_up(config, tmp_path / "b.tar")
    changed = rewritten(tmp_path / "b.tar", change)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises((Damaged, Unusable), match=sentence):
        restore(config, changed, now + NEXT)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    open_database(config.database_url)
    assert Record.select().count() == 1


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\0" * 20480])
def test_what_is_no_archive_is_refused(only_sqlite, db, config, now, tmp_path, content):
    (tmp_path / "b.tar").write_bytes(content)
    with pytest.raises((Damaged, Unusable), match="no backup"):
        restore(config, tmp_path / "b.tar", now)


def test_an_archive_that_was_cut_short_is_refused(only_sqlite, record, config, now, tmp_path):
    back_up(config, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Damaged, match="cut short"):
        restore(config, tmp_path / "cut.tar", now)


def test_a_wrong_key_is_refused_and_changes_nothing(only_sqlite, record, config, now, tmp_path):
    audit.note("Tried", "x", by=SYSTEM, now=now)
    back_up(config, tmp_path / "b.tar")
    other = replace(config, secret_key="another key that is long enough to be allowed")
    with pytest.raises(Exception, match="not the key of this database"):
        restore(other, tmp_path / "b.tar", now + NEXT)
    open_database(config.database_url)
    assert AuditRow.select().where(AuditRow.action == "Tried").exists()
    assert not list(tmp_path.glob("var.before-*"))


def test_a_backup_goes_to_s3_and_is_restored_from_it(only_sqlite, record, config, now, tmp_path, s3):
    place = S3("backups", f"{tmp_path.name}.tar")
    made, problem = keeping.back_up(place, config, passphrase=None, verify=True, told=QUIET)
    assert (made.remarks, problem) == ([], "")
    there = elsewhere(config, tmp_path / "there")
    list(keeping.restore(place, there, config, PLAIN, now=now + NEXT))
    close_database()
    with create_app(there).app_context():
        assert files.intact(record.stored_name, record.sha256) == b"%PDF a record"
