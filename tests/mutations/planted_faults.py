"""Faults for the numbers F: what must hold when something fails or is killed."""

from tests.mutations.fault import Planted

FAULTS = (
    Planted(
        "F15",
        "portal/store/db.py",
        '"synchronous": "full"',
        '"synchronous": "off"',
        "tests/kills/test_fsync.py::test_no_token_is_promised_while_the_database_cannot_be_kept",
    ),
    Planted(
        "F09",
        "portal/web/forms/kept.py",
        "    attempted(KeptForm.delete().where((KeptForm.owner == owner) & _is_page(path)))\n",
        "    KeptForm.delete().where((KeptForm.owner == owner) & _is_page(path)).execute()\n",
        "tests/sweeps/test_statements.py::test_a_deed_whose_statement_fails_leaves_nothing_and_can_be_done_again",
    ),
    Planted(
        "F09",
        "portal/web/again.py",
        "                if not was_rolled_back(error):\n",
        "                if True:\n",
        "tests/web/test_again.py::test_the_next_try_reads_every_file_again",
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
    Planted(
        "F13",
        "portal/store/db.py",
        "            disk.give_way()\n",
        "",
        "tests/test_full_disk.py::test_the_reserve_lets_people_sign_in_on_a_full_disk",
    ),
    Planted(
        "F13",
        "portal/core/records/files.py",
        "        if not place.has_room():  # the rest is reserved for the database\n",
        "        if False:\n",
        "tests/test_full_disk.py::test_a_full_disk_refuses_uploads_and_everything_else_works",
    ),
    Planted(
        "F14",
        "portal/store/filing/folder.py",
        'partial = path.with_name(f"{path.name}{PART}")\n',
        "partial = path\n",
        "tests/core/prescriptions/test_crash.py::"
        "test_a_file_whose_process_dies_before_the_rename_is_no_file_and_is_made_again",
    ),
    Planted(
        "F15",
        "portal/store/filing/folder.py",
        "size += len(chunk)\n        file.flush()\n        os.fsync(file.fileno())\n",
        "size += len(chunk)\n        file.flush()\n",
        "tests/core/records/test_fsync.py::test_an_upload_whose_fsync_fails_is_refused_and_names_no_file",
    ),
    Planted(
        "F10",
        "portal/store/postgres.py",
        "self.answer_seconds if timeout is None else timeout",
        "timeout",
        "tests/kills/test_stalls.py::"
        "test_while_the_database_hangs_requests_end_and_afterwards_all_connections_are_there",
    ),
    Planted(
        "F16",
        "portal/worker.py",
        "            self.standby.take(name, row_id)\n",
        "            pass\n",
        "tests/kills/test_stalls.py::test_while_the_queue_hangs_or_is_full_texts_are_asked_for_and_sent",
    ),
    Planted(
        "F04",
        "portal/worker.py",
        "    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n",
        "    for number in (signal.SIGTERM, signal.SIGINT):\n",
        "tests/kills/test_stalls.py::test_a_deploy_among_a_hundred_texts_loses_none_and_doubles_none",
    ),
    Planted(
        "F40",
        "portal/keeping/generation.py",
        "        for each in lost:\n            marks.source_of(each.series)",
        "        for each in []:\n            marks.source_of(each.series)",
        "tests/queue/test_simulation.py::test_a_day_with_a_restore_tells_no_number_twice",
    ),
    Planted(
        "S48",
        "portal/web/pages.py",
        '"inline" if inline else "attachment"',
        '"inline"',
        "tests/e2e/test_records.py::test_a_download_holds_nothing_that_runs",
    ),
)
