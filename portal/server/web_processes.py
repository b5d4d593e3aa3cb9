"""The web server's processes: each that ends is started anew, later and later, while the others go on serving."""

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

CANNOT_START = os.EX_CONFIG  # a process that has said in a sentence why
BACK_OFF = BackOff(first=1, longest=30, at_once=1)
FORGIVEN_AFTER = 60.0  # seconds
log = structlog.get_logger(__name__)


class Restarts:
    """How long a process that ended waits for its next life: nothing, 1, 2, 4 … 30 s; a minute's life forgives."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}

    def after(self, number: int, lived: float) -> float:
        """Seconds to wait, now that this process has ended after so many."""
        self._ends[number] = 1 if lived > FORGIVEN_AFTER else self._ends.get(number, 0) + 1
        return BACK_OFF.after(self._ends[number]).total_seconds()


class WebProcesses(MPServer):
    """granian's, but for one thing: it gives up when a process ends twice within seconds, and with it all others."""

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
                    self.interrupt_children.append(number)  # by which granian's end is one with exit code 1
                    return
                self._put_off(number)
            self._start_due(spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
        self.interrupt_children.clear()  # Ctrl-C reaches the processes too: that they ended was wanted

    def _cannot_start(self, number: int) -> bool:
        """Has it said why, and is nobody else there? Then trying again would only say it again."""
        return self._ending(number) == CANNOT_START and not any(process.inner.is_alive() for process in self.wrks)

    def _put_off(self, number: int) -> None:
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
    """The application, in a process of its own, which ends with the server. One sentence when it cannot be made."""
    from granian._internal import load_target

    for number in (signal.SIGTERM, signal.SIGINT):  # the server's own handlers would swallow them until granian's stand
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
