"""The WSGI application for granian, or any other server."""

import gc
from multiprocessing.util import Finalize

from portal.app import create_app
from portal.tracing.switch import close_tracing

app = create_app()
# granian ends its workers with os._exit, which skips atexit.
Finalize(None, app.extensions["portal.live"].close, exitpriority=1)
Finalize(None, close_tracing, (app,), exitpriority=1)
# Exclude permanent objects from garbage collection: each full run would pause all threads for a tenth of a second.
gc.collect()
gc.freeze()
# Objects of requests are mostly freed by reference counting, so collect less often than every 700 allocations.
gc.set_threshold(50_000, 20, 100)
