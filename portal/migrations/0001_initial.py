"""The first schema: frozen copies of the tables as they were, independent of the models."""

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    SqliteDatabase,
    TextField,
)


def up(migrator, db):
    class Account(Model):
        uid = CharField(unique=True, max_length=22)
        mobile = CharField(unique=True, max_length=16)
        language = CharField(max_length=2, default='en')
        created_at = DateTimeField()
        disabled_at = DateTimeField(index=True, null=True)
        class Meta:
            database = db
            table_name = 'account'
    db.create_tables([Account])

    class Specialty(Model):
        code = CharField(unique=True, max_length=24)
        prefix = CharField(unique=True, max_length=4)
        name = CharField(max_length=60)
        name_hi = CharField(max_length=60, default='')
        active = BooleanField(default=True)
        class Meta:
            database = db
            table_name = 'specialty'
    db.create_tables([Specialty])

    class Announcement(Model):
        uid = CharField(unique=True, max_length=22)
        specialty = ForeignKeyField(Specialty, null=True)
        kind = CharField(max_length=12)
        text = CharField(max_length=200, default='')
        text_hi = CharField(max_length=200, default='')
        at = DateTimeField()
        until = DateTimeField(index=True)
        by_uid = CharField(max_length=22)
        withdrawn_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'announcement'
    db.create_tables([Announcement])

    class Attempt(Model):
        bucket = CharField(max_length=80)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'attempt'
            indexes = ((('bucket', 'at'), False),)
    db.create_tables([Attempt])

    class AuditHead(Model):
        rows = IntegerField(default=0)
        hash = CharField(max_length=64, default='0' * 64)
        class Meta:
            database = db
            table_name = 'audit_head'
    db.create_tables([AuditHead])

    class AuditRow(Model):
        at = DateTimeField(index=True)
        action = CharField(index=True, max_length=60)
        actor_kind = CharField(max_length=10)
        actor_uid = CharField(max_length=22)
        subject = CharField(index=True, max_length=40)
        details = TextField()
        previous = CharField(max_length=64)
        hash = CharField(max_length=64)
        class Meta:
            database = db
            table_name = 'audit_row'
    db.create_tables([AuditRow])

    class Centre(Model):
        code = CharField(unique=True, max_length=8)
        name = CharField(max_length=80)
        name_hi = CharField(max_length=80, default='')
        city = CharField(max_length=60, default='')
        address = CharField(max_length=200, default='')
        phone = CharField(max_length=20, default='')
        active = BooleanField(default=True)
        class Meta:
            database = db
            table_name = 'centre'
    db.create_tables([Centre])

    class RegisterEntry(Model):
        ben_id = CharField(unique=True, max_length=10)
        name = CharField(max_length=80)
        name_hi = CharField(max_length=80, default='')
        gender = CharField(max_length=6)
        date_of_birth = DateField()
        mobile = CharField(index=True, max_length=16)
        centre = ForeignKeyField(Centre)
        has_disability = BooleanField(default=False)
        class Meta:
            database = db
            table_name = 'register_entry'
    db.create_tables([RegisterEntry])

    class Beneficiary(Model):
        uid = CharField(unique=True, max_length=22)
        entry = ForeignKeyField(RegisterEntry, unique=True)
        account = ForeignKeyField(Account)
        patient_id = CharField(unique=True, max_length=13)
        address = CharField(max_length=200)
        language = CharField(max_length=2)
        registered_at = DateTimeField()
        abha_number = CharField(null=True, max_length=14)
        abha_address = CharField(null=True, max_length=80)
        class Meta:
            database = db
            table_name = 'beneficiary'
    db.create_tables([Beneficiary])

    class ClinicSession(Model):
        uid = CharField(unique=True, max_length=22)
        specialty = ForeignKeyField(Specialty)
        day = DateField()
        opens_at = DateTimeField()
        closes_at = DateTimeField()
        quota = IntegerField()
        last_number = IntegerField(default=0)
        closed_at = DateTimeField(null=True)
        version = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'clinic_session'
            indexes = ((('specialty', 'day'), True),)
    db.create_tables([ClinicSession])

    class Staff(Model):
        uid = CharField(unique=True, max_length=22)
        username = CharField(unique=True, max_length=40)
        role = CharField(index=True, max_length=16)
        name = CharField(max_length=80)
        name_hi = CharField(max_length=80, default='')
        language = CharField(max_length=2, default='en')
        centre = ForeignKeyField(Centre, null=True)
        specialty = ForeignKeyField(Specialty, null=True)
        qualification = CharField(max_length=80, default='')
        registration_number = CharField(max_length=40, default='')
        phone = CharField(max_length=20, default='')
        email = CharField(max_length=120, default='')
        password_hash = CharField(max_length=200)
        totp_secret = CharField(max_length=200, default='')
        created_at = DateTimeField()
        disabled_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'staff'
    db.create_tables([Staff])

    class Referral(Model):
        uid = CharField(unique=True, max_length=22)
        number = CharField(unique=True, max_length=24)
        entry = ForeignKeyField(RegisterEntry)
        specialty = ForeignKeyField(Specialty)
        centre = ForeignKeyField(Centre)
        officer = ForeignKeyField(Staff)
        reason = CharField(max_length=500)
        urgent = BooleanField(default=False)
        issued_at = DateTimeField()
        valid_until = DateField()
        max_consults = IntegerField()
        cancelled_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'referral'
    db.create_tables([Referral])

    class Visit(Model):
        uid = CharField(unique=True, max_length=22)
        session = ForeignKeyField(ClinicSession)
        number = IntegerField()
        beneficiary = ForeignKeyField(Beneficiary)
        referral = ForeignKeyField(Referral, null=True)
        exemption = CharField(max_length=20, default='')
        priority = IntegerField(default=0)
        priority_reason = CharField(max_length=20, default='')
        complaint = CharField(max_length=500)
        state = CharField(index=True, max_length=16, default='waiting')
        state_since = DateTimeField()
        requested_at = DateTimeField()
        here_until = DateTimeField(null=True)
        doctor = ForeignKeyField(Staff, null=True)
        attempt = IntegerField(default=0)
        lapses = IntegerField(default=0)
        call_deadline = DateTimeField(null=True)
        lease_until = DateTimeField(null=True)
        near_turn_told = BooleanField(default=False)
        live_key = CharField(unique=True, null=True, max_length=20)
        place = IntegerField(null=True)
        moved_to = ForeignKeyField('self', unique=True, null=True)
        wanted_doctor = ForeignKeyField(Staff, null=True)
        carries = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'visit'
            indexes = ((('session', 'number'), True),)
    db.create_tables([Visit])

    class CallRoom(Model):
        uid = CharField(unique=True, max_length=22)
        visit = ForeignKeyField(Visit)
        attempt = IntegerField()
        provider = CharField(max_length=40)
        name = CharField(max_length=120)
        opened_at = DateTimeField()
        closed_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'call_room'
            indexes = ((('visit', 'attempt'), True),)
    db.create_tables([CallRoom])

    class CallEvent(Model):
        room = ForeignKeyField(CallRoom)
        at = DateTimeField()
        kind = CharField(max_length=8)
        role = CharField(max_length=8, default='')
        participant = CharField(max_length=22, default='')
        connection = CharField(max_length=64, default='')
        word = CharField(max_length=40, default='')
        heard_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'call_event'
    db.create_tables([CallEvent])

    class Consent(Model):
        uid = CharField(unique=True, max_length=22)
        beneficiary = ForeignKeyField(Beneficiary)
        purpose = CharField(max_length=20)
        version = CharField(max_length=12)
        language = CharField(max_length=2)
        kind = CharField(max_length=10, default='explicit')
        given_by = CharField(max_length=22)
        given_at = DateTimeField()
        withdrawn_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'consent'
    db.create_tables([Consent])

    class Consult(Model):
        visit = ForeignKeyField(Visit, unique=True)
        doctor = ForeignKeyField(Staff)
        mode = CharField(max_length=8, default='video')
        kind = CharField(max_length=10, default='first')
        complaints = TextField(default='')
        history = TextField(default='')
        findings = TextField(default='')
        vitals = JSONField(default=dict)
        diagnosis = TextField(default='')
        icd10 = CharField(max_length=12, default='')
        investigations = TextField(default='')
        advice = TextField(default='')
        follow_up_on = DateField(null=True)
        items = JSONField(default=list)
        identity_confirmed_at = DateTimeField(null=True)
        age_confirmed_at = DateTimeField(null=True)
        started_at = DateTimeField()
        saved_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'consult'
    db.create_tables([Consult])

    class Counter(Model):
        series = CharField(unique=True, max_length=20)
        last = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'counter'
    db.create_tables([Counter])

    class Event(Model):
        uid = CharField(unique=True, max_length=22)
        name = CharField(index=True, max_length=60)
        subject = CharField(index=True, max_length=40)
        at = DateTimeField()
        by_kind = CharField(max_length=10)
        by_uid = CharField(max_length=22)
        data = JSONField()
        delivered_at = DateTimeField(index=True, null=True)
        class Meta:
            database = db
            table_name = 'event'
    db.create_tables([Event])

    class Delivery(Model):
        event = ForeignKeyField(Event, on_delete='CASCADE')
        listener = CharField(max_length=60)
        lease_until = DateTimeField(null=True)
        next_at = DateTimeField()
        tries = IntegerField(default=0)
        done_at = DateTimeField(null=True)
        error = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'delivery'
            indexes = ((('event', 'listener'), True),)
    db.create_tables([Delivery])

    class Prescription(Model):
        uid = CharField(unique=True, max_length=22)
        number = CharField(unique=True, max_length=24)
        code = CharField(unique=True, max_length=24)
        version = IntegerField(default=1)
        visit = ForeignKeyField(Visit, unique=True)
        doctor = ForeignKeyField(Staff)
        beneficiary = ForeignKeyField(Beneficiary)
        content = JSONField()
        issued_at = DateTimeField()
        valid_until = DateField()
        stored_name = CharField(max_length=40, default='')
        sha256 = CharField(max_length=64, default='')
        stored_at = DateTimeField(null=True)
        lease_until = DateTimeField(null=True)
        cancelled_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'prescription'
    db.create_tables([Prescription])

    class Dispensing(Model):
        uid = CharField(unique=True, max_length=22)
        prescription = ForeignKeyField(Prescription)
        centre = ForeignKeyField(Centre)
        pharmacist = ForeignKeyField(Staff)
        collected_by = CharField(max_length=80, default='')
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'dispensing'
    db.create_tables([Dispensing])

    class PrescribedItem(Model):
        prescription = ForeignKeyField(Prescription)
        position = IntegerField()
        drug = CharField(max_length=120)
        form = CharField(max_length=40, default='')
        strength = CharField(max_length=60, default='')
        dose = CharField(max_length=60, default='')
        frequency = CharField(max_length=60, default='')
        duration_days = IntegerField(null=True)
        quantity = IntegerField()
        instructions = CharField(max_length=200, default='')
        tele_class = CharField(max_length=10, default='')
        dispensed = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'prescribed_item'
            constraints = (Check('dispensed >= 0 AND dispensed <= quantity'),)
            indexes = ((('prescription', 'position'), True),)
    db.create_tables([PrescribedItem])

    class DispensedItem(Model):
        dispensing = ForeignKeyField(Dispensing)
        item = ForeignKeyField(PrescribedItem)
        quantity = IntegerField()
        class Meta:
            database = db
            table_name = 'dispensed_item'
    db.create_tables([DispensedItem])

    class Display(Model):
        uid = CharField(unique=True, max_length=22)
        place = CharField(max_length=80)
        centre = ForeignKeyField(Centre, null=True)
        specialties = JSONField(default=list)
        speaks = BooleanField(default=False)
        key_hash = CharField(unique=True, max_length=64)
        at = DateTimeField()
        by_uid = CharField(max_length=22)
        revoked_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'display'
    db.create_tables([Display])

    class Drug(Model):
        name = CharField(index=True, max_length=120)
        form = CharField(max_length=40)
        strengths = CharField(max_length=200, default='')
        tele_class = CharField(max_length=10)
        chronic = BooleanField(default=False)
        route = CharField(max_length=30, default='')
        default_frequency = CharField(max_length=20, default='')
        aliases = CharField(max_length=300, default='')
        class Meta:
            database = db
            table_name = 'drug'
            indexes = ((('name', 'form'), True),)
    db.create_tables([Drug])

    class Duty(Model):
        session = ForeignKeyField(ClinicSession)
        doctor = ForeignKeyField(Staff)
        state = CharField(max_length=8)
        until = DateTimeField(null=True)
        changed_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'duty'
            indexes = ((('session', 'doctor'), True),)
    db.create_tables([Duty])

    class EarlyReport(Model):
        uid = CharField(max_length=22, default='')
        attempt = IntegerField(default=0)
        provider = CharField(max_length=60)
        reference = CharField(max_length=80, default='')
        state = CharField(max_length=10)
        error = CharField(max_length=200, default='')
        at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'early_report'
    db.create_tables([EarlyReport])

    class Feedback(Model):
        visit = ForeignKeyField(Visit, unique=True)
        rating = CharField(max_length=8)
        text = CharField(max_length=500, default='')
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'feedback'
    db.create_tables([Feedback])

    class Holiday(Model):
        day = DateField(unique=True)
        name = CharField(max_length=80)
        name_hi = CharField(max_length=80, default='')
        class Meta:
            database = db
            table_name = 'holiday'
    db.create_tables([Holiday])

    class HookCount(Model):
        plugin = CharField(max_length=40)
        hook = CharField(max_length=60)
        calls = BigIntegerField(default=0)
        errors = BigIntegerField(default=0)
        seconds = FloatField(default=0)
        failing = IntegerField(default=0)
        failing_since = DateTimeField(null=True)
        last_error = CharField(max_length=200, default='')
        last_error_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'hook_count'
            indexes = ((('plugin', 'hook'), True),)
    db.create_tables([HookCount])

    class Leave(Model):
        doctor = ForeignKeyField(Staff)
        day = DateField()
        reason = CharField(max_length=200, default='')
        at = DateTimeField()
        by_uid = CharField(max_length=22)
        class Meta:
            database = db
            table_name = 'leave'
            indexes = ((('doctor', 'day'), True),)
    db.create_tables([Leave])

    class Message(Model):
        uid = CharField(unique=True, max_length=22)
        cause = CharField(max_length=40)
        to = CharField(max_length=16)
        template = CharField(max_length=24)
        language = CharField(max_length=2)
        values = JSONField()
        state = CharField(max_length=10, default='new')
        created_at = DateTimeField()
        expires_at = DateTimeField()
        next_at = DateTimeField()
        lease_until = DateTimeField(null=True)
        ask_at = DateTimeField(index=True, null=True)
        tries = IntegerField(default=0)
        provider = CharField(max_length=60, default='')
        reference = CharField(max_length=80, default='')
        error = CharField(max_length=200, default='')
        delivered_at = DateTimeField(null=True)
        call_outcome = CharField(max_length=12, default='')
        called_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'message'
            indexes = ((('cause', 'template', 'to'), True), (('state', 'next_at'), False), (('state', 'created_at'), False), (('created_at', 'state', 'template'), False), (('provider', 'reference'), False))
    db.create_tables([Message])

    class MessageOptOut(Model):
        account = ForeignKeyField(Account, on_delete='CASCADE')
        template = CharField(max_length=24)
        class Meta:
            database = db
            table_name = 'message_opt_out'
            indexes = ((('account', 'template'), True),)
    db.create_tables([MessageOptOut])

    class OtpChallenge(Model):
        uid = CharField(unique=True, max_length=22)
        mobile = CharField(index=True, max_length=16)
        nonce = CharField(max_length=32)
        language = CharField(max_length=2)
        created_at = DateTimeField()
        expires_at = DateTimeField()
        tries = IntegerField(default=0)
        used_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'otp_challenge'
    db.create_tables([OtpChallenge])

    class PluginHealth(Model):
        plugin = CharField(max_length=40)
        probe = CharField(max_length=80)
        error = CharField(max_length=200, default='')
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'plugin_health'
            indexes = ((('plugin', 'probe'), True),)
    db.create_tables([PluginHealth])

    class PluginRevision(Model):
        number = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'plugin_revision'
    db.create_tables([PluginRevision])

    class PluginState(Model):
        name = CharField(unique=True, max_length=40)
        enabled = BooleanField(default=False)
        position = IntegerField(default=100)
        settings = JSONField(default=dict)
        alarm = CharField(max_length=60, default='')
        alarmed_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'plugin_state'
    db.create_tables([PluginState])

    class Record(Model):
        uid = CharField(unique=True, max_length=22)
        beneficiary = ForeignKeyField(Beneficiary)
        visit = ForeignKeyField(Visit, null=True)
        title = CharField(max_length=120)
        kind = CharField(max_length=4)
        stored_name = CharField(unique=True, max_length=40)
        size = IntegerField()
        sha256 = CharField(max_length=64)
        state = CharField(index=True, max_length=8, default='checking')
        refusal = CharField(max_length=120, default='')
        uploaded_at = DateTimeField()
        lease_until = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'record'
    db.create_tables([Record])

    class SendAttempt(Model):
        message = ForeignKeyField(Message)
        provider = CharField(max_length=60)
        at = DateTimeField()
        outcome = CharField(max_length=10)
        error = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'send_attempt'
    db.create_tables([SendAttempt])

    class Setting(Model):
        key = CharField(unique=True, max_length=60)
        value = JSONField()
        class Meta:
            database = db
            table_name = 'setting'
    db.create_tables([Setting])

    class SignIn(Model):
        key_hash = CharField(unique=True, max_length=64)
        account = ForeignKeyField(Account, null=True, on_delete='CASCADE')
        staff = ForeignKeyField(Staff, null=True, on_delete='CASCADE')
        created_at = DateTimeField()
        seen_at = DateTimeField()
        ends_at = DateTimeField()
        stepped_up_at = DateTimeField()
        ended_at = DateTimeField(index=True, null=True)
        class Meta:
            database = db
            table_name = 'sign_in'
    db.create_tables([SignIn])

    class SpentKey(Model):
        key = CharField(max_length=40)
        actor = CharField(max_length=40)
        parameters = CharField(max_length=64)
        location = CharField(max_length=300)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'spent_key'
            indexes = ((('key', 'actor'), True),)
    db.create_tables([SpentKey])

    class Transition(Model):
        visit = ForeignKeyField(Visit)
        at = DateTimeField()
        from_state = CharField(max_length=16)
        to_state = CharField(max_length=16)
        actor_kind = CharField(max_length=10)
        actor_uid = CharField(max_length=22)
        reason = CharField(max_length=200, default='')
        action = CharField(max_length=16, default='')
        outcome = CharField(max_length=20, default='')
        before = JSONField(null=True)
        undoes = ForeignKeyField('self', unique=True, null=True)
        class Meta:
            database = db
            table_name = 'transition'
    db.create_tables([Transition])

    class Wording(Model):
        template = CharField(max_length=24)
        language = CharField(max_length=2)
        text = TextField()
        registered = TextField(default='')
        template_id = CharField(max_length=19, default='')
        changed_at = DateTimeField()
        changed_by = CharField(max_length=22)
        class Meta:
            database = db
            table_name = 'wording'
            indexes = ((('template', 'language'), True),)
    db.create_tables([Wording])

    AuditHead.create()
    PluginRevision.create()
    protect_audit(db)


