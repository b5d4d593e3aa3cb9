"""`python -m tests.deploy.container`: execute the container file's steps in an empty root, as root of this machine.

An engine would build layers and give the process namespaces; here each RUN is a shell in a chroot. The base image is
what debootstrap makes of the same release. At the end the portal is migrated and served inside, as the image's user.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers import ROOT, free_port

FILE = ROOT / "deploy" / "Containerfile"
# What a machine needs to reach its mirrors; an engine hands these on as well.
OF_THE_MACHINE = (
    "etc/resolv.conf",
    "etc/pip.conf",
    "etc/apt/apt.conf.d",
    "etc/ssl/certs",
    "usr/local/share/ca-certificates",
)
DEMO = {"PORTAL_DEMO": "1", "PORTAL_DEMO_PUBLIC": "yes"}


def steps_of(text: str) -> list[tuple[str, str]]:
    """Parse a container file into (instruction, rest); lines that end with a backslash are joined."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(name, rest.strip()) for name, _space, rest in (line.partition(" ") for line in lines if line.strip())]


class Root:
    """A folder in which the steps are executed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.environment, self.place = folder, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, "/"
        self.user = "0"

    def execute(self, name: str, rest: str) -> None:
        """Execute one instruction. Raises CalledProcessError for a command that fails."""
        if name == "FROM":
            release = re.sub(r".*debian:(\w+).*", r"\1", rest)
            if not (self.folder / "etc").exists():
                subprocess.run(["debootstrap", "--variant=minbase", release, str(self.folder)], check=True)
            self._of_the_machine()
        elif name == "RUN":
            self.run("sh", "-ec", rest)
        elif name == "COPY":
            self._copy(*rest.split())
        elif name == "WORKDIR":
            self.place = rest
            self.inside(rest).mkdir(parents=True, exist_ok=True)
        elif name == "ENV":
            for part in rest.split():
                key, _equals, value = part.partition("=")
                self.environment[key] = re.sub(r"\$(\w+)", lambda found: self.environment[found[1]], value)
        elif name == "USER":
            self.user = rest

    def run(self, *line: str, **more: str) -> None:
        """Run a command inside. Raises CalledProcessError."""
        subprocess.run(self.line(*line, **more), check=True)

    def line(self, *line: str, **more: str) -> list[str]:
        """Return the command line that runs a command inside."""
        settings = [f"{key}={value}" for key, value in (self.environment | more).items()]
        inside = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", self.place, *line]
        return ["chroot", f"--userspec={self.user}:{self.user}", str(self.folder), "env", "-i", *settings, *inside]

    def inside(self, path: str) -> Path:
        """Return where a path of the inside is."""
        return self.folder / (path if path.startswith("/") else f"{self.place}/{path}").lstrip("/")

    def _copy(self, *parts: str) -> None:
        *sources, target = parts
        for source in sources:
            path, to = ROOT / source, self.inside(target)
            if path.is_dir():
                shutil.copytree(path, to, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                shutil.copy(path, to)

    def _of_the_machine(self) -> None:
        for name in OF_THE_MACHINE:
            with suppress(FileNotFoundError):
                path, to = Path("/", name), self.folder / name
                if path.is_dir():
                    shutil.copytree(path, to, dirs_exist_ok=True, symlinks=False, ignore_dangling_symlinks=True)
                else:
                    shutil.copy(path, to)


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """Mount /proc and /dev inside for the block."""
    places = [("proc", folder / "proc"), ("/dev", folder / "dev")]
    subprocess.run(["mount", "-t", "proc", "proc", str(places[0][1])], check=True)
    subprocess.run(["mount", "--bind", "/dev", str(places[1][1])], check=True)
    try:
        yield
    finally:
        for _what, place in reversed(places):
            subprocess.run(["umount", "--lazy", str(place)], check=False)


def served(root: Root) -> str:
    """Migrate and serve the demonstration inside; return what /readyz says."""
    port = free_port()
    own = DEMO | {"PORTAL_BIND": f"127.0.0.1:{port}", "PORTAL_WEB_WORKERS": "1"}
    root.run("portal", "migrate", **own)
    with subprocess.Popen(root.line("portal", "serve", **own)) as child:
        try:
            for _second in range(60):
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=4) as answer:
                    return str(answer.read().decode())
                time.sleep(1)
        finally:
            child.terminate()
    raise SystemExit("the portal does not answer inside")


def main() -> None:
    """Execute every step, in a new folder or in the one named, whose base is kept."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise SystemExit("This needs root, and debootstrap.")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="root-"))
    first, *steps = steps_of(FILE.read_text("utf-8"))
    root = Root(folder)
    root.execute(*first)
    with mounted(folder):
        for name, rest in steps:
            print(f"{name} {rest}", flush=True)  # noqa: T201
            root.execute(name, rest)
        print(served(root))  # noqa: T201
    if len(sys.argv) < 2:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
