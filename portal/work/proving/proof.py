"""Verify rows that were taken out of an audit log, without the log and without a key. It needs Python 3 alone.

    python3 verify.py rows.jsonl [--published FILE]

The first line of rows.jsonl lists the sections of the log, from the first one that a row is of; each further line is a
row with the path from it to the root of its section. A row's hash is computed from its fields, the root from the path,
and the link of each section from the one before and its root. So the last link stands for every row, and a copy of it
(`sections 12 3f0a…`) that was sent out earlier shows that nothing was changed since. With --published FILE, such as the
log or the file of heads on another machine, every link in it is compared.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Path = list[list[str]]
BEGIN = "0" * 64  # what the first section links to
PUBLISHED = re.compile(r"\bsections ([0-9]{1,9}) ([0-9a-f]{64})\b")
TEXTS = ("previous", "at", "action", "actor_kind", "actor_uid", "subject", "details")


def hash_of(row: dict[str, Any]) -> str:
    """Compute a row's hash from its fields, by its format: 1 and 2 are of the single chain of before, 3 of today's."""
    texts = [row[name] for name in TEXTS]
    if row["format"] == 1:
        return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()
    begin = [row["format"]] if row["format"] == 2 else [row["format"], row["shard"], row["place"]]
    return hashlib.sha256(json.dumps([*begin, *texts], ensure_ascii=False).encode()).hexdigest()


def levels(hashes: Iterable[str]) -> list[list[bytes]]:
    """Build the Merkle tree over the hashes of rows: leaves first, the root last. A node without a pair goes up."""
    found = [[hashlib.sha256(b"\0" + bytes.fromhex(one)).digest() for one in hashes]]
    while len(found[-1]) > 1:
        below = found[-1]
        above = [_node(one, other) for one, other in zip(below[::2], below[1::2], strict=False)]
        found.append(above + below[len(above) * 2 :])
    return found


def path_of(tree: Sequence[Sequence[bytes]], place: int) -> Path:
    """Return the nodes beside the way from a leaf to the root, each with the side on which it stands."""
    found: Path = []
    for level in tree[:-1]:
        beside = place ^ 1
        if beside < len(level):
            found.append(["left" if beside < place else "right", level[beside].hex()])
        place //= 2
    return found


def root_by(digest: str, path: Path) -> str:
    """Compute the root from a row's hash and its path."""
    node = hashlib.sha256(b"\0" + bytes.fromhex(digest)).digest()
    for side, beside in path:
        pair = (bytes.fromhex(beside), node) if side == "left" else (node, bytes.fromhex(beside))
        node = _node(*pair)
    return node.hex()


def link_of(before: str, number: int, root: str) -> str:
    """Compute the link of a section: it binds its root, and through the link before those of all earlier ones."""
    return hashlib.sha256(f"{before} {number} {root}".encode()).hexdigest()


def breaks(lines: Iterable[str], published: str = "") -> Iterator[str]:
    """Verify an extract and yield a sentence for each thing that does not hold."""
    head, *rows = [json.loads(line) for line in lines if line.strip()]
    roots, links, before = {}, {}, head["before"]
    for section in head["sections"]:
        number, before = section["number"], link_of(before, section["number"], section["root"])
        roots[number], links[number] = section["root"], section["link"]
        if before != section["link"]:
            yield f"The link of section {number} does not follow from its root and the link before."
    if len(rows) != head["rows"]:
        yield f"The extract has {len(rows)} rows, but says {head['rows']}."
    for place, found in enumerate(rows, 1):
        if hash_of(found["row"]) != found["row"]["hash"]:
            yield f"Row {place} of the extract was changed."
        if root_by(found["row"]["hash"], found["path"]) != roots.get(found["section"]):
            yield f"Row {place} of the extract is not in section {found['section']}."
    for number, link in PUBLISHED.findall(published):
        if int(number) in links and links[int(number)] != link:
            yield f"Section {number} differs from its published link ({link[:12]}…)."


def main(arguments: Sequence[str]) -> int:
    """Verify the file that is named; print what does not hold, and what to compare with. Returns the exit code."""
    names = [name for name in arguments if not name.startswith("--")] or ["rows.jsonl"]
    published = _read(names.pop()) if "--published" in arguments and len(names) > 1 else ""
    lines = _read(names[0]).splitlines()
    found = list(breaks(lines, published))
    for sentence in found:
        _say(sentence)
    if found:
        return 1
    head = json.loads(lines[0])
    _say(f"All {head['rows']} rows are unchanged and in the log.")
    compared = {int(number) for number, _link in PUBLISHED.findall(published)}
    held = sorted(compared & {section["number"] for section in head["sections"]})
    if held:
        _say(f"Published links that agree: {', '.join(map(str, held))}.")
    if head["sections"]:
        last = head["sections"][-1]
        _say(f"Compare with what was sent out: sections {last['number']} {last['link']}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _node(one: bytes, other: bytes) -> bytes:
    return hashlib.sha256(b"\1" + one + other).digest()


def _read(name: str) -> str:
    with open(name, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
