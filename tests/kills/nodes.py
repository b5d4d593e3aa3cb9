"""Two nodes, each with web, worker and a data folder of its own, that share PostgreSQL, Redis and a store of S3."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.kills.balancer import Balancer
from tests.kills.rig import TARGETS, Rig
from tests.s3 import environment_of, s3_server
from tests.scripted import Scripted
from tests.servers import Portal, free_port, unseeded_portal

KEY = "one key for all the nodes of this deployment"
NODES = ("A", "B")
PROCESSES = {"web": "serve", "worker": "worker"}


class Nodes(Rig):
    """The rig of two nodes behind a balancer. `rig.portal` is node A, as people reach both.

    `store_url`: where files lie instead of a server that speaks S3.
    """

    def __init__(self, folder: Path, gateway: Scripted, people: int, store_url: str = "") -> None:
        self._left = ExitStack()
        self.nodes: dict[str, Portal] = {}
        binds = [f"127.0.0.1:{free_port()}" for _node in NODES]
        self.balancer = Balancer(folder / "nginx", binds)
        s3 = {} if store_url else environment_of(self._left.enter_context(s3_server(folder, "files")))
        self._shared = s3 | {
            "PORTAL_STORE_URL": store_url or "s3://files/opd",
            "PORTAL_SECRET_KEY": KEY,
            "PORTAL_WEB_WORKERS": "1",
            "PORTAL_BASE_URL": self.balancer.url,
            "PORTAL_TRUSTED_PROXIES": "1",
        }
        super().__init__("nodes", folder, gateway, people, PORTAL_BIND=binds[0], **self._shared)
        other = unseeded_portal(folder / "other", **self.settings | {"PORTAL_BIND": binds[1]})
        shutil.copytree(self.portal.data_dir / "signing", other.data_dir / "signing")
        self.nodes = {"A": self.portal, "B": other}
        self.portal = replace(self.portal, url=self.balancer.url)  # it shares the children

    def start(self, left_out: str = "") -> None:
        """Start every process of both nodes; `left_out`: but for this one."""
        self.balancer.start()
        for target in TARGETS["nodes"]:
            kind, _space, letter = target.partition(" ")
            if kind in PROCESSES and target != left_out:
                self.nodes[letter].start(PROCESSES[kind])
        self.wait_until_ready()

    def kill(self, target: str) -> Callable[[], None]:
        """Kill `web A` or the like, or a store."""
        kind, _space, letter = target.partition(" ")
        if kind not in PROCESSES:
            return super().kill(target)
        node, name = self.nodes[letter], PROCESSES[kind]
        if name in node.children:
            self.killed[target] += 1
            self.kill_child(node, name)
        return lambda: node.start(name)

    def portals(self) -> list[Portal]:
        """Both nodes."""
        return list(self.nodes.values())

    def stop(self) -> dict[str, int]:
        """Stop everything in order; return the exit codes."""
        codes = {
            f"{name} {letter}": node.stop(name) for letter, node in self.nodes.items() for name in list(node.children)
        }
        super().stop()
        self.balancer.stop()
        self._left.close()
        return codes
