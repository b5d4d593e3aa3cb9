"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import CharField, DateTimeField, IntegerField, Model


def up(migrator, db):
    class DriverState(Model):
        name = CharField(unique=True, max_length=20)
        failures = IntegerField(default=0)
        rest_until = DateTimeField(null=True)
        error = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'sms_gateway_driver'

    db.create_tables([DriverState])
