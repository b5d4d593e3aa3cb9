"""A Jitsi server for tests: Debian's real Prosody, with stand-ins for what no package has.

Prosody serves BOSH at /http-bind as on a real server, and the files of www/: a config.js and a stand-in for
external_api.js. The token check is tests/plugins/video_jitsi/prosody/mod_auth_token_standin.lua.
"""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from portal_plugins import video_jitsi

from tests.servers import free_port, need, wait_for

HERE = Path(__file__).parent
OURS = Path(str(video_jitsi.__file__)).parent / "prosody"
BOSH = "http://jabber.org/protocol/httpbind"
SASL, BIND = "urn:ietf:params:xml:ns:xmpp-sasl", "urn:ietf:params:xml:ns:xmpp-bind"
MUC = "http://jabber.org/protocol/muc"
XMPP = "xmlns:xmpp='urn:xmpp:xbosh'"
SID = re.compile(r"sid='([^']+)'")
CONFIG = """
pidfile = "{folder}/prosody.pid"; data_path = "{folder}"; run_as_root = true
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{folder}/prosody.log" }} }}
plugin_paths = {{ "{here}/prosody", "{ours}" }}
modules_enabled = {{ "saslauth", "bosh", "http_files" }}; modules_disabled = {{ "s2s", "c2s" }}
http_ports = {{ {port} }}; http_interfaces = {{ "127.0.0.1" }}; https_ports = {{ }}; http_default_host = "meet.test"
http_paths = {{ files = "/" }}; http_files_dir = "{here}/www"
consider_bosh_secure = true; c2s_require_encryption = false
VirtualHost "meet.test"
  authentication = "{auth}"
  app_id = "portal"; app_secret = "{secret}"; allow_empty_token = {empty}
{component}"""
EVENTS = """
Component "conference.meet.test" "muc"
  modules_enabled = {{ "portal_events" }}; muc_room_locking = false
  portal_events_url = "{url}"; portal_events_secret = "{secret}"
"""


@dataclass
class JitsiServer:
    """A running server, which can be stopped and restarted."""

    url: str
    config: Path
    child: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """Host and port, as in PORTAL_INTERNAL_HOSTS."""
        return self.url.removeprefix("http://")

    def start(self) -> None:
        """Start, and poll until it responds."""
        line = ["prosody", "-F", "--config", str(self.config)]
        self.child = subprocess.Popen(
            line, cwd=self.config.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self._answers, "Prosody to answer")

    def stop(self) -> None:
        """Kill it, like a crash."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/config.js", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


class Occupant:
    """A page in a Jitsi room, at the level of XMPP: it logs in with a token, joins, and leaves."""

    def __init__(self, server: JitsiServer, token: str) -> None:
        self._address, self._token, self._number, self._sid = f"{server.url}/http-bind", token, 1000, ""

    def join(self, room: str, nick: str) -> None:
        """Log in and join the room."""
        opening = f"to='meet.test' hold='1' wait='2' ver='1.6' xmpp:version='1.0' {XMPP}"
        self._sid = SID.findall(self._say(opening))[0]
        assert "<success" in self._say(inner=f"<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>")
        self._say(f"to='meet.test' xmpp:restart='true' {XMPP}")
        self._say(inner=f"<iq type='set' id='b' xmlns='jabber:client'><bind xmlns='{BIND}'/></iq>")
        to = f"{room}@conference.meet.test/{nick}"
        self._say(inner=f"<presence to='{to}' xmlns='jabber:client'><x xmlns='{MUC}'/></presence>")

    def leave(self) -> None:
        """Disconnect without telling the room."""
        self._say("type='terminate'")

    def _say(self, attributes: str = "", inner: str = "") -> str:
        self._number += 1
        session = f"sid='{self._sid}'" if self._sid else ""
        body = f"<body rid='{self._number}' {session} {attributes} xmlns='{BOSH}'>{inner}</body>"
        return httpx.post(self._address, params={"token": self._token}, content=body, timeout=10).text


@contextmanager
def jitsi(
    folder: Path, secret: str, *, auth: str = "token_standin", empty: bool = False, component: str = ""
) -> Iterator[JitsiServer]:
    """Run a server on a free port; `auth` anonymous lets everybody in, `empty` whoever has no token."""
    need("prosody", "no Jitsi server is tried")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "prosody.cfg.lua"
    text = CONFIG.format(
        folder=folder,
        here=HERE,
        port=port,
        auth=auth,
        secret=secret,
        empty=str(empty).lower(),
        ours=OURS,
        component=component,
    )
    config.write_text(text, encoding="utf-8")
    server = JitsiServer(f"http://127.0.0.1:{port}", config)
    try:
        server.start()
        yield server
    finally:
        server.stop()
