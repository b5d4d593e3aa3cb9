"""The scan of a written permission, which only the pharmacy of its centre can open."""

EXPANDS = True
TABLES = ('permission', 'indent_permission')


def up(migrator, db):
    for table in TABLES:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "scan_id" INTEGER REFERENCES "record" ("id")')
        db.execute_sql(f'CREATE INDEX "{table.replace("_", "")}_scan_id" ON "{table}" ("scan_id")')


def down(migrator, db):
    for table in TABLES:
        migrator.migrate(migrator.drop_column(table, 'scan_id'))
