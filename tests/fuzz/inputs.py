"""Untrusted input: made up, or something true with a fault in it. Each call has a limit of time and memory.

A run of the tests tries some hundred; `FUZZ_SECONDS` lets each test go on for so long (`make soak`). What fails is
kept by hypothesis in `.hypothesis/examples` and tried first the next time.
"""

import json
import os
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
MIB = 2**20
# What parsers stumble over: digits that are none, joiners, bidirectional controls, NUL, half of a pair, other blanks.
ODD = "०१२३४५६७८९٣３²Ⅷ\u200c\u200d\u202e\ufeff\0\ud83d\u2028\u00a0'\"\\%{}[]<>&;,|\t\r\n=+-@/:."
TEXTS = st.text(st.characters() | st.sampled_from(ODD), max_size=80)
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 2**31, 2**63, 10**400, 1e308, -0.0])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=8
)


def fuzz(
    call: Callable[[Any], object],
    inputs: st.SearchStrategy[Any],
    *,
    examples: int = 150,
    seconds: float = 0.5,
    memory: int = 16 * MIB,
    refuses: tuple[type[Exception], ...] = (),
) -> None:
    """Try inputs: each is taken or refused in one of these ways, within so much of a processor and of new memory."""

    def limited(data: Any) -> None:
        tracemalloc.start()
        began = time.thread_time()
        try:
            with suppress(*refuses):
                call(data)
            used, (_now, most) = time.thread_time() - began, tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert used < seconds, f"{used:.2f} s of a processor"
        assert most < memory, f"{most / MIB:.0f} MiB"

    until = time.monotonic() + FUZZ_SECONDS
    while True:
        tried = settings(
            max_examples=examples if FUZZ_SECONDS else examples // 3,
            deadline=None,
            derandomize=not FUZZ_SECONDS,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
            print_blob=True,
        )
        tried(given(inputs)(limited))()
        if time.monotonic() >= until:
            return


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A true file with some faults: bytes changed, cut out, doubled, put in, or the end missing."""
    dice = Random(draw(st.integers(0, 2**32)))  # noqa: S311 dice, not secrets
    content = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        at = dice.randrange(len(content) + 1)
        much = min(dice.choice([1, 1, 4, 30, 400]), len(content) - at)
        fault = dice.choice(["flip", "cut", "double", "put", "end"])
        if fault == "flip" and at < len(content):
            content[at] ^= 1 << dice.randrange(8)
        elif fault == "cut":
            del content[at : at + much]
        elif fault == "double":
            content[at:at] = content[at : at + much] * dice.choice([1, 2, 50])
        elif fault == "put":
            content[at:at] = dice.choice([dice.randbytes(8), b"\xff" * 4, b"\0" * 8, b"99999999999", b"<<", b"{", b'"'])
        elif fault == "end" and dice.random() < 0.3:
            del content[at:]
    return bytes(content)


@st.composite
def altered(draw: st.DrawFn, payload: Any) -> Any:
    """A true payload of JSON in which a value or two is another, missing, doubled, or of another kind."""
    copy = json.loads(json.dumps(payload))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(copy))
        holder, key = places[draw(st.integers(0, len(places) - 1))]
        how = draw(st.sampled_from(["other", "other", "gone", "in a list", "doubled", "name"]))
        if key not in (holder if isinstance(holder, dict) else range(len(holder))):
            continue
        if how == "other":
            holder[key] = draw(VALUES)
        elif how == "gone":
            del holder[key]
        elif how == "in a list":
            holder[key] = [holder[key]]
        elif how == "doubled" and isinstance(holder, list):
            holder.extend([holder[key]] * 20)
        elif isinstance(holder, dict):
            holder[draw(TEXTS)] = holder[key]
        if not list(_places(copy)):
            break
    return copy


def _places(value: Any) -> Any:
    """Every place of a payload: its holder and the key there."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from _places(value[key])


def json_of(value: Any) -> bytes:
    """A body as a program would send it, lone halves of pairs and NaN too."""
    return json.dumps(value).encode()


def bodies(payload: Any) -> st.SearchStrategy[bytes]:
    """Bodies near a true one, and bodies that are far from any."""
    near = altered(payload).map(json_of)
    deep = st.integers(1, 4000).map(lambda levels: b"[" * levels + b"1" + b"]" * levels)
    return near | near.flatmap(damaged) | VALUES.map(json_of) | st.binary(max_size=300) | deep
