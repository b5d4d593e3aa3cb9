"""What a recorded allergy means, as it is typed: misspelt, in Hindi, with a sign of anaphylaxis and no severity."""

import pytest

from portal.core.formulary import classes
from portal.core.formulary.index import Formulary
from portal.core.prescribing.safety.allergies import classes_of, is_severe, without_classes
from portal.store.csv_file import shipped

NO_MEDICINES = (
    "dust|pollen|peanuts|prawns|shellfish|sea food|latex|mushrooms|brinjal|milk|eggs|soybean|gluten|perfume|nickel"
    "|bee sting|iodine contrast|contrast media|adhesive tape|sunlight|cat hair|house dust mites|cashew nuts|wheat"
    "|strawberry|pineapple|hair dye|detergent|cement|mosquito bite|insect bites|not known|no known allergy"
    "|some injection|unknown tablet|antibiotic|cough syrup|lemon|tomato|banana|mustard|coconut|cosmetics|feathers"
    "|धूल|अंडा|मूंगफली|दूध|झींगा|बैंगन|मछली|परागकण"
).split("|")


@pytest.fixture(scope="module")
def formulary() -> Formulary:
    return Formulary(map(classes.from_row, shipped(classes.FORMULARY_FILE)))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("penicilin", "penicillin"),
        ("penciline", "penicillin"),
        ("amoxycilin", "penicillin"),
        ("Amoxicilline caps", "penicillin"),
        ("पेनीसिलीन", "penicillin"),
        ("एमोक्सीसिलिन से", "penicillin"),
        ("cefixim", "cephalosporin"),
        ("septrin", "sulfa"),
        ("सल्फ़ा", "sulfa"),
        ("diclofenec", "NSAID"),
        ("aspirine", "aspirin"),
        ("azithromicin", "macrolide"),
        ("ciprofloxacine", "quinolone"),
    ],
)
def test_a_misspelt_allergy_names_its_class(typed: str, name: str) -> None:
    assert name in [each.name for each in classes_of(typed)]


@pytest.mark.parametrize(
    ("typed", "substances"),
    [
        ("metronidazol", ("metronidazole",)),
        ("paracetomol", ("paracetamol",)),
        ("Combiflame", ("ibuprofen", "paracetamol")),
        ("Metronidazole", ()),  # listed: nothing to guess
    ],
)
def test_a_misspelt_medicine_of_no_class_is_found_in_the_list(
    formulary: Formulary, typed: str, substances: tuple[str, ...]
) -> None:
    assert formulary.nearly(without_classes(typed)) == substances


def test_what_is_no_medicine_is_taken_for_none(formulary: Formulary) -> None:
    found = {each: (formulary.nearly(each), classes_of(each)) for each in NO_MEDICINES}
    assert {each: meant for each, meant in found.items() if any(meant)} == {}


def test_penicillin_is_not_taken_for_penicillamine(formulary: Formulary) -> None:
    assert formulary.nearly(without_classes("penicillin injection")) == ()


@pytest.mark.parametrize(
    "reaction",
    [
        "breathlessness",
        "shortness of breath",
        "lips swollen",
        "swelling of the tongue",
        "fainted",
        "साँस फूलना",
        "सांस लेने में तकलीफ",
        "चेहरे पर सूजन",
        "breathlessness, severe",
        "anaphylaxis, mild",
    ],
)
def test_a_sign_of_anaphylaxis_counts_as_severe_until_somebody_grades_it(reaction: str) -> None:
    assert is_severe(reaction)


@pytest.mark.parametrize("reaction", ["rash", "itching", "vomiting", "दाने", "पेट दर्द", "breathlessness, mild", ""])
def test_other_reactions_do_not(reaction: str) -> None:
    assert not is_severe(reaction)
