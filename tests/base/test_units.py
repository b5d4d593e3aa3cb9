"""Micrograms are written mcg everywhere, and the case of a unit never changes."""

from hypothesis import given
from hypothesis import strategies as st

from portal.base.plain_text import shown
from portal.base.units import named, spelt

MICRO = st.sampled_from(["µg", "μg", "µ g", "μG", "µgm"])
UNITS = st.sampled_from(["mg", "mcg", "g", "ml", "IU", "mg/ml", "mEq", "% w/w"])
NAMES = st.sampled_from(["Levothyroxine", "digoxin", "Vitamin B12", "fluticasone propionate", "metoprolol succinate"])
FIGURES = st.integers(1, 99999).map(str) | st.decimals(0, 1000, places=2).map(str)


@given(NAMES, FIGURES, MICRO)
def test_a_microgram_is_written_in_words_and_never_becomes_a_milligram(name, figure, unit):
    for text in (spelt(f"{name} {figure} {unit}"), named(f"{name} {figure} {unit}"), str(shown(f"{figure} {unit}"))):
        assert f"{figure} mcg" in text
        assert not {"µ", "μ", "Μ"} & set(text)
        assert "MG" not in text


@given(NAMES, FIGURES, UNITS)
def test_capitals_apply_to_the_name_and_nothing_after_it(name, figure, unit):
    printed = named(f"{name} {figure} {unit}")
    assert printed.endswith(f" {figure} {unit}")
    assert printed.split()[0] == name.split()[0].upper()


def test_salts_and_release_forms_keep_their_case():
    assert named("metoprolol succinate SR 25 mg") == "METOPROLOL succinate SR 25 mg"
    assert named("folic acid 5 mg") == "FOLIC ACID 5 mg"
    assert named("paracetamol 325 mg+tramadol hydrochloride") == "PARACETAMOL 325 mg + TRAMADOL hydrochloride"
    assert named("पैरासिटामोल 500 mg") == "पैरासिटामोल 500 mg"


def test_other_greek_and_other_micro_units_stay():
    assert spelt("5 µmol/L, μ-receptor") == "5 µmol/L, μ-receptor"
    assert spelt("0.5µg/kg") == "0.5mcg/kg"
