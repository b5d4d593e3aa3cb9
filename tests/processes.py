"""Processes of this machine, from /proc."""

from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """Return the pids of direct children, of all threads."""
    found: list[int] = []
    with suppress(OSError):  # it has just exited
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    """Return the pids of all descendants."""
    found = children(pid)
    return found + [below for child in found for below in descendants(child)]


def is_gone(pid: int) -> bool:
    """Has it exited? A zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def command(pid: int) -> str:
    """Return its command line, "" when it has exited."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def with_environment(part: str) -> list[int]:
    """Return the pids of running processes whose environment contains these words."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if part.encode() in (folder / "environ").read_bytes() and not is_gone(int(folder.name)):
                found.append(int(folder.name))
    return found
