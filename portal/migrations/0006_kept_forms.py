"""What was typed when a sign-in ended; recovery codes of staff; which sign-in an OTP has begun."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Staff(Model):
        class Meta:
            database = db
            table_name = 'staff'

    class RecoveryCode(Model):
        staff = ForeignKeyField(Staff, on_delete='CASCADE')
        code_hash = CharField(unique=True, max_length=64)
        used_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'recovery_code'
    db.create_tables([RecoveryCode])

    class KeptForm(Model):
        uid = CharField(unique=True, max_length=22)
        owner = CharField(max_length=22)
        path = CharField(max_length=300)
        typed = TextField()
        kept_at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'kept_form'
            indexes = ((('owner', 'path'), True),)
    db.create_tables([KeptForm])

    # Not by the migrator: on SQLite it makes the whole table anew for a foreign key.
    column = '"sign_in_id" INTEGER NULL REFERENCES "sign_in" ("id") ON DELETE SET NULL'
    db.execute_sql(f'ALTER TABLE "otp_challenge" ADD COLUMN {column}')
    db.execute_sql('CREATE INDEX "otp_challenge_sign_in_id" ON "otp_challenge" ("sign_in_id")')


def down(migrator, db):
    db.execute_sql('DROP INDEX "otp_challenge_sign_in_id"')
    migrator.migrate(migrator.drop_column('otp_challenge', 'sign_in_id'))
    for table in ('kept_form', 'recovery_code'):
        db.execute_sql(f'DROP TABLE "{table}"')
