"""`python -m tests.deploy.container`: execute the container file's steps in an empty root, as root of this machine.

An engine would build layers and give the process namespaces; here each RUN is a shell in a chroot. The base image is
what debootstrap makes of the same release. At the end the portal is migrated, and web server and worker run inside, as
the image's user. A quarter of an hour on two busy cores, and 0.8 GB. (`make container-steps`)
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
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.servers import ROOT, free_port

FILE = ROOT / "deploy" / "Containerfile"
# What a machine needs to reach its mirrors; an engine hands these on as well.
OF_THE_MACHINE = (
    "etc/resolv.conf",
    "etc/hosts",
    "etc/pip.conf",
    "etc/xdg/pip",
    "root/.config/pip",
    "etc/apt/apt.conf.d",
    "etc/ssl/certs",
    "usr/local/share/ca-certificates",
)
HANDED_ON = re.compile(r"PIP_\w+|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|(https?|no)_proxy", re.I)
SECONDS = 120  # until web server and worker have started on a busy machine
DEMO = {"PORTAL_DEMO": "1", "PORTAL_DEMO_PUBLIC": "yes"}


def steps_of(text: str) -> list[tuple[str, str]]:
    """Parse a container file into (instruction, rest); lines that end with a backslash are joined."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(name, rest.strip()) for name, _space, rest in (line.partition(" ") for line in lines if line.strip())]


def handed_on() -> dict[str, str]:
    """Return the variables that this machine needs to reach its mirrors."""
    return {name: value for name, value in os.environ.items() if HANDED_ON.fullmatch(name)}


def mirrors() -> list[Path]:
    """List the folders of this machine from which pip installs."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    named = re.findall(r"(?:file://)?(/[^\s',]+)", told.stdout)
    found = {path.parent if path.name == "simple" else path for path in map(Path, named)}
    return sorted(path for path in found if path.is_dir())


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
            self.run("sh", "-ec", rest, HOME="/root", **handed_on())
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
    """Mount /proc, /dev and the mirrors of pip inside for the block."""
    places = {Path("/dev"): folder / "dev"} | {path: folder / str(path).lstrip("/") for path in mirrors()}
    subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
    for path, place in places.items():
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", str(path), str(place)], check=True)
    try:
        yield
    finally:
        for place in (*reversed(places.values()), folder / "proc"):
            subprocess.run(["umount", "--lazy", str(place)], check=False)


def served(root: Root) -> str:
    """Migrate inside, run web server and worker; return what /readyz says once both are there."""
    port = free_port()
    own = DEMO | {"PORTAL_BIND": f"127.0.0.1:{port}", "PORTAL_WEB_WORKERS": "1"}
    root.run("portal", "migrate", **own)
    with ExitStack() as stack:
        for name in ("serve", "worker"):
            child = stack.enter_context(subprocess.Popen(root.line("portal", name, **own)))
            stack.callback(child.terminate)
        for _second in range(SECONDS):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=4) as answer:
                said = str(answer.read().decode())
                if '"worker":true' in said:
                    return said
            time.sleep(1)
    raise SystemExit("the portal does not answer inside, or its worker is not heard of")


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
    sys.stdout.write("Every step of the container file was executed, and the portal answered.\n")


if __name__ == "__main__":
    main()
