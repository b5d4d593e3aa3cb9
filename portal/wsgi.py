"""The WSGI application for granian, or any other server."""

from multiprocessing.util import Finalize

from portal.app import create_app

app = create_app()
# granian ends its workers with os._exit: atexit would not be heard.
Finalize(None, app.extensions["portal.live"].close, exitpriority=1)
