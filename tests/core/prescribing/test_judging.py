"""Lists of the Telemedicine Practice Guidelines 2020, by kind and mode of the consult."""

import pytest

from portal.core.prescribing import notes
from portal.core.prescribing.judging import Judgement
from portal.core.prescribing.rules import Medicine
from tests.consulting import typed

LISTS = [
    Medicine("Paracetamol", "tablet", "O"),
    Medicine("Amlodipine", "tablet", "A"),
    Medicine("Cetirizine", "tablet", "B"),
]
ROWS = {
    f"items-{place}-{part}": value
    for place, drug in enumerate(("Paracetamol", "Amlodipine", "Cetirizine", "Nobodyknowsit"))
    for part, value in (("drug", drug), ("form", "tablet"))
}


@pytest.mark.parametrize(
    ("mode", "kind", "outside"),
    [
        ("video", "first", ["Cetirizine"]),  # list B is for follow-ups
        ("video", "follow_up", []),
        ("phone", "first", ["Amlodipine", "Cetirizine", "Nobodyknowsit"]),  # without video, list O alone
        ("phone", "follow_up", []),
    ],
)
def test_which_medicines_are_outside_the_lists(now, mode: str, kind: str, outside: list[str]) -> None:
    written = notes.read(typed(**ROWS, mode=mode, kind=kind), today=now.date())
    assert Judgement(written, LISTS).outside_lists == outside
