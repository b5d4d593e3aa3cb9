"""The audit chain verifies, or every break is reported (S62)."""

import hashlib

import pytest
from click.testing import CliRunner

from portal.base import keys
from portal.cli import main
from portal.rekey import re_encrypt
from portal.store import migrator
from portal.store.db import close_database, database, is_sqlite
from portal.work import audit, audit_chain, audit_published
from portal.work.audit import GENESIS, SYSTEM, AuditHead, AuditRow
from portal.work.audit_published import Head
from portal.work.audit_shards import AuditShard
from tests.noted import noted
from tests.work.test_audit import three_rows as three_rows

NEW = "a new key that is long enough too " * 2
OLD_ROW = """INSERT INTO audit_row (at, action, actor_kind, actor_uid, subject, details, previous, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""

UNSEALED_END = "The end of chain 0 carries no seal of our keys."


def migration_of(name: str):
    """Load the migration whose name ends so."""
    return next(one for one in migrator.runner().migrations() if one.name.endswith(name)).load()


def unlock():
    """Drop the triggers that make rows immutable, for one test."""
    if not is_sqlite():
        database.execute_sql("SET session_replication_role = replica")
        return
    for deed in ("update", "delete"):
        database.execute_sql(f"DROP TRIGGER audit_row_no_{deed}")


def test_an_untouched_chain_verifies(three_rows):
    assert list(audit_chain.verify()) == []


def test_an_edited_row_is_named(three_rows):
    unlock()
    AuditRow.update(subject="y").where(AuditRow.id == 2).execute()
    assert list(audit_chain.verify()) == ["Row 2 was changed."]


def test_a_deleted_row_is_detected(three_rows):
    unlock()
    AuditRow.delete().where(AuditRow.id == 2).execute()
    assert "Row 3 does not follow the row before it." in list(audit_chain.verify())


def test_truncation_is_detected(three_rows):
    unlock()
    AuditRow.delete().where(AuditRow.id == 3).execute()
    assert list(audit_chain.verify()) == ["Chain 0 ends after 2 rows, but 3 were written."]


def test_swapped_rows_are_detected(three_rows):
    unlock()
    first, second = AuditRow.get_by_id(1), AuditRow.get_by_id(2)
    AuditRow.update(subject=second.subject, details=second.details).where(AuditRow.id == 1).execute()
    AuditRow.update(subject=first.subject, details=first.details).where(AuditRow.id == 2).execute()
    assert list(audit_chain.verify())


def rewrite(change) -> None:
    """Recompute hashes and ends, as an attacker with the database and the source, but no key, can."""
    unlock()
    for number in (None, 0):
        rows = list(AuditRow.select().where(AuditRow.shard == number).order_by(AuditRow.id))
        for row, before in zip(rows, [None, *rows], strict=False):
            change(row)
            row.previous = before.hash if before else row.previous
            row.hash = audit.hash_of(row)
            row.save()
        if rows and number is None:
            AuditHead.update(hash=rows[-1].hash).execute()
        elif rows:
            AuditShard.update(hash=rows[-1].hash).where(AuditShard.number == number).execute()


def edit_the_second(row) -> None:
    if row.id == 2:
        row.subject = "somebody else"


def test_a_chain_rewritten_without_the_key_is_detected(three_rows):
    rewrite(edit_the_second)
    assert list(audit_chain.verify()) == ["Rows 2 to 3 carry no seal of our keys.", UNSEALED_END]


def test_a_downgrade_to_the_format_without_seals_is_detected(three_rows, now):
    def downgrade(row) -> None:
        edit_the_second(row)
        row.format = 1

    rewrite(downgrade)
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert list(audit_chain.verify()) == ["Rows 1 to 3 carry no seal of our keys."]


def test_a_row_appended_without_the_key_is_detected(three_rows, now):
    row = AuditRow.get_by_id(3)
    row.id, row.previous, row.place, row.subject = None, row.hash, 4, "slipped in"
    row.hash = audit.hash_of(row)
    row.save(force_insert=True)
    assert "Chain 0 goes on for 4 rows, but 3 were written." in list(audit_chain.verify())
    AuditShard.update(rows=4, hash=row.hash).where(AuditShard.number == 0).execute()
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert list(audit_chain.verify()) == ["Row 4 carries no seal of our keys."]


def test_a_forged_checkpoint_is_ignored(three_rows):
    def forge(row) -> None:
        edit_the_second(row)
        if row.id == 3:
            row.action, row.details = audit_chain.CHECKPOINT, '{"breaks": 0}'

    rewrite(forge)
    assert list(audit_chain.verify()) == ["Rows 2 to 3 carry no seal of our keys.", UNSEALED_END]


def test_truncation_with_the_end_is_detected_by_its_seal(three_rows):
    unlock()
    AuditRow.delete().where(AuditRow.id == 3).execute()
    AuditShard.update(rows=2, hash=AuditRow.get_by_id(2).hash).where(AuditShard.number == 0).execute()
    assert list(audit_chain.verify()) == [UNSEALED_END]


def test_an_end_put_back_with_its_seal_is_detected_against_a_sent_head(db, now):
    for subject in ("one", "two"):
        audit.note("Read", subject, by=SYSTEM, now=now)
    earlier = AuditShard.get(AuditShard.number == 0)
    audit.note("Read", "three", by=SYSTEM, now=now)
    told = audit_published.head()
    unlock()
    AuditRow.delete().where(AuditRow.id == 3).execute()
    earlier.save()
    assert list(audit_chain.verify()) == []
    assert list(audit_chain.verify([told])) == [
        f"Row number 3 is missing, but has a published head ({told.hash[:12]}…)."
    ]
    audit.note("Read", "another", by=SYSTEM, now=now)
    assert list(audit_chain.verify([told])) == [f"Row number 3 differs from its published head ({told.hash[:12]}…)."]


def test_sent_heads_match_an_intact_chain(three_rows, now):
    told = [Head(0, GENESIS), audit_published.head()]
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert list(audit_chain.verify([*told, audit_published.head()])) == []
    assert audit_published.heads_in(f'{{"event": "audit_head", "head": "{told[1]}", "at": "04:00"}}') == [told[1]]


def test_a_row_format_of_a_later_version_is_reported(three_rows):
    unlock()
    AuditRow.update(format=9).where(AuditRow.id == 2).execute()
    assert "Row 2 has format 9, which this version does not know." in list(audit_chain.verify())


def test_rows_of_the_previous_format_are_covered_after_migration(db, now):
    """As the previous version wrote it, on this engine; the migration seals it as it stands."""
    sealing, sharding = (migration_of(name) for name in ("_audit_seals", "_audit_shards"))
    for migration in (sharding, sealing):
        migration.down(None, database.obj)
    last, at, mark = GENESIS, now.isoformat(), "?" if is_sqlite() else "%s"
    for number in range(2):
        parts = (last, at, "Read", "system", "", f"x{number}", "{}")
        digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
        stored = (now.replace(tzinfo=None).isoformat(" "), *parts[2:], last, digest)
        database.execute_sql(OLD_ROW.replace("?", mark), stored)
        last = digest
    database.execute_sql("UPDATE audit_head SET rows = 2, hash = ?".replace("?", mark), (last,))
    told = Head(2, last)
    sealing.up(None, database.obj)
    sharding.up(None, database.obj)
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert list(audit_chain.verify([told, audit_published.head()])) == []
    assert [row.format for row in AuditRow.select().order_by(AuditRow.id)] == [1, 1, 2, 3]
    rewrite(edit_the_second)
    assert list(audit_chain.verify())


def test_the_command_verifies_the_heads_of_a_file(three_rows, config, tmp_path):
    log, told = tmp_path / "heads", audit_published.head()
    log.write_text(f"2026-11-23T04:00:00+00:00 {told}\n2026-11-23T05:00:00+00:00 9:{'a' * 64}\n")
    names = ("PORTAL_DATA_DIR", "PORTAL_DATABASE_URL", "PORTAL_SECRET_KEY", "PORTAL_DEMO")
    environ = {name: config.environ[name] for name in names}
    close_database()
    run = lambda *given: CliRunner().invoke(main, ["audit", *given], env=environ)  # noqa: E731
    assert run("head").output.splitlines()[-1] == str(told)
    whole = run("verify", "--head", str(told))
    assert (whole.exit_code, whole.output.splitlines()[-1]) == (0, "The audit log is intact. Heads compared: 1.")
    cut = run("verify", "--heads", str(log))
    assert (cut.exit_code, cut.output.splitlines()[-1]) == (
        1,
        "Row number 9 is missing, but has a published head (aaaaaaaaaaaa…).",
    )
    assert run("verify", "--head", "nonsense").exit_code == 1


@pytest.fixture
def ring(three_rows, config):
    """Set the keys of this process, as a restart with another PORTAL_SECRET_KEY does."""
    yield lambda *names: keys.install(",".join({"old": config.secret_key, "new": NEW}[name] for name in names))
    keys.install(config.secret_key)


def test_after_rekey_the_chain_is_verified_without_the_old_key(ring, now):
    ring("new", "old")
    audit.note("Read", "meanwhile", by=SYSTEM, now=now)
    notes = noted(lambda: re_encrypt(by=SYSTEM, now=now))
    assert notes == [("SecretsSealedAnew", SYSTEM, "secrets"), ("AuditSealedAnew", SYSTEM, "audit")]
    ring("new")
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert list(audit_chain.verify()) == []


def test_after_rekey_a_change_of_an_older_row_is_detected(ring, now):
    ring("new", "old")
    re_encrypt(by=SYSTEM, now=now)
    ring("new")
    rewrite(edit_the_second)
    assert list(audit_chain.verify()) == ["Rows 1 to 5 carry no seal of our keys.", UNSEALED_END]


def test_removing_a_key_without_rekey_breaks_verification(ring, now):
    ring("new")
    audit.note("Read", "later", by=SYSTEM, now=now)
    assert list(audit_chain.verify())[:1] == ["Rows 1 to 3 carry no seal of our keys."]


def test_rekey_does_not_hide_an_earlier_break(ring, now):
    rewrite(edit_the_second)
    ring("new", "old")
    re_encrypt(by=SYSTEM, now=now)
    ring("new")
    assert list(audit_chain.verify()) == ["When row 5 was set, the chain before it had 2 breaks."]
