"""Reading what the demonstration's sender wrote."""

import json
from pathlib import Path

Line = dict[str, str]


def messages(data_dir: Path, mobile: str | None = None) -> list[Line]:
    """The messages so far, oldest first; of one mobile (+91…) or of all."""
    path = data_dir / "outbox" / "sms.jsonl"
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if mobile is None or line["to"] == mobile]


def lines(data_dir: Path, *, raw: bool) -> list[str]:
    """The messages as lines for a terminal."""
    found = messages(data_dir)
    if raw:
        return [json.dumps(message, ensure_ascii=False) for message in found]
    return [f"{message['at'][:19]}  {message['to']}  {message['text']}" for message in found]
