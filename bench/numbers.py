"""`make bench-numbers`: does asking for an OTP tell by its time whether a number is known (S13)? NUMBERS=2000 of each.

Known and unknown numbers alternate, each asked once in a browser of its own. Fails when status, headers or lengths
differ, when the medians lie more than 5 ms apart, or when a Kolmogorov-Smirnov test tells the two apart (p < 0.01).
"""

import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections import defaultdict
from math import sqrt
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx

from tests.servers import ROOT, running_portal

KNOWN, UNKNOWN = "98100", "98200"  # how the numbers begin
MOST_APART = 0.005  # seconds, of the medians
ONE_IN_A_HUNDRED = 1.628  # of the Kolmogorov distribution
REGISTER = """
import sys
from portal.app import create_app
from portal.store.db import write
from tests.factories import make_beneficiary
with create_app().app_context(), write():
    for number in range(int(sys.argv[1])):
        make_beneficiary(mobile=f"+91{sys.argv[2]}{number:05}", ben_id=f"8{number:06}")
"""
Shape = tuple[int, tuple[str, ...], int, int]


def main() -> None:
    """Measure and print; exit 1 where the two can be told apart."""
    count = int(os.environ.get("NUMBERS", "2000"))
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder)) as portal:
        line = [sys.executable, "-c", REGISTER, str(count), KNOWN]
        subprocess.run(line, env=os.environ | portal.environ, cwd=ROOT, check=True)
        asked(portal.url, f"{UNKNOWN}99999")  # the first fills caches
        took: dict[str, list[float]] = defaultdict(list)
        shapes: dict[str, set[Shape]] = defaultdict(set)
        for number in range(count):
            for begin in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
                seconds, shape = asked(portal.url, f"{begin}{number:05}")
                took[begin].append(seconds)
                shapes[begin].add(shape)
    apart = abs(median(took[KNOWN]) - median(took[UNKNOWN]))
    most, allowed = distance(took[KNOWN], took[UNKNOWN]), ONE_IN_A_HUNDRED * sqrt(2 / count)
    is_same = shapes[KNOWN] == shapes[UNKNOWN]
    sys.stdout.write(
        f"OTP asked for, {count} known and {count} unknown numbers: medians {median(took[KNOWN]) * 1000:.2f} and "
        f"{median(took[UNKNOWN]) * 1000:.2f} ms; Kolmogorov-Smirnov {most:.4f} of {allowed:.4f}; "
        f"answers {'alike' if is_same else 'differ'}\n"
    )
    sys.exit(not is_same or apart > MOST_APART or most > allowed)


def asked(url: str, mobile: str) -> tuple[float, Shape]:
    """Ask for an OTP in a new browser: seconds, and what can be seen of the answer without reading it."""
    with httpx.Client(base_url=url) as browser:
        form = browser.get("/login")
        (token,) = re.findall(r'name="csrf_token" value="([^"]+)"', form.text)[:1]
        began = perf_counter()
        answer = browser.post("/login", data={"csrf_token": token, "mobile": mobile})
        seconds = perf_counter() - began
        cookies = sum(len(value) for value in answer.headers.get_list("Set-Cookie"))
        return seconds, (answer.status_code, tuple(answer.headers), len(answer.content), cookies)


def distance(one: list[float], other: list[float]) -> float:
    """Return the greatest distance between two distributions (two-sample Kolmogorov-Smirnov)."""
    first, second = sorted(one), sorted(other)
    both = (*first, *second)
    return max(abs(bisect_right(first, at) / len(first) - bisect_right(second, at) / len(second)) for at in both)


if __name__ == "__main__":
    main()
