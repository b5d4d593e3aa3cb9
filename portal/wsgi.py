"""The WSGI application for granian, or any other server."""

import gc
from multiprocessing.util import Finalize

from portal.app import create_app

app = create_app()
# granian ends its workers with os._exit: atexit would not be heard.
Finalize(None, app.extensions["portal.live"].close, exitpriority=1)
# What is there for good is not looked through for garbage: a tenth of a second at a time in which no thread answers.
gc.collect()
gc.freeze()
# What requests make is mostly freed without the collector, so it need not look after every 700 objects.
gc.set_threshold(50_000, 20, 100)
