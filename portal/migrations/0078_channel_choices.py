"""Who has asked for a channel beside SMS."""

from peewee import SqliteDatabase

EXPANDS = True


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    key = 'INTEGER NOT NULL PRIMARY KEY' if is_sqlite else 'SERIAL NOT NULL PRIMARY KEY'
    moment = 'DATETIME' if is_sqlite else 'TIMESTAMP'
    db.execute_sql(
        f'CREATE TABLE "channel_choice" ("id" {key}, "account_id" INTEGER NOT NULL, "plugin" VARCHAR(40) NOT NULL, '
        f'"channel" VARCHAR(20) NOT NULL, "since" {moment} NOT NULL, '
        'FOREIGN KEY ("account_id") REFERENCES "account" ("id") ON DELETE CASCADE)'
    )
    db.execute_sql('CREATE INDEX "channelchoice_account_id" ON "channel_choice" ("account_id")')
    db.execute_sql(
        'CREATE UNIQUE INDEX "channelchoice_account_id_plugin_channel" '
        'ON "channel_choice" ("account_id", "plugin", "channel")'
    )


def down(migrator, db):
    db.execute_sql('DROP TABLE "channel_choice"')
