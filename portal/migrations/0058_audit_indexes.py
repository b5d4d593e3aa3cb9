"""Two indexes of the audit log begin longer ones since 0056: each would be written with every row for nothing."""

SERVES = '0056_audit_searched'


def up(migrator, db):
    for name in ('auditrow_action', 'auditrow_subject'):
        db.execute_sql(f'DROP INDEX "{name}"')


def down(migrator, db):
    db.execute_sql('CREATE INDEX "auditrow_action" ON "audit_row" ("action")')
    db.execute_sql('CREATE INDEX "auditrow_subject" ON "audit_row" ("subject")')
