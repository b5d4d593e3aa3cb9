"""`make run`: all processes in one terminal, ending with it."""

import signal
import subprocess
import sys

import httpx
import pytest

from portal.demo.run import Processes
from tests.servers import ROOT, free_port, seeded_portal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "the window is closed"])
def test_all_processes_end_with_the_terminal(tmp_path, number):
    portal = seeded_portal(tmp_path / "var", PORTAL_BIND=f"127.0.0.1:{free_port()}", PORTAL_WEB_WORKERS="1")
    line = [sys.executable, "-m", "portal", "demo"]
    with (tmp_path / "errors").open("w") as errors:
        demo = subprocess.Popen(line, env=portal.environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    said = ""
    while "Ctrl-C" not in said and demo.poll() is None:
        said += demo.stdout.readline()
    assert portal.is_ready()
    assert f"Paramarsh is ready at {portal.url}" in said
    httpx.get(f"{portal.url}/login")
    demo.send_signal(number)
    said += demo.communicate(timeout=300)[0]
    assert demo.returncode == 0
    assert '"event": "request"' not in said + (tmp_path / "errors").read_text()
    assert '"route": "/login"' in (portal.data_dir / "demo.log").read_text()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{portal.url}/healthz")


def test_a_process_that_cannot_start_says_why_on_the_screen(tmp_path, capfd):
    log = tmp_path / "demo.log"
    log.write_text('{"event": "request"}\n')
    processes = Processes(log)
    processes.start("sreve")
    assert processes.wait_for_end() == 1
    said = capfd.readouterr().err
    assert "No such command 'sreve'" in said
    assert "request" not in said
