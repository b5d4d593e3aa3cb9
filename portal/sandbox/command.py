"""A command of the portal as a process of its own beside the worker, such as the daily backup; one at a time."""

import os
import subprocess
import sys

import structlog

log = structlog.get_logger(__name__)


class Command:
    """`portal <arguments>`; `niceness` is that of the system."""

    def __init__(self, *arguments: str, niceness: int = 0) -> None:
        self._arguments, self._niceness = arguments, niceness
        self._name = " ".join(arguments)
        self._child: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Is it running? The end of one that failed is logged; its sentence is in the log before."""
        code = self._child.poll() if self._child else 0
        if code is None:
            return True
        self._child = None
        if code:
            log.error("command_failed", command=self._name, code=code)
        return False

    def start(self) -> None:
        """Start it."""
        self._child = subprocess.Popen([sys.executable, "-m", "portal", *self._arguments])  # noqa: S603 our own command
        if self._niceness:
            os.setpriority(os.PRIO_PROCESS, self._child.pid, self._niceness)
        log.info("command_begins", command=self._name, pid=self._child.pid)

    def stop(self) -> None:
        """End it with the worker."""
        if self.is_running() and self._child:
            self._child.terminate()
