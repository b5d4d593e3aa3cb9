"""What the factories give everybody stands in no log: a line that names a person fails the test that wrote it (S61)."""

import json
import re

# As in tests/factories.py: name, address, and whatever is as long as a mobile number.
CANARIES = re.compile(r"Ramesh Kumar|रमेश|12 Lodhi Road|(?<![0-9A-Za-z])(?:\+?91)?[6-9]\d{9}(?![0-9A-Za-z])")
OURS = {"request_id", "timestamp"}  # random digits, and the time; those of hashes have letters beside them


def personal_lines(text: str) -> list[str]:
    """Return the lines of a log, as JSON, that say who somebody is."""
    return [line for line in text.splitlines() if line.startswith("{") and CANARIES.search(_said(line))]


def _said(line: str) -> str:
    try:
        fields = json.loads(line)
    except ValueError:
        return line
    return json.dumps({name: value for name, value in fields.items() if name not in OURS}, ensure_ascii=False)
