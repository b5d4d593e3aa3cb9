"""Starting the web server."""

from dataclasses import replace

from portal import serving
from portal.store.db import database
from tests.servers import free_port


def test_the_web_server_forks_without_an_open_connection(db, config, monkeypatch):
    """Web processes are forks: a connection would be shared between them."""
    begun = []

    class Server:
        def run(self) -> None:
            begun.append(database.is_closed())

    monkeypatch.setattr(serving, "make_server", lambda _config: Server())
    serving.serve(replace(config, port=free_port()))
    assert begun == [True]
