"""Commands of the portal that run beside the worker."""

import os

from portal.sandbox import command
from portal.sandbox.command import Command
from tests.servers import wait_for


def test_a_command_runs_beside_and_the_end_of_a_failed_one_is_logged_once(monkeypatch):
    said = []
    monkeypatch.setattr(command.log, "error", lambda event, **values: said.append((event, values)))
    trial = Command("no-such-command", niceness=5)
    assert not trial.is_running()
    trial.start()
    assert trial.is_running()
    wait_for(lambda: not trial.is_running(), "the end of the command")
    assert not trial.is_running()
    assert said == [("command_failed", {"command": "no-such-command", "code": 2})]


def test_a_running_command_ends_with_the_worker_at_its_niceness(tmp_path, monkeypatch):
    program = tmp_path / "portal"
    program.mkdir()
    (program / "__main__.py").write_text("import time\ntime.sleep(60)\n")
    (program / "__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    trial = Command(niceness=5)
    trial.start()
    assert trial._child is not None
    assert os.getpriority(os.PRIO_PROCESS, trial._child.pid) == 5
    trial.stop()
    wait_for(lambda: not trial.is_running(), "the end of the command")
