"""Indexes for what is looked up beside a growing past: a doctor's active visits, a provider's open rooms, papers to be made."""

PAPERS = ('prescription', 'large_print', 'referral_slip')


def up(migrator, db):
    db.execute_sql('CREATE INDEX "visit_doctor_state" ON "visit" ("doctor_id", "state")')
    db.execute_sql('CREATE INDEX "call_room_open" ON "call_room" ("provider") WHERE "closed_at" IS NULL')
    for table in PAPERS:
        db.execute_sql(f'CREATE INDEX "{table}_unmade" ON "{table}" ("id") WHERE "stored_at" IS NULL')


def down(migrator, db):
    for name in ('visit_doctor_state', 'call_room_open', *(f'{table}_unmade' for table in PAPERS)):
        db.execute_sql(f'DROP INDEX "{name}"')
