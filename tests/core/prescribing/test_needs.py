"""Required parts of a medicine's row: by its form, or as directed with a reason."""

from csv import DictReader
from importlib.resources import files

import pytest

from portal.core.prescribing import needs
from portal.core.prescribing.notes import Item

TABLET = {"form": "tablet", "strength": "500 mg", "dose": "1", "frequency": "TDS", "duration_days": 5}
SYRUP = TABLET | {"form": "Oral suspension", "strength": "125 mg/5 ml", "dose": "5 ml"}
DROPS = TABLET | {"form": "eye drops", "strength": "0.5 %", "dose": "1 drop"}
CREAM = TABLET | {"form": "cream", "strength": "1 %", "dose": "", "instructions": "thinly on the rash"}
PUFFS = TABLET | {"form": "inhaler", "strength": "100 mcg", "dose": "2 puffs", "frequency": "BD"}
INJECTION = TABLET | {"form": "Inj.", "strength": "75 mg/3 ml", "dose": "3 ml", "instructions": "into the muscle"}

# What doctors write, one a line.
WRITTEN = """\
500mg
500 MG
500 mg.
1.5 gm
2 gms
1 g
10 g
.5 mg
0,5 mg
1,000 mg
५०० मि.ग्रा.
५०० मिग्रा
250 mg / 5 ml
250mg/5mL
125 mg per 5 ml
125 mg in 5 ml
१२५ mg/५ ml
75 mg/3 ml
40 mg + 12.5 mg
40 mg+12.5mg
500mg/125mg
500 mg and 125 mg
40/12.5 mg
50/500 mcg
80 + 480 mg
6 mcg + 200 mcg
100 mcg/puff
200 mcg/metered dose
100 mcg, 200 doses
100 mcg/dose, 200 metered doses
50 mcg 120 sprays
25 mcg/hr
25 µg
25 mcg/h patch
0.5%
.05 %
1% w/w
1 % w/v
2 % + 1 %
0.3% w/v + 0.1% w/v
1 lakh IU
60,000 IU
60000 I.U.
60K IU
1 lac units
5 lakh units
12 lakh units
2.4 million units
100 IU/ml
40 IU/mL
100 U/ml
1 MIU
20 mEq/15 ml
10 mmol
2 billion CFU
1:1000
1 in 1000
1:10000, 1 mg/10 ml
1 mg/ml (1:1000)
20.5 g sachet
500 mg SR
SR 500 mg
XR-500 mg
500 mg SR + 5 mg
500 mg dispersible
500 mg (1 tablet)
500-mg
2 mg/kg/day
10 ml
100 ml bottle
1 litre
75 mg/ampoule
1 g/vial
१ लाख यूनिट"""
# A typed value inside a filled one, a unit that is none, amounts side by side.
GARBLED = """\
35 mg70 mg
50 m500 mgg
400 10 mgmg
500 mgmg
500 mg mg
500 mgg
50 mg 500 mg
5000 mg0 mg
500 m
500 mg 5
5 mg/5
250-500 mg
0.5 %0.5 %
1 % %
10 mg/5 ml10 mg/5 ml
mg
tablet
60K
?
500 mg twice 2
1..5 mg"""


def missing(whole: dict[str, object], **changes: object) -> set[str]:
    return set(needs.missing(Item(0, "Something", **whole | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("whole", [TABLET, SYRUP, DROPS, CREAM, PUFFS, INJECTION])
def test_a_complete_row_needs_nothing_more(whole: dict[str, object]) -> None:
    assert missing(whole) == set()


def test_a_form_in_hindi_has_the_same_kind() -> None:
    assert missing(INJECTION, form="इंजेक्शन", instructions="") == {"instructions"}
    assert missing(SYRUP, form="सिरप", dose="5") == {"dose"}
    assert missing(CREAM, form="मलहम", instructions="") == {"instructions"}


@pytest.mark.parametrize("whole", [TABLET, SYRUP, DROPS, CREAM, PUFFS, INJECTION])
@pytest.mark.parametrize("part", ["form", "strength", "frequency"])
def test_form_strength_and_frequency_are_always_required(whole: dict[str, object], part: str) -> None:
    assert part in missing(whole, **{part: ""})


@pytest.mark.parametrize("whole", [TABLET, SYRUP, DROPS, PUFFS, INJECTION])
def test_a_counted_or_measured_form_requires_a_dose(whole: dict[str, object]) -> None:
    assert missing(whole, dose="") == {"dose"}


@pytest.mark.parametrize("whole", [TABLET, SYRUP, DROPS, CREAM, PUFFS, INJECTION])
@pytest.mark.parametrize(("frequency", "needed"), [("BD", {"duration_days"}), ("SOS", set()), ("s.t.a.t.", set())])
def test_days_are_required_unless_it_is_taken_once_or_when_needed(
    whole: dict[str, object], frequency: str, needed: set[str]
) -> None:
    assert missing(whole, frequency=frequency, duration_days=None) == needed


@pytest.mark.parametrize("strength", ["500", "५००", "1.5"])
def test_a_strength_requires_its_unit(strength: str) -> None:
    assert missing(TABLET, strength=strength) == {"strength"}


def listed_strengths() -> set[str]:
    with (files("portal") / "core" / "data" / "formulary.csv").open(encoding="utf-8", newline="") as file:
        return {strength for row in DictReader(file) for strength in row["strengths"].split("|") if strength}


def test_every_strength_of_the_formulary_can_be_read() -> None:
    assert [strength for strength in listed_strengths() if missing(TABLET, strength=strength)] == []


@pytest.mark.parametrize("strength", WRITTEN.splitlines())
def test_a_strength_as_doctors_write_it_can_be_read(strength: str) -> None:
    assert missing(TABLET, strength=strength) == set()


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("strength", GARBLED.splitlines())
def test_a_strength_that_cannot_be_read_is_refused_at_its_field(strength: str, directed: bool) -> None:
    assert missing(TABLET, strength=strength, directed=directed, reason="falling dose") == {"strength"}


@pytest.mark.parametrize(
    ("whole", "needed"), [(SYRUP, {"dose"}), (INJECTION, {"dose"}), (TABLET, set()), (DROPS, set())]
)
def test_a_liquid_or_injected_dose_requires_its_unit(whole: dict[str, object], needed: set[str]) -> None:
    assert missing(whole, dose="5") == needed


def test_an_applied_form_requires_how_much_or_where() -> None:
    assert missing(CREAM, instructions="") == {"instructions"}
    assert missing(CREAM, instructions="", dose="pea-sized") == set()


def test_an_injection_requires_its_route() -> None:
    assert missing(INJECTION, instructions="") == {"instructions"}


def test_as_directed_requires_form_and_reason_and_nothing_else() -> None:
    bare = {"form": "tablet", "directed": True}
    assert missing(bare) == {"reason"}
    assert missing(bare, reason="falling dose, written out for the patient") == set()
    assert missing(bare, reason="falling dose", form="") == {"form"}
