"""Files of deleted rows go after the commit, and also after a crash."""

from portal.core.prescriptions.models import Prescription
from portal.core.rights.clearing import doomed, runs
from portal.core.rights.clearing.models import DoomedFile
from tests.core.rights.clearing.kept import stored


def test_a_crash_between_rows_and_files_is_finished_by_the_sweep(person, due, run, monkeypatch, clock):
    run()
    monkeypatch.setattr(doomed, "delete_doomed", lambda: 0)  # the process is killed after the commit
    run(is_dry=False)
    assert not Prescription.select().exists()
    assert stored()
    monkeypatch.undo()
    runs.sweep_retention(clock.now())
    assert stored() == []
    assert not DoomedFile.select().exists()
