"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    class VideoRoom(Model):
        name = CharField(unique=True, max_length=22)
        visit_uid = CharField(max_length=22)
        attempt = IntegerField()
        opened_at = DateTimeField(index=True)
        closed_at = DateTimeField(null=True)
        last_number = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'video_webrtc_room'

    class Seat(Model):
        uid = CharField(unique=True, max_length=22)
        room = ForeignKeyField(VideoRoom, on_delete='CASCADE')
        participant = CharField(max_length=22)
        owner = CharField(max_length=22)
        role = CharField(max_length=8)
        ticket = CharField(unique=True, max_length=22)
        epoch = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'video_webrtc_seat'

    class Signal(Model):
        room = ForeignKeyField(VideoRoom, on_delete='CASCADE')
        number = IntegerField()
        to_role = CharField(max_length=8)
        kind = CharField(max_length=10)
        epoch = IntegerField()
        peer = IntegerField()
        body = JSONField(default=dict)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'video_webrtc_signal'
            indexes = ((('room', 'number'), True),)

    db.create_tables([VideoRoom, Seat, Signal])
