"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    class ChatLine(Model):
        visit_uid = CharField(index=True, max_length=22)
        attempt = IntegerField()
        role = CharField(max_length=8)
        name = CharField(max_length=60, default='')
        text = CharField(max_length=1000)
        at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'video_webrtc_chat'
    db.create_tables([ChatLine])

    class CheckResult(Model):
        visit_uid = CharField(unique=True, max_length=22)
        findings = JSONField(default=dict)
        at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'video_webrtc_check'
    db.create_tables([CheckResult])

    class VideoRoom(Model):
        uid = CharField(unique=True, max_length=22)
        name = CharField(unique=True, max_length=22)
        visit_uid = CharField(max_length=22)
        attempt = IntegerField()
        opened_at = DateTimeField(index=True)
        closed_at = DateTimeField(null=True)
        last_number = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'video_webrtc_room'
    db.create_tables([VideoRoom])

    class Invitation(Model):
        uid = CharField(unique=True, max_length=22)
        room = ForeignKeyField(VideoRoom, on_delete='CASCADE')
        name = CharField(max_length=60)
        ends_at = DateTimeField()
        used_at = DateTimeField(null=True)
        revoked_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'video_webrtc_invitation'
    db.create_tables([Invitation])

    class Seat(Model):
        uid = CharField(unique=True, max_length=22)
        room = ForeignKeyField(VideoRoom, on_delete='CASCADE')
        participant = CharField(max_length=22)
        owner = CharField(max_length=22)
        role = CharField(max_length=8)
        name = CharField(max_length=60, default='')
        ticket = CharField(unique=True, max_length=22)
        epoch = IntegerField(default=0)
        admitted_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'video_webrtc_seat'
    db.create_tables([Seat])

    class Signal(Model):
        room = ForeignKeyField(VideoRoom, on_delete='CASCADE')
        number = IntegerField()
        kind = CharField(max_length=10)
        epoch = IntegerField()
        peer = IntegerField()
        body = JSONField(default=dict)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'video_webrtc_signal'
            indexes = ((('room', 'number'), True),)
    db.create_tables([Signal])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('video_webrtc_signal'))
    migrator.migrate(migrator.drop_table('video_webrtc_seat'))
    migrator.migrate(migrator.drop_table('video_webrtc_invitation'))
    migrator.migrate(migrator.drop_table('video_webrtc_room'))
    migrator.migrate(migrator.drop_table('video_webrtc_check'))
    migrator.migrate(migrator.drop_table('video_webrtc_chat'))
