"""Stand-ins of the other side of a plugin, run from a terminal."""

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import click

from portal.base.errors import Invalid, NotFound
from portal.config import LOOPBACK
from portal.plugin_host.registry import registry


class Server(ThreadingMixIn, WSGIServer):
    """One thread a call, so that a slow answer of the script holds up nobody else."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing of each call: the ledger does."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Not a word."""


def server(name: str, bind: str) -> WSGIServer:
    """The stand-in of a plugin's other side on a loopback address. Raises NotFound or Invalid with a sentence."""
    application = registry().ask(name, "sandbox")
    if application is None:
        raise NotFound(f"The plugin {name} has no sandbox.")
    host, _, port = bind.rpartition(":")
    if host not in LOOPBACK or not port.isdecimal():
        raise Invalid(
            {"--bind": "it must be a loopback address such as 127.0.0.1:18100, as a sandbox is for yourself."}
        )
    try:
        return make_server(host, int(port), application, Server, Quiet)
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
