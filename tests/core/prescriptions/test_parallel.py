"""Many concurrent prescriptions: no page is mixed up, and no process crashes."""

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portal.core.paper import pdf
from tests.core.paper.samples import render, sample

ROOT = Path(__file__).parents[3]
KINDS = [(1, "en"), (3, "hi"), (8, "en"), (5, "hi")]
WORKERS, THREADS, EACH = 2, 8, 200  # documents of one worker
WHOLE = 10  # one in so many is a whole prescription, the others are a line in both scripts: a tenth of the time

WORKER = f"""
from concurrent.futures import ThreadPoolExecutor
from tests.core.prescriptions.test_parallel import fingerprint
with ThreadPoolExecutor({THREADS}) as threads:
    print(*threads.map(fingerprint, range({EACH})))
"""


def fingerprint(number: int) -> str:
    """Return the page of this number: each has words of its own."""
    if number % WHOLE == 0:
        medicines, language = KINDS[number // WHOLE % len(KINDS)]
        made = render(sample(medicines, language=language, advice=f"Rest {number}"))
    else:
        page = {"html": f"<p>Page {number} · पृष्ठ {number}</p>", "identifier": str(number)}
        made = pdf.printers().run(json.dumps(page).encode())
    return hashlib.sha256(made).hexdigest()


def test_400_concurrent_pages_from_8_threads_of_2_workers_are_correct() -> None:
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(WORKERS)
    ]
    with ThreadPoolExecutor(WORKERS) as readers:
        outcomes = list(readers.map(lambda worker: worker.communicate(), workers))
    alone = [fingerprint(number) for number in range(EACH)]
    assert len(set(alone)) == EACH, "each page is another one"
    for worker, (told, complaints) in zip(workers, outcomes, strict=True):
        assert worker.returncode == 0, complaints
        assert told.decode().split() == alone
