"""The WSGI application for granian, or any other server."""

import gc
import os
import threading
from multiprocessing import parent_process
from multiprocessing.util import Finalize

from portal.app import create_app
from portal.core import clock

LOOK_EVERY = 1.0  # seconds


def _end_with(parent: int) -> None:
    """Granian that was killed cannot end its processes: they would keep its port and answer beside the next one."""
    while os.getppid() == parent:
        clock.sleep(LOOK_EVERY)
    os._exit(1)


app = create_app()
if granian := parent_process():  # asked of multiprocessing: it may have been killed before we came so far
    threading.Thread(target=_end_with, args=(granian.pid,), name="parent", daemon=True).start()
# granian ends its workers with os._exit: atexit would not be heard.
Finalize(None, app.extensions["portal.live"].close, exitpriority=1)
# What is there for good is not looked through for garbage: a tenth of a second at a time in which no thread answers.
gc.collect()
gc.freeze()
# What requests make is mostly freed without the collector, so it need not look after every 700 objects.
gc.set_threshold(50_000, 20, 100)
