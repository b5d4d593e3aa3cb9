"""What the pharmacy gave is sent too: a row names its dispensing."""

EXPANDS = True


def up(migrator, db):
    db.execute_sql(
        'ALTER TABLE "esanjeevani_bridge_outgoing" ADD COLUMN "subject" VARCHAR(22) NOT NULL DEFAULT \'\''
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_column('esanjeevani_bridge_outgoing', 'subject'))
