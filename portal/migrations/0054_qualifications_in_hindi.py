"""A doctor's qualification may be given in Hindi too, as patients read it."""

EXPANDS = True


def up(migrator, db):
    db.execute_sql('ALTER TABLE "staff" ADD COLUMN "qualification_hi" VARCHAR(250) NOT NULL DEFAULT \'\'')


def down(migrator, db):
    migrator.migrate(migrator.drop_column('staff', 'qualification_hi'))
