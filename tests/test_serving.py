"""Starting the web server."""

from portal import serving
from portal.core.db import database


def test_the_web_server_begins_without_a_connection(db, config, monkeypatch):
    """Its processes are copies of this one: what a copy closes, or sends, would be the others' too."""
    begun = []

    class Server:
        def serve(self) -> None:
            begun.append(database.is_closed())

    monkeypatch.setattr(serving, "make_server", lambda _config: Server())
    serving.serve(config)
    assert begun == [True]
