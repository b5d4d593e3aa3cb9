"""Many prescriptions at the same moment: nobody's page is another's, and no process is hurt."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portal.core.prescriptions import pdf
from tests.core.prescriptions.samples import sample

ROOT = Path(__file__).parents[3]
KINDS = [(1, "en"), (3, "hi"), (8, "en"), (5, "hi")]
THREADS = 8
EACH = 200  # documents of one worker

WORKER = f"""
import hashlib, sys
from concurrent.futures import ThreadPoolExecutor
from portal.core.prescriptions import pdf
from tests.core.prescriptions.samples import sample
kinds = {KINDS}
contents = [sample(medicines, language=language) for medicines, language in kinds] * ({EACH} // len(kinds))
with ThreadPoolExecutor({THREADS}) as threads:
    for made in threads.map(pdf.render, contents):
        print(hashlib.sha256(made).hexdigest())
"""


def fingerprints_alone() -> list[str]:
    """Each kind rendered by itself, one after the other."""
    contents = (sample(medicines, language=language) for medicines, language in KINDS)
    return [hashlib.sha256(pdf.render(content)).hexdigest() for content in contents]


def test_400_at_once_from_8_threads_of_2_workers_are_the_pages_they_are_alone() -> None:
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as readers:
        outcomes = list(readers.map(lambda worker: worker.communicate(), workers))
    expected = fingerprints_alone() * (EACH // len(KINDS))
    for worker, (told, complaints) in zip(workers, outcomes, strict=True):
        assert worker.returncode == 0, complaints
        assert told.decode().split() == expected
