"""Run a plugin's sandbox (a stand-in of the external system) from a terminal."""

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import click

from portal.base.errors import Invalid, NotFound
from portal.base.typed import ascii_whole
from portal.config import LOOPBACK
from portal.plugin_host.registry import registry


class Server(ThreadingMixIn, WSGIServer):
    """A thread per request, so that a scripted slow response blocks no other."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No access log: the sandbox keeps a ledger."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


def server(name: str, bind: str) -> WSGIServer:
    """Bind the plugin's sandbox to a loopback address. Raises NotFound or Invalid with a sentence."""
    application = registry().ask(name, "sandbox")
    if application is None:
        raise NotFound(f"The plugin {name} has no sandbox.")
    host, _, written = bind.rpartition(":")
    port = ascii_whole(written, 0, 65535)
    if host not in LOOPBACK or port is None:
        raise Invalid(
            {"--bind": "it must be a loopback address such as 127.0.0.1:18100, as a sandbox is for yourself."}
        )
    try:
        return make_server(host, port, application, Server, Quiet)
    except OSError as error:
        raise Invalid({"--bind": f"{bind} cannot be listened on: {error.strerror}"}) from error


def run(name: str, bind: str) -> None:
    """Serve until Ctrl-C."""
    stand_in = server(name, bind)
    click.echo(f"A stand-in of the other side of {name} on http://{bind} (not the real one). Ctrl-C ends it.")
    try:
        stand_in.serve_forever()
    except KeyboardInterrupt:
        click.echo("Ended.")
    finally:
        stand_in.server_close()
