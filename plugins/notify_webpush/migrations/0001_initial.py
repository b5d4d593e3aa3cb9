"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import CharField, DateTimeField, Model, TextField


def up(migrator, db):
    class PushKey(Model):
        private = TextField()
        class Meta:
            database = db
            table_name = 'notify_webpush_key'

    class Subscription(Model):
        account = CharField(index=True, max_length=22)
        mobile = CharField(index=True, max_length=16)
        digest = CharField(unique=True, max_length=64)
        address = TextField()
        since = DateTimeField()
        class Meta:
            database = db
            table_name = 'notify_webpush_subscription'

    class Push(Model):
        message = CharField(unique=True, max_length=22)
        key = CharField(unique=True, max_length=64)
        sent_at = DateTimeField(index=True)
        until = DateTimeField()
        shown_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'notify_webpush_push'

    db.create_tables([PushKey, Subscription, Push])


def down(migrator, db):
    for table in ('notify_webpush_push', 'notify_webpush_subscription', 'notify_webpush_key'):
        db.execute_sql(f'DROP TABLE "{table}"')
