"""`make bench-messages`: latency of an OTP to the gateway, alone and with 1,000 other texts queued before it.

The gateway takes 200 ms for each text, so the others need minutes; OTPs have a lane of their own.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from urllib.parse import urlsplit

from tests.day.reader import Person
from tests.scripted import Asked, Scripted, Step, scripted_server
from tests.servers import ROOT, Portal, running_portal

OTPS = 20
WAITING = 1000
GATEWAY_SECONDS = 0.2
QUEUE = """
import sys
from portal.app import create_app
from portal.base.clock import now
from portal.store.db import write
from portal.core.messages.services import queue
with create_app().app_context(), write():
    for number in range(int(sys.argv[1])):
        queue(f"bench-{number}", "+919876543210", "registered", "en", {"patient_id": "%013d" % number}, now=now())
"""


def main() -> None:
    """Measure, and print a line for each case."""
    with scripted_server() as gateway, tempfile.TemporaryDirectory() as folder:
        arrivals = listen(gateway)
        with running_portal(Path(folder), **settings(gateway)) as portal:
            for line in measured(portal, arrivals):
                sys.stdout.write(line + "\n")


def settings(gateway: Scripted) -> dict[str, str]:
    """Make this gateway the only SMS driver."""
    return {
        "PORTAL_INTERNAL_HOSTS": urlsplit(gateway.url).netloc,
        "PORTAL_SMS_GATEWAY_DRIVERS": "http",
        "PORTAL_SMS_GATEWAY_HTTP_URL": gateway.url,
        "PORTAL_SMS_GATEWAY_HTTP_FIELDS": "to=$to\ntext=$text",
        "PORTAL_SMS_GATEWAY_HTTP_ACCEPTED": "OK",
    }


def listen(gateway: Scripted) -> dict[str, float]:
    """Record when a text arrives for each number; respond slowly."""
    arrivals: dict[str, float] = {}

    def play(asked: Asked) -> Step:
        arrivals.setdefault(asked.form["to"], monotonic())
        sleep(GATEWAY_SECONDS)
        return Step(200, b"OK")

    gateway.play = play  # type: ignore[method-assign]
    return arrivals


def measured(portal: Portal, arrivals: dict[str, float]) -> Iterator[str]:
    """Measure alone, then behind the queue."""
    yield told("alone", [one_otp(portal, arrivals, number) for number in range(OTPS)])
    environ = os.environ | portal.environ
    subprocess.run([sys.executable, "-c", QUEUE, str(WAITING)], env=environ, cwd=ROOT, check=True)
    yield told(f"{WAITING:,} texts waiting", [one_otp(portal, arrivals, number) for number in range(OTPS, 2 * OTPS)])


def one_otp(portal: Portal, arrivals: dict[str, float], number: int) -> float:
    """Measure the seconds from "Send OTP" to the gateway."""
    mobile = f"90000{number:05}"
    with Person(portal.url) as person:
        person.open("/login")
        started = monotonic()
        person.press("Send OTP", {"mobile": mobile})
    while f"91{mobile}" not in arrivals:
        sleep(0.005)
    return arrivals[f"91{mobile}"] - started


def told(name: str, seconds: list[float]) -> str:
    """One line."""
    return f"OTP to the gateway, {name:20} {median(seconds) * 1000:5.0f} ms (median), {max(seconds) * 1000:.0f} (worst)"


if __name__ == "__main__":
    main()
