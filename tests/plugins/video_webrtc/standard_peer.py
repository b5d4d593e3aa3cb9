"""A third implementation of WebRTC in a call: aiortc, which speaks the portal's signalling as call.js does."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import httpx
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaPlayer
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

ANSWER_WITHIN, POLL = 60, 0.4  # seconds
PICTURE, SOUND = "testsrc=size=320x240:rate=15", "sine=frequency=440:sample_rate=48000"
LOUD = 100  # of 32,768: what is below is silence


class StandardPeer:
    """One side of a call, relayed only as the portal says; counts what it decodes in `seen`, by kind."""

    def __init__(self, url: str, cookie: str, join: str) -> None:
        self.seen: Counter[str] = Counter()
        self.sent_candidates: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._http = httpx.AsyncClient(base_url=url, timeout=ANSWER_WITHIN)
        self._http.cookies.set("portal", cookie, domain="127.0.0.1")
        self._tasks: set[asyncio.Task[None]] = set()
        self._wait(self._join(join))

    def relays(self) -> set[str]:
        """Kinds of the addresses that it told the other side."""
        return {line.split(" typ ")[1].split()[0] for line in self.sent_candidates}

    def close(self) -> None:
        """Say bye and hang up."""
        self._wait(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(ANSWER_WITHIN)

    async def _join(self, address: str) -> None:
        page = (await self._http.get("/privacy")).raise_for_status().text
        call = (await self._http.get(address)).raise_for_status().text
        self._signal = _part(r'data-signal="([^"]+)"', call)
        csrf, seat = _part(r'name="csrf-token" content="([^"]+)"', page), _part(r'data-seat="([^"]+)"', call)
        self._http.headers.update({"Accept": "application/json", "X-CSRFToken": csrf, "X-Seat": seat})
        self._media = [MediaPlayer(source, format="lavfi") for source in (SOUND, PICTURE)]
        answer = await self._say(kind="hello")
        self._epoch = self._heard = answer["epoch"]
        self._connection = RTCPeerConnection(_configuration(answer["servers"]))
        self._connection.on("track", lambda track: self._begin(self._count(track)))
        for player in self._media:
            self._connection.addTrack(player.audio or player.video)
        for other in answer["others"]:
            await self._describe("offer", other["epoch"])
        self._begin(self._listen())

    async def _leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._say(kind="bye", epoch=self._epoch)
        await self._connection.close()
        for player in self._media:
            (player.audio or player.video).stop()
        await self._http.aclose()

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(doing))

    async def _say(self, **message: Any) -> Any:
        return (await self._http.post(self._signal, json=message)).raise_for_status().json()

    async def _describe(self, kind: str, peer: int) -> None:
        """Send an offer or answer; aiortc gathers all candidates before, so they stand in it."""
        make = self._connection.createOffer if kind == "offer" else self._connection.createAnswer
        await self._connection.setLocalDescription(await make())
        sdp = self._connection.localDescription.sdp
        self.sent_candidates |= {line for line in sdp.splitlines() if line.startswith("a=candidate")}
        await self._say(kind=kind, epoch=self._epoch, peer=peer, sdp=sdp)

    async def _listen(self) -> None:
        while True:
            query = {"epoch": self._epoch, "after": self._heard}
            answer = (await self._http.get(self._signal, params=query)).raise_for_status().json()
            for message in answer["messages"]:
                self._heard = message["number"]
                await self._hear(message)
            await asyncio.sleep(POLL)

    async def _hear(self, message: dict[str, Any]) -> None:
        if message["kind"] in {"offer", "answer"}:
            await self._connection.setRemoteDescription(RTCSessionDescription(message["sdp"], message["kind"]))
        if message["kind"] == "offer":
            await self._describe("answer", message["epoch"])
        for each in message.get("candidates", ()):
            candidate = candidate_from_sdp(each["candidate"].removeprefix("candidate:"))
            candidate.sdpMid, candidate.sdpMLineIndex = each["sdpMid"], each["sdpMLineIndex"]
            await self._connection.addIceCandidate(candidate)

    async def _count(self, track: MediaStreamTrack) -> None:
        """Count decoded pictures, and pieces of sound that are not silence."""
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if track.kind == "video" or max(memoryview(frame.planes[0]).cast("h")) > LOUD:
                self.seen[track.kind] += 1


def _configuration(servers: dict[str, Any]) -> RTCConfiguration:
    ice = [RTCIceServer(**each) for each in servers["iceServers"]]
    return RTCConfiguration(iceServers=ice, iceTransportPolicy=RTCIceTransportPolicy(servers["iceTransportPolicy"]))


def _part(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"no {pattern} in what the portal answered"
    return found[1]
