"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import CharField, DateTimeField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    class Credential(Model):
        staff_uid = CharField(unique=True, max_length=22)
        username = CharField(max_length=100)
        secret = TextField()
        changed_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_credential'
    db.create_tables([Credential])

    class Handover(Model):
        uid = CharField(unique=True, max_length=22)
        visit_uid = CharField(index=True, max_length=22)
        patient_uid = CharField(max_length=22)
        staff_uid = CharField(index=True, max_length=22)
        reason = CharField(max_length=16)
        consent_uid = CharField(max_length=22)
        place = CharField(max_length=10)
        state = CharField(max_length=10, default='begun')
        answer = CharField(max_length=10, default='')
        error = CharField(max_length=200, default='')
        outcome = CharField(max_length=500, default='')
        begun_at = DateTimeField(index=True)
        ended_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_handover'
    db.create_tables([Handover])

    class Incoming(Model):
        uid = CharField(unique=True, max_length=22)
        kind = CharField(max_length=10)
        number = CharField(max_length=64)
        version = IntegerField()
        digest = CharField(max_length=64)
        payload = JSONField()
        way = CharField(max_length=8)
        state = CharField(index=True, max_length=10, default='new')
        reason = CharField(max_length=200, default='')
        centre = CharField(max_length=8, default='')
        subject = CharField(max_length=40, default='')
        received_at = DateTimeField()
        settled_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_incoming'
            indexes = ((('kind', 'number', 'version', 'digest'), True),)
    db.create_tables([Incoming])

    class Mark(Model):
        name = CharField(unique=True, max_length=20)
        at = DateTimeField()
        text = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_mark'
    db.create_tables([Mark])

    class Outgoing(Model):
        uid = CharField(unique=True, max_length=22)
        kind = CharField(max_length=12)
        visit_uid = CharField(max_length=22)
        patient_uid = CharField(max_length=22)
        version = IntegerField()
        source_version = IntegerField()
        state = CharField(max_length=8, default='waiting')
        tries = IntegerField(default=0)
        next_at = DateTimeField()
        lease_until = DateTimeField(null=True)
        error = CharField(max_length=200, default='')
        reference = CharField(max_length=200, default='')
        created_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_outgoing'
            indexes = ((('kind', 'visit_uid', 'version'), True), (('state', 'next_at'), False), (('patient_uid', 'state'), False))
    db.create_tables([Outgoing])

    class Place(Model):
        code = CharField(unique=True, max_length=10)
        name = CharField(max_length=80)
        district_code = CharField(max_length=10)
        district = CharField(max_length=80)
        state_code = CharField(max_length=10)
        state = CharField(max_length=80)
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_place'
    db.create_tables([Place])

    class Seen(Model):
        digest = CharField(unique=True, max_length=64)
        at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'esanjeevani_bridge_seen'
    db.create_tables([Seen])
