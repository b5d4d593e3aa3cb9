"""Faults for the numbers F: what must hold when something fails or is killed."""

from tests.mutations.fault import Planted

FAULTS = (
    Planted(
        "F09",
        "portal/web/forms/kept.py",
        "    attempted(KeptForm.delete().where((KeptForm.owner == owner) & _is_page(path)))\n",
        "    KeptForm.delete().where((KeptForm.owner == owner) & _is_page(path)).execute()\n",
        "tests/sweeps/test_statements.py::test_a_deed_whose_statement_fails_leaves_nothing_and_can_be_done_again",
    ),
    Planted(
        "F19",
        "portal/store/db.py",
        "    if database.obj is not None and database.in_transaction():\n",
        "    if False:\n",
        "tests/base/test_outbound.py::test_no_pooled_connection_or_transaction_is_held_during_a_call",
    ),
    Planted(
        "F37",
        "portal/store/migrator.py",
        "f'CREATE INDEX IF NOT EXISTS \"{name}\" ON {on}'",
        "f'CREATE INDEX \"{name}\" ON {on}'",
        "tests/sweeps/test_broken_migrations.py::test_a_migration_that_breaks_off_is_run_again_and_ends_the_same",
    ),
)
