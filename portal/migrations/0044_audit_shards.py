"""The audit log has a chain for each shard; the single chain of before ends here, and every new one begins from it."""

from datetime import date
from hashlib import sha256
from json import dumps

from peewee import CharField, DateField, IntegerField, Model, SqliteDatabase

from portal.base import keys

SHARDS = 64


def up(migrator, db):
    class AuditShard(Model):
        number = IntegerField(unique=True)
        day = DateField()
        rows = IntegerField()
        hash = CharField(max_length=64)
        seal = CharField(max_length=64)
        class Meta:
            database = db
            table_name = 'audit_shard'

    class AuditDay(Model):
        shard = IntegerField()
        day = DateField()
        rows = IntegerField()
        hash = CharField(max_length=64)
        class Meta:
            database = db
            table_name = 'audit_day'
            indexes = ((('shard', 'day'), True),)
    db.create_tables([AuditShard, AuditDay])
    for column in ('shard', 'place'):
        db.execute_sql(f'ALTER TABLE "audit_row" ADD COLUMN "{column}" INTEGER')
    db.execute_sql(
        'CREATE UNIQUE INDEX "audit_row_shard_place" ON "audit_row" ("shard", "place") WHERE "shard" IS NOT NULL'
    )
    db.execute_sql('ALTER TABLE "audit_head" ADD COLUMN "begun_after" INTEGER NOT NULL DEFAULT 0')
    db.execute_sql('UPDATE "audit_head" SET "begun_after" = "rows"')
    rows, end = db.execute_sql('SELECT "rows", "hash" FROM "audit_head"').fetchone()
    for shard in range(1 if isinstance(db, SqliteDatabase) else SHARDS):
        begins = sha256(dumps(('audit chain', shard, rows, end)).encode()).hexdigest()
        seal = keys.sign('audit end', f'{shard} 0 {begins}'.encode()).hex()
        AuditShard.create(number=shard, day=date(2000, 1, 1), rows=0, hash=begins, seal=seal)


def down(migrator, db):
    db.execute_sql('DROP INDEX "audit_row_shard_place"')
    for table, column in (('audit_row', 'place'), ('audit_row', 'shard'), ('audit_head', 'begun_after')):
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    for table in ('audit_day', 'audit_shard'):
        db.execute_sql(f'DROP TABLE "{table}"')
