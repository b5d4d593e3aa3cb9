"""Records say what their copy lacks and how often they were tried; files of a refused form are held."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    # Not by the migrator: on SQLite it makes the whole table anew to forbid NULL.
    db.execute_sql('ALTER TABLE "record" ADD COLUMN "remarks" VARCHAR(80) NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "record" ADD COLUMN "tries" INTEGER NOT NULL DEFAULT 0')

    class Account(Model):
        class Meta:
            database = db
            table_name = 'account'

    class HeldUpload(Model):
        uid = CharField(unique=True, max_length=22)
        account = ForeignKeyField(Account, on_delete='CASCADE')
        title = CharField(max_length=120)
        kind = CharField(max_length=4)
        stored_name = CharField(unique=True, max_length=40)
        size = IntegerField()
        sha256 = CharField(max_length=64)
        held_at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'held_upload'
    db.create_tables([HeldUpload])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('held_upload'))
    migrator.migrate(migrator.drop_column('record', 'tries'))
    migrator.migrate(migrator.drop_column('record', 'remarks'))
