"""Supervise the web processes: restart a dead one with exponential back-off, while the others go on serving."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import click
import structlog
from granian.server.mp import MPServer, WorkerProcess

from portal.base import clock
from portal.sandbox import parent
from portal.server.failures import sentence_of
from portal.work.leases import BackOff

CANNOT_START = os.EX_CONFIG  # exit code of a process that printed its error
BACK_OFF = BackOff(first=1, longest=30, at_once=1)
RESET_AFTER = 60.0  # seconds
log = structlog.get_logger(__name__)


class Restarts:
    """Back-off of restarts: 0, 1, 2, 4 … 30 s; reset when a process has lived for a minute."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}

    def after(self, number: int, lived: float) -> float:
        """Return the back-off in seconds for a process that lived for `lived` seconds."""
        self._ends[number] = 1 if lived > RESET_AFTER else self._ends.get(number, 0) + 1
        return BACK_OFF.after(self._ends[number]).total_seconds()


class WebProcesses(MPServer):
    """granian's supervisor, but with restarts: granian stops everything when a process dies twice within seconds."""

    def __init__(self, target: str, **options: Any) -> None:
        super().__init__(target, **options)
        self._restarts, self._due = Restarts(), dict[int, float]()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; exit code 1 when no process can start."""
        self.serve(target_loader=_loaded)

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(self._seconds_to_next())
            self.main_loop_interrupt.clear()
            while self.interrupt_children:
                number = self.interrupt_children.pop()
                if self._cannot_start(number):
                    self.interrupt_children.append(number)  # makes granian exit with code 1
                    return
                self._schedule_restart(number)
            self._start_due(spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        self.interrupt_children.clear()  # on Ctrl-C the children exit on purpose

    def _cannot_start(self, number: int) -> bool:
        """Did it fail with a configuration error while no other is alive? Then a restart is futile."""
        return self._ending(number) == CANNOT_START and not any(process.inner.is_alive() for process in self.wrks)

    def _schedule_restart(self, number: int) -> None:
        wait = self._restarts.after(number, clock.monotonic() - self.wrks[number].birth)
        self._due[number] = clock.monotonic() + wait
        log.error("web_process_ended", process=number + 1, ending=_in_words(self._ending(number)), again_in=wait)

    def _start_due(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        due = [number for number, moment in self._due.items() if moment <= clock.monotonic()]
        for number in due:
            del self._due[number]
        self._respawn_workers(due, spawn_target, target_loader)

    def _seconds_to_next(self) -> float | None:
        return max(0.0, min(self._due.values()) - clock.monotonic()) if self._due else None

    def _ending(self, number: int) -> int:
        process: WorkerProcess = self.wrks[number]
        return int(process.inner.exitcode or 0)


def _loaded(target: str) -> Any:
    """Load the application in a web process that dies with the server. Prints one sentence for an expected error."""
    from granian._internal import load_target

    for number in (signal.SIGTERM, signal.SIGINT):  # inherited handlers would swallow them
        signal.signal(number, signal.SIG_DFL)
    server = multiprocessing.parent_process()
    if server is not None and server.pid is not None:
        parent.end_with(server.pid)
    try:
        return load_target(target)
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        click.echo(f"Error: {sentence}", err=True)
        sys.exit(CANNOT_START)


def _in_words(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
