"""Reading what the demonstration's sender wrote."""

import json
from collections.abc import Iterator
from pathlib import Path

SentText = dict[str, str]


def messages(data_dir: Path, mobile: str = "") -> list[SentText]:
    """The messages so far, oldest first; of one mobile (+91…) or of all."""
    return [line for line in _lines(data_dir, f'"{mobile}"' if mobile else "") if mobile in ("", line["to"])]


def lines(data_dir: Path, *, raw: bool) -> list[str]:
    """The messages as lines for a terminal."""
    found = messages(data_dir)
    if raw:
        return [json.dumps(message, ensure_ascii=False) for message in found]
    return [f"{message['at'][:19]}  {message['to']}  {message['text']}" for message in found]


def _lines(data_dir: Path, part: str) -> Iterator[SentText]:
    """The lines with this part; one that is still being written has no end yet and is left out."""
    path = data_dir / "outbox" / "sms.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if part in line and line.endswith("\n"):
                yield json.loads(line)
