"""Search the files of git for secrets: keys, passwords, tokens of providers.

    python -m scripts.supply.leaks [ROOT]

The detectors are those of bc-detect-secrets, without asking any provider whether what was found still works. They
cost a minute for this tree, so each file is first searched for lines that one of them could find something in.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.plugins.keyword import DENYLIST
from detect_secrets.settings import transient_settings

from scripts.supply.tree import files_of

ROOT = Path(__file__).resolve().parent.parent.parent
# Hashes of packages and pictures, and texts of others.
LEFT_OUT = re.compile(
    r"requirements[\w-]*\.txt$|\.(?:ttf|png|jpg|pdf|mp3|m4a|ogg|xz|zip|po|csv)$|/vendor/|^scripts/supply/known\.txt$"
)
LIMITS = {"Base64HighEntropyString": 4.5, "HexHighEntropyString": 3.0}
# In tests every other line has a password of nobody: only the shapes that a provider gives count there.
GUESSES = {*LIMITS, "KeywordDetector"}
# A line has an assignment to a name like `password`, an address with a password, or a long run with a digit in it.
WORTH_A_LOOK = re.compile(
    rf"(?:{'|'.join(DENYLIST)})|://[^/\s:]+:[^@\s]+@|(?=[\w+/=.:-]*\d)[\w+/=.-]{{16,}}|[\"'][\w+/=-]{{16,}}[\"']",
    re.IGNORECASE,
)
WHOLE = re.compile(r"PRIVATE KEY|PuTTY-User-Key-File")
KNOWN = {
    (file, words)
    for file, _colon, words in (
        line.partition(": ")
        for line in Path(__file__).with_name("known.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    )
}


class Leak(NamedTuple):
    """A line that looks as if it held a secret; the secret itself is nowhere repeated."""

    file: str
    line: int
    kind: str


def find_leaks(root: Path) -> Iterator[Leak]:
    """Search the files of git below the root."""
    names = [name for name in files_of(root) if not LEFT_OUT.search(name)]
    for in_tests in (False, True):
        some = [name for name in names if name.startswith("tests/") is in_tests]
        plugins = [
            {"name": each.__name__} | ({"limit": LIMITS[each.__name__]} if each.__name__ in LIMITS else {})
            for each in get_mapping_from_secret_type_to_class().values()
            if not (in_tests and each.__name__ in GUESSES)
        ]
        with transient_settings({"plugins_used": plugins}):
            for name in some:
                yield from _search(root, name)


def _search(root: Path, name: str) -> Iterator[Leak]:
    try:
        text = (root / name).read_text("utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return  # a picture or the like; a file that is deleted in the work tree
    lines = text.splitlines()
    worth = [(n, line) for n, line in enumerate(lines, 1) if WHOLE.search(text) or WORTH_A_LOOK.search(line)]
    if not worth:
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(name).name
        copy.write_text("\n".join(line for _n, line in worth), "utf-8")
        found = SecretsCollection()
        found.scan_file(str(copy))
        for _file, secret in found:
            number, line = worth[secret.line_number - 1]
            if not any(name == file and words in line for file, words in KNOWN):
                yield Leak(name, number, secret.type)


def main() -> None:
    """Print where something looks like a secret; exit 1 when something does."""
    root = Path(sys.argv[1]) if sys.argv[1:] else ROOT
    found = sorted(find_leaks(root))
    for leak in found:
        print(f"{leak.file}:{leak.line}: looks like a secret ({leak.kind})")
    if not found:
        print("Secrets: none in the files of git.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
