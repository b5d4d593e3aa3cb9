"""Rendering time of a prescription: `python -m bench.pdf [documents]` prints ms, cold (with imports) and warm."""

import statistics
import sys
from collections.abc import Iterator
from time import perf_counter

CASES = ((1, "en"), (5, "en"), (5, "hi"), (12, "hi"), (40, "hi"))


def measured(documents: int) -> Iterator[str]:
    """A line for the first document of a process, and one for each kind of document after it."""
    started = perf_counter()
    from tests.core.paper.samples import render, sample

    size = len(render(sample(5)))
    yield f"cold,  5 medicines, en: {(perf_counter() - started) * 1000:4.0f} ms, {size:,} bytes"
    for medicines, language in CASES:
        content = sample(medicines, language=language)
        times = []
        for _ in range(documents):
            started = perf_counter()
            render(content)
            times.append((perf_counter() - started) * 1000)
        median, best = statistics.median(times), min(times)
        yield f"warm, {medicines:2} medicines, {language}: {median:4.0f} ms (median), {best:.0f} (best)"


if __name__ == "__main__":
    for line in measured(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
        sys.stdout.write(line + "\n")
