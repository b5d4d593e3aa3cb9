"""Firefox ESR with a fake camera, driven by its own remote protocol (WebDriver BiDi): Playwright needs a newer one."""

import asyncio
import itertools
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.servers import free_port, need, wait_for

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,  # the TURN server of the test listens there
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#",  # nothing is asked of Mozilla's servers
}
ANSWER_WITHIN = 60  # seconds


class Firefox:
    """One window; commands are sent one after the other."""

    def __init__(self, address: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._numbers = itertools.count(1)
        self._http, self._socket = self._wait(_connected(address))
        self.send("session.new", capabilities={})
        self.window = self.send("browsingContext.create", type="tab")["context"]

    def send(self, method: str, **params: Any) -> Any:
        """Send a command; return its result. Raises AssertionError with what Firefox says against it."""
        answer = self._wait(self._answer(next(self._numbers), method, params))
        assert answer["type"] == "success", answer
        return answer["result"]

    def evaluate(self, script: str) -> Any:
        """Evaluate an expression or a promise in the page; return what it comes to, by JSON."""
        answer = self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({script}) ?? null))()",
            target={"context": self.window},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def before_each_page(self, script: str) -> None:
        """Run a script before those of every page."""
        self.send("script.addPreloadScript", functionDeclaration=f"() => {{ {script} }}")

    def go(self, address: str) -> None:
        """Open an address, until it is loaded."""
        self.send("browsingContext.navigate", context=self.window, url=address, wait="complete")

    def set_cookie(self, name: str, value: str, domain: str) -> None:
        """Set a cookie of the portal."""
        cookie = {"name": name, "value": {"type": "string", "value": value}, "domain": domain}
        self.send("storage.setCookie", cookie=cookie)

    def close(self) -> None:
        """End the connection."""
        self._wait(self._socket.close())
        self._wait(self._http.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _answer(self, number: int, method: str, params: dict[str, Any]) -> Any:
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while (said := await self._socket.receive_json()).get("id") != number:
            pass  # an event
        return said

    def _wait(self, doing: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(ANSWER_WITHIN)


async def _connected(address: str) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    http = aiohttp.ClientSession()
    return http, await http.ws_connect(address, max_msg_size=0)


@contextmanager
def running_firefox(folder: Path) -> Iterator[Firefox]:
    """Start Firefox without a screen, with a profile of its own."""
    need("firefox-esr", "no call is tried in Firefox")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("".join(lines))
    port = free_port()
    line = ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder), f"--remote-debugging-port={port}"]
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen(line, stdout=log, stderr=log, env=os.environ | {"HOME": str(folder)})
    try:
        wait_for(lambda: b"WebDriver BiDi listening" in (folder / "firefox.log").read_bytes(), "Firefox")
        firefox = Firefox(f"ws://127.0.0.1:{port}/session")
        yield firefox
        firefox.close()
    finally:
        process.terminate()
        process.wait(20)
