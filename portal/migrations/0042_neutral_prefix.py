"""Tokens of a private specialty have a neutral prefix; what was given out keeps the one it had."""

from itertools import count


def up(migrator, db):
    db.execute_sql('ALTER TABLE "specialty" ADD COLUMN "neutral_prefix" VARCHAR(4) NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "clinic_session" ADD COLUMN "prefix" VARCHAR(4) NOT NULL DEFAULT \'\'')
    fill(db)


def fill(db):
    db.execute_sql(
        'UPDATE "clinic_session" SET "prefix" = '
        '(SELECT "prefix" FROM "specialty" WHERE "specialty"."id" = "clinic_session"."specialty_id")'
    )
    taken = {prefix for (prefix,) in db.execute_sql('SELECT "prefix" FROM "specialty"').fetchall()}
    neutral = (prefix for number in count(1) if (prefix := 'OPD' if number == 1 else f'OP{number}') not in taken)
    name = 'UPDATE "specialty" SET "neutral_prefix" = ? WHERE "id" = ?'
    unused = 'UPDATE "clinic_session" SET "prefix" = ? WHERE "specialty_id" = ? AND "last_number" = 0'
    for row_id, is_private in db.execute_sql('SELECT "id", "is_private" FROM "specialty" ORDER BY "id"').fetchall():
        if is_private:
            prefix = next(neutral)
            for text in (name, unused):
                db.execute_sql(text.replace('?', db.param), (prefix, row_id))


def down(migrator, db):
    migrator.migrate(
        migrator.drop_column('clinic_session', 'prefix'), migrator.drop_column('specialty', 'neutral_prefix')
    )
