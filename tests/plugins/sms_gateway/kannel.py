"""A real Kannel (bearerbox and smsbox) of the test's own, and the SMSC that it talks SMPP with."""

import asyncio
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import smpp34

from tests.servers import free_port, need, wait_for

RECEIPT = "id:{id} sub:001 dlvrd:001 submit date:2611230930 done date:2611230930 stat:{state} err:000 text:x"
CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
smsbox-port = {box}
smsbox-interface = "127.0.0.1"
admin-password = admin
status-password = status
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal
store-type = spool
store-location = "{store}"

group = smsc
smsc = smpp
smsc-id = operator
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = opd
smsc-password = opdpw
system-type = ""
interface-version = 34
reconnect-delay = 1

group = smpp-tlv
name = peid
tag = 0x1400
type = octetstring
length = 30

group = smpp-tlv
name = tmid
tag = 0x1401
type = octetstring
length = 30

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {http}
sendsms-interface = "127.0.0.1"
global-sender = CGHSTC

group = sendsms-user
username = opd
password = opdpw
concatenation = true
max-messages = 5

group = sms-service
keyword = default
text = "no service"
"""


@dataclass(frozen=True)
class Delivered:
    """One short message as the SMSC received it."""

    to: str
    sender: str
    text: str
    entity: str
    template: str


@dataclass
class Centre:
    """The operator's SMSC. Numbers ending in 0000 are undeliverable, those in 9999 it rejects."""

    port: int = field(default_factory=free_port)
    ledger: list[Delivered] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    async def _serve(self) -> None:
        server = smpp34.Server(host="127.0.0.1", port=self.port, system_id="SMSC")
        await server.start()
        peers: dict[Any, Any] = {}
        reports: list[asyncio.Task[None]] = []
        coming = asyncio.ensure_future(server.next())
        while not self._stop.is_set():
            if not (await asyncio.wait({coming}, timeout=0.1))[0]:  # cancelling a read would lose data
                continue
            event, coming = coming.result(), asyncio.ensure_future(server.next())
            if isinstance(event, smpp34.Esme):
                peers[event.session_id] = event
            elif isinstance(event, smpp34.SubmitSmEvent):
                reports += self._take(event, peers[event.session_id])
        coming.cancel()
        await asyncio.gather(coming, *reports, return_exceptions=True)
        await server.stop()

    def _take(self, event: Any, peer: Any) -> list[asyncio.Task[None]]:
        self.ledger.append(_read(event))
        if event.destination_addr.endswith("9999"):
            event.reject(smpp34.ESME_RINVDSTADR)
            return []
        number = f"M{len(self.ledger)}"
        event.accept(message_id=number)
        state = "UNDELIV" if event.destination_addr.endswith("0000") else "DELIVRD"
        words = RECEIPT.format(id=number, state=state).encode()
        return [asyncio.ensure_future(_report(peer, event.destination_addr, event.source_addr, words))]

    @contextmanager
    def running(self) -> Iterator["Centre"]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        thread.start()
        wait_for(lambda: listens(self.port), "the operator's centre")
        try:
            yield self
        finally:
            self._stop.set()
            thread.join(5)


@dataclass
class Kannel:
    """Both boxes, which can be killed and restarted."""

    folder: Path
    centre: Centre
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("admin", "box", "http")})
    boxes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """URL of sendsms."""
        return f"http://127.0.0.1:{self.ports['http']}/cgi-bin/sendsms"

    def start(self) -> None:
        """Start bearerbox, then smsbox, then wait for the operator."""
        path = self.folder / "kannel.conf"
        store = self.folder / "store"
        store.mkdir(exist_ok=True)
        path.write_text(CONFIGURATION.format(**self.ports, smsc=self.centre.port, store=store))
        for program, port in (("bearerbox", "box"), ("smsbox", "http")):
            with (self.folder / f"{program}.log").open("ab") as log:
                self.boxes.append(subprocess.Popen([f"/usr/sbin/{program}", "-v", "1", path], stdout=log, stderr=log))
            wait_for(lambda port=port: listens(self.ports[port]), program)
        wait_for(self._is_online, "Kannel to be online")

    def kill(self) -> None:
        """Kill, like a power cut."""
        for box in self.boxes:
            box.kill()
            box.wait()
        self.boxes.clear()

    def _is_online(self) -> bool:
        import httpx

        status = httpx.get(f"http://127.0.0.1:{self.ports['admin']}/status.txt?password=status", timeout=2).text
        return "(online" in status


def listens(port: int) -> bool:
    """Tell whether the port accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running_kannel(folder: Path) -> Iterator[Kannel]:
    """Run Kannel and its SMSC until the end of the block."""
    need("/usr/sbin/bearerbox", "nothing is sent through a real Kannel")
    with Centre().running() as centre:
        kannel = Kannel(folder, centre)
        try:
            kannel.start()
            yield kannel
        finally:
            kannel.kill()


async def _report(peer: Any, mobile: str, sender: str, words: bytes) -> None:
    await asyncio.sleep(0.05)
    await peer.deliver_sm(source_addr=mobile, destination_addr=sender, esm_class=4, short_message=words)


def _read(event: Any) -> Delivered:
    body = event.short_message
    if event.esm_class & 0x40:
        body = body[body[0] + 1 :]
    text = body.decode("utf-16-be") if event.data_coding == 8 else body.decode("ascii")
    ids = {tlv.tag: bytes(tlv.value).decode() for tlv in event.tlvs}
    return Delivered(event.destination_addr, event.source_addr, text, ids.get(0x1400, ""), ids.get(0x1401, ""))
