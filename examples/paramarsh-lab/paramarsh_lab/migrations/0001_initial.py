"""The first schema: a frozen copy of the table."""

from peewee import BooleanField, CharField, DateTimeField, IntegerField, JSONField, Model

EXPANDS = True


def up(migrator, db):
    class LabOrder(Model):
        uid = CharField(unique=True, max_length=22)
        visit_uid = CharField(index=True, max_length=22)
        patient_uid = CharField(index=True, max_length=22)
        tests = IntegerField()
        coded = IntegerField()
        state = CharField(max_length=10)
        sent_at = DateTimeField(index=True)
        results = JSONField()
        has_report = BooleanField()
        done_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "paramarsh_lab_order"

    db.create_tables([LabOrder])


def down(migrator, db):
    db.execute_sql('DROP TABLE "paramarsh_lab_order"')
