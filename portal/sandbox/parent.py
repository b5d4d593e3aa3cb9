"""End a process with its parent, also when that is killed (kill -9, out of memory)."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with(parent: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel (PR_SET_PDEATHSIG) to send `how` to this process when its parent dies, or has died already.

    Call it in a process started by its parent's main thread: the kernel follows the thread.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os.kill(os.getpid(), how)
