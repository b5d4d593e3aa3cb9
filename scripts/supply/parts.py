"""The parts of an installation: the libraries of the lock, what their wheels carry with them, and files of others."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "requirements.txt"
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^ ;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
SHARED = re.compile(r"\.(?:so|dylib|dll)(?:\.[\d.]+)?$")
# libjpeg-6dc8d115.so.62.4.0: the wheel's builder puts a checksum behind the name.
STEM = re.compile(r"^(lib[\w+.]*?|[\w+.]+?)(?:-[0-9a-f]{8})?(?:\.cpython-[\w-]+|\.abi3)?\.(?:so|dylib|dll)")


@dataclass(frozen=True)
class Library:
    """A library of the lock as it is installed here; `licence` is what its metadata say, the best of three places."""

    name: str
    version: str
    licence: str
    hashes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()  # libraries of others, in its wheel: "libjpeg"
    told: tuple["Inside", ...] = ()  # parts that the wheel's own lists name
    texts: dict[str, str] = field(default_factory=dict, compare=False)  # licence files by name
    binaries: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Inside:
    """A part of a wheel, by the list of parts that came in it (PEP 770): a crate, a C library."""

    name: str
    version: str
    licence: str
    purl: str = ""


def canonical(name: str) -> str:
    """One spelling of a library's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: Path = LOCK) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Version and SHA-256 of each library of the lock, by canonical name."""
    text = lock.read_text("utf-8")
    starts = [*PIN.finditer(text)]
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {
        canonical(match[1]): (match[2], tuple(HASH.findall(text, match.start(), end)))
        for match, end in zip(starts, ends, strict=True)
    }


def libraries(lock: Path = LOCK, path: list[str] | None = None) -> Iterator[Library]:
    """Each library of the lock; those that another system needs, and that are not installed here, by name and hash."""
    found = {canonical(each.name): each for each in metadata.distributions(path=path or sys.path)}
    for name, (version, hashes) in sorted(pinned(lock).items()):
        if name in found:
            yield library(found[name], hashes)
        else:
            yield Library(name, version, "", hashes)


def library(installed: metadata.Distribution, hashes: tuple[str, ...] = ()) -> Library:
    """Read all that an installed library says about itself."""
    files = [file for file in installed.files or () if "/_vendor/" not in file.as_posix()]
    shared = {STEM.match(file.name) for file in files if ".libs/" in file.as_posix() and SHARED.search(file.name)}
    return Library(
        canonical(installed.name),
        installed.version,
        _licence(installed.metadata),
        hashes,
        tuple(sorted({match[1] for match in shared if match})),
        tuple(sorted(set(_told(installed, files)), key=lambda inside: (inside.name, inside.version))),
        {file.as_posix(): _text(file) for file in files if _is_licence(file)},
        tuple(Path(str(file.locate())) for file in files if SHARED.search(file.name)),
    )


def _licence(said: Any) -> str:
    """Return the SPDX expression, else the field, else the classifiers."""
    classifiers = [line for line in said.get_all("Classifier") or () if line.startswith("License ::")]
    field_ = (said.get("License") or "").strip()
    short = field_ if "\n" not in field_ and len(field_) < 60 else ""
    return said.get("License-Expression") or short or " OR ".join(line.split(" :: ")[-1] for line in classifiers)


def _is_licence(file: metadata.PackagePath) -> bool:
    named = re.search(r"licen[cs]e|copying|notice", file.as_posix(), re.IGNORECASE)
    return bool(named) and ".dist-info/" in file.as_posix()


def _text(file: metadata.PackagePath) -> str:
    return Path(str(file.locate())).read_text("utf-8", "replace")


def _told(installed: metadata.Distribution, files: list[metadata.PackagePath]) -> Iterator[Inside]:
    """Read the lists of parts in the wheel; the first entry of each is often the library itself."""
    for file in files:
        if ".dist-info/sboms/" in file.as_posix() and file.name.endswith(".json"):
            for each in _each(json.loads(_text(file))):
                if canonical(each.get("name", "")) != canonical(installed.name):
                    said = [entry.get("expression") or _named(entry) for entry in each.get("licenses", ())]
                    yield Inside(
                        each["name"], each.get("version", ""), " AND ".join(filter(None, said)), each.get("purl", "")
                    )


def _each(listed: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for component in listed.get("components", ()):
        yield component
        yield from _each(component)


def _named(entry: dict[str, Any]) -> str:
    licence = entry.get("license", {})
    return str(licence.get("id") or licence.get("name") or "")
