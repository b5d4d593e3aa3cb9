"""The WSGI application for granian, or any other server."""

import atexit

from portal.app import create_app

app = create_app()
atexit.register(app.extensions["portal.live"].close)
