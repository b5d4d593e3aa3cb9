"""The WSGI application for granian, or any other server."""

from portal.app import create_app

app = create_app()
