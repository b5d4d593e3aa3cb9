"""What git knows of the tree."""

import subprocess
from pathlib import Path


def git(root: Path, *asked: str) -> bytes:
    """Run a command of git and return what it prints. One set of permissions for archives, whatever is configured."""
    command = ["git", "-C", str(root), "-c", "tar.umask=0022", *asked]
    return subprocess.run(command, capture_output=True, check=True).stdout


def files_of(root: Path) -> list[str]:
    """List the files that git keeps, and those that it would keep."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(name for name in listed.decode().split("\0") if name)


def time_of(root: Path, commit: str = "HEAD") -> int:
    """Seconds since 1970 at which a commit was made."""
    return int(git(root, "log", "-1", "--format=%ct", commit))
