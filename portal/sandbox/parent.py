"""Processes that have no business without their parent end with it, also when that is killed (kill -9, no memory)."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """The kernel sends `how` to this process as soon as its parent is gone; at once when it is gone already.

    To be called in a process that its parent's main thread has started: the kernel follows the thread.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os.kill(os.getpid(), how)
