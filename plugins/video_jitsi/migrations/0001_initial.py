"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    class JitsiRoom(Model):
        uid = CharField(unique=True, max_length=22)
        name = CharField(unique=True, max_length=40)
        opened_at = DateTimeField(index=True)
        closed_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'video_jitsi_room'

    class JitsiSeat(Model):
        uid = CharField(unique=True, max_length=22)
        room = ForeignKeyField(JitsiRoom, on_delete='CASCADE')
        participant = CharField(max_length=22)
        owner = CharField(max_length=22)
        role = CharField(max_length=8)
        ticket = CharField(unique=True, max_length=22)
        class Meta:
            database = db
            table_name = 'video_jitsi_seat'

    class JitsiCallback(Model):
        key = CharField(unique=True, max_length=80)
        at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'video_jitsi_callback'

    db.create_tables([JitsiRoom, JitsiSeat, JitsiCallback])
