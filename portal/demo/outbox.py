"""Read the SMS that the demo's sender wrote to a file."""

import json
from collections.abc import Iterator
from pathlib import Path

SentText = dict[str, str]


def messages(data_dir: Path, mobile: str = "") -> list[SentText]:
    """List the messages, oldest first, of one mobile (+91…) or all."""
    return [line for line in _lines(data_dir, f'"{mobile}"' if mobile else "") if mobile in ("", line["to"])]


def lines(data_dir: Path, *, raw: bool) -> list[str]:
    """Format the messages for a terminal."""
    found = messages(data_dir)
    if raw:
        return [json.dumps(message, ensure_ascii=False) for message in found]
    return [f"{message['at'][:19]}  {message['to']}  {message['text']}" for message in found]


def _lines(data_dir: Path, part: str) -> Iterator[SentText]:
    """Yield the lines that contain `part`, without a partially written last one."""
    path = data_dir / "outbox" / "sms.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if part in line and line.endswith("\n"):
                yield json.loads(line)