def protect_audit(db):
    is_sqlite = isinstance(db, SqliteDatabase)
    if not is_sqlite:
        db.execute_sql(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'audit rows are never changed'; END $$"
        )
    body = (
        "BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END"
        if is_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for deed in ("UPDATE", "DELETE"):
        db.execute_sql(f"CREATE TRIGGER audit_row_no_{deed.lower()} BEFORE {deed} ON audit_row {body}")


def down(migrator, db):
    migrator.migrate(migrator.drop_table('wording'))
    migrator.migrate(migrator.drop_table('transition'))
    migrator.migrate(migrator.drop_table('spent_key'))
    migrator.migrate(migrator.drop_table('sign_in'))
    migrator.migrate(migrator.drop_table('setting'))
    migrator.migrate(migrator.drop_table('send_attempt'))
    migrator.migrate(migrator.drop_table('record'))
    migrator.migrate(migrator.drop_table('plugin_state'))
    migrator.migrate(migrator.drop_table('plugin_revision'))
    migrator.migrate(migrator.drop_table('plugin_health'))
    migrator.migrate(migrator.drop_table('otp_challenge'))
    migrator.migrate(migrator.drop_table('message_opt_out'))
    migrator.migrate(migrator.drop_table('message'))
    migrator.migrate(migrator.drop_table('leave'))
    migrator.migrate(migrator.drop_table('hook_count'))
    migrator.migrate(migrator.drop_table('holiday'))
    migrator.migrate(migrator.drop_table('feedback'))
    migrator.migrate(migrator.drop_table('early_report'))
    migrator.migrate(migrator.drop_table('duty'))
    migrator.migrate(migrator.drop_table('drug'))
    migrator.migrate(migrator.drop_table('display'))
    migrator.migrate(migrator.drop_table('dispensed_item'))
    migrator.migrate(migrator.drop_table('prescribed_item'))
    migrator.migrate(migrator.drop_table('dispensing'))
    migrator.migrate(migrator.drop_table('prescription'))
    migrator.migrate(migrator.drop_table('delivery'))
    migrator.migrate(migrator.drop_table('event'))
    migrator.migrate(migrator.drop_table('counter'))
    migrator.migrate(migrator.drop_table('consult'))
    migrator.migrate(migrator.drop_table('consent'))
    migrator.migrate(migrator.drop_table('call_event'))
    migrator.migrate(migrator.drop_table('call_room'))
    migrator.migrate(migrator.drop_table('visit'))
    migrator.migrate(migrator.drop_table('referral'))
    migrator.migrate(migrator.drop_table('staff'))
    migrator.migrate(migrator.drop_table('clinic_session'))
    migrator.migrate(migrator.drop_table('beneficiary'))
    migrator.migrate(migrator.drop_table('register_entry'))
    migrator.migrate(migrator.drop_table('centre'))
    migrator.migrate(migrator.drop_table('audit_row'))
    migrator.migrate(migrator.drop_table('audit_head'))
    migrator.migrate(migrator.drop_table('attempt'))
    migrator.migrate(migrator.drop_table('announcement'))
    migrator.migrate(migrator.drop_table('specialty'))
    migrator.migrate(migrator.drop_table('account'))
