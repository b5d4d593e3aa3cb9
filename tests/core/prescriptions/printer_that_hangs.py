"""A printer that never answers; it touches a file when it has begun."""

import json
import re
import signal
from pathlib import Path


def work(request: bytes) -> bytes:
    """Touch the file named in the page between ## and ##, then block for ever."""
    found = re.search("##(.*?)##", json.loads(request)["html"])
    assert found
    Path(found[1]).touch()
    while True:
        signal.pause()
