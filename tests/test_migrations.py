"""What a migration declares for code beside it, and that one which calls itself an expansion only adds."""

import re
from collections.abc import Iterator

import pytest

from portal.base import keys
from portal.server import tables
from portal.store import migrator
from portal.store.db import close_database, open_database
from portal.store.migrator import Step
from tests.databases import SECRET_KEY
from tests.postgres import running_postgres
from tests.statements import recorded

TIGHT = re.compile(
    r"\bDROP\b|\bRENAME\b|\bSET NOT NULL\b|\bADD CONSTRAINT\b|\bALTER COLUMN\b.*\bTYPE\b|^(DELETE|TRUNCATE)\b", re.I
)
ADDED = re.compile(r'ALTER TABLE "(\w+)" ADD COLUMN "(\w+)"(.*)', re.I | re.S)
MADE = re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"(\w+)"', re.I)
UNIQUE = re.compile(r'CREATE UNIQUE INDEX.* ON "(\w+)"', re.I)
SET = re.compile(r'UPDATE "(\w+)" SET "(\w+)"', re.I)
WRITING = re.compile(r"^\s*(ALTER|CREATE|DROP|UPDATE|DELETE|TRUNCATE)\b", re.I)


def takes_away(statements: list[str]) -> list[str]:
    """List the statements that may break code which has never heard of the migration."""
    made = {found[1] for sql in statements if (found := MADE.search(sql))}
    added = {(found[1], found[2]) for sql in statements if (found := ADDED.search(sql))}
    return [sql for sql in statements if WRITING.match(sql) and _is_tight(sql, made, added)]


def _is_tight(sql: str, made: set[str], added: set[tuple[str, str]]) -> bool:
    if TIGHT.search(sql):
        return True
    if found := ADDED.search(sql):
        return "NOT NULL" in found[3].upper() and "DEFAULT" not in found[3].upper()
    if found := UNIQUE.search(sql):
        return found[1] not in made
    if found := SET.search(sql):
        return (found[1], found[2]) not in added
    return False


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path) -> Iterator[None]:
    """An empty database of either engine."""
    keys.install(SECRET_KEY)  # migrations seal the ends of the audit chains
    if request.param == "sqlite":
        open_database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield
        close_database()
        return
    with running_postgres() as url:
        open_database(url)
        yield
        close_database()


def executed(monkeypatch, owner, folder) -> Iterator[tuple[Step, list[str]]]:
    """Run the migrations of an owner one by one; yield each with its statements."""
    sent = recorded(monkeypatch)
    for step in migrator.steps(owner, folder):
        sent.clear()
        migrator.runner(owner, folder).up(target=step.name)
        yield step, [sql for sql in sent if f'"migrations_{owner}"' not in sql]


def test_a_migration_that_calls_itself_an_expansion_only_adds(empty, monkeypatch):
    found, expansions = {}, []
    for owner, folder in tables.migration_owners():
        for step, statements in executed(monkeypatch, owner, folder):
            if step.expands:
                expansions.append(str(step))
                found[str(step)] = takes_away(statements)
    assert "core/0048_texts_request_ids" in expansions
    assert {name: sql for name, sql in found.items() if sql} == {}


@pytest.mark.parametrize(
    "sql",
    [
        'ALTER TABLE "visit" DROP COLUMN "complaint"',
        'ALTER TABLE "visit" RENAME COLUMN "complaint" TO "reason"',
        'ALTER TABLE "visit" RENAME TO "token"',
        'ALTER TABLE "visit" ADD COLUMN "seat" VARCHAR(10) NOT NULL',
        'ALTER TABLE "visit" ALTER COLUMN "complaint" SET NOT NULL',
        'ALTER TABLE "visit" ALTER COLUMN "complaint" TYPE VARCHAR(10)',
        'CREATE UNIQUE INDEX "visit_complaint" ON "visit" ("complaint")',
        'DROP INDEX "visit_uid"',
        'DELETE FROM "visit"',
        'UPDATE "visit" SET "complaint" = \'\'',
    ],
)
def test_what_takes_away_is_seen(sql):
    assert takes_away([sql]) == [sql]


def test_what_only_adds_is_let_through():
    assert (
        takes_away(
            [
                'CREATE TABLE "seat" ("id" INTEGER)',
                'CREATE UNIQUE INDEX "seat_id" ON "seat" ("id")',
                'ALTER TABLE "visit" ADD COLUMN "seat" VARCHAR(10) NOT NULL DEFAULT \'\'',
                'UPDATE "visit" SET "seat" = \'a\'',
                'CREATE INDEX "visit_seat" ON "visit" ("seat")',
            ]
        )
        == []
    )


def test_every_migration_serves_itself_an_earlier_one_or_all(db):
    for owner, folder in tables.migration_owners():
        names = sorted(migrator.names(folder))
        for step in migrator.steps(owner, folder):
            assert step.serves == migrator.ANY or step.serves in names[: names.index(step.name) + 1], str(step)
