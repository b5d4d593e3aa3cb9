"""A barred medicine is detected however it is written, without false positives."""

import csv
import re
import string
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.formulary import barred, classes
from portal.core.formulary.barred import Finding, find, named
from portal.core.formulary.classes import PROHIBITED, Medicine
from portal.core.formulary.folding import distance
from portal.core.rules import tables

HERE = Path(__file__).parent
with classes.FORMULARY_FILE.open(encoding="utf-8", newline="") as file:
    ALLOWED = [name for row in csv.DictReader(file) for name in classes.from_row(row).names]
with (tables.DATA / "barred_names.csv").open(encoding="utf-8", newline="") as file:
    LISTED = list(csv.DictReader(file))
COMMON = [name for name in (HERE / "harmless.txt").read_text("utf-8").splitlines() if not name.startswith("#")]
BARRED_NAMES = st.sampled_from([name for medicine in classes.always_prohibited() for name in medicine.names])
LONG_NAMES = st.sampled_from(
    [m.name for m in classes.always_prohibited() if len(m.name) >= barred.NEAR_FROM and m.name.isalpha()]
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Tab Tramadol 50", "Tramadol"),
        ("TRAMADOL HCL", "Tramadol"),
        ("tramadol50mg", "Tramadol"),
        ("zolpidem tartrate", "Zolpidem"),
        ("paracetamol + tramadol", "Tramadol"),
        ("Paracetamol/Codeine", "Codeine"),
        ("CHLORPHENIRAMINE+CODEINE SYP", "Codeine"),
        ("Inj. Ketamine 50 mg/ml", "Ketamine"),
        ("dextro-amphetamine; codeine", "Dexamphetamine"),
        ("methyl  phenobarbitone", "Methylphenobarbital"),
        ("diazepam_5", "Diazepam"),
    ],
)
def test_a_name_is_detected(text: str, name: str) -> None:
    assert named(text) == name


def test_each_brand_is_detected_and_has_a_source() -> None:
    found = {row["name"]: named(f"Tab. {row['name'].upper()} 0.5 mg HS") for row in LISTED}
    assert {row["name"]: found[row["name"]] for row in LISTED if found[row["name"]] != (row["medicine"] or None)} == {}
    assert [row["name"] for row in LISTED if not row["source"]] == []


@pytest.mark.parametrize(
    "text",
    [
        "Alprajolam",
        "alprazollam",
        "alprazolame",
        "अल्प्राजोलम",
        "अल्प्राज़ोलम",
        "एल्प्राजोलाम 0.25",
        "अल्प्रा जोलम",
        "अ.ल्.प्रा.जो.ल.म",
        "A l p r a z o l a m",
        "A.l.p.r.a.z.o.l.a.m.",
        "alpra-zolam",
        "alpra zolam",
        "ALPRAZОLAM",
        "Аlрrаzоlаm",
        "αlprαzolαm",
        "alp\u200brazo\u00adlam",
        "alpra\ufe0fzolam",
        "Alprázôlam",
        "ＡＬＰＲＡＺＯＬＡＭ",
        "alpraz0lam",
        "a1prazo1am",
        "alpr@zolam",
        "अल्प्रैक्स",
        "रेस्टिल",
        "ट्रिका",
    ],
)
def test_sounds_devanagari_split_names_and_look_alike_letters_are_detected(text: str) -> None:
    assert named(text) == "Alprazolam"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("डायजेपाम", "Diazepam"),
        ("डायजे़पाम", "Diazepam"),
        ("ट्रामाडोल", "Tramadol"),
        ("ट्रामादोल", "Tramadol"),
        ("लोराज़ेपम", "Lorazepam"),
        ("ज़ोलपिडेम", "Zolpidem"),
        ("कोडीन सिरप", "Codeine"),
        ("मॉर्फिन", "Morphine"),
        ("मार्फिन", "Morphine"),
        ("फेंटानिल", "Fentanyl"),
        ("क्लोरडायजेपॉक्साइड", "Chlordiazepoxide"),
        ("अफीम", "Opium"),
        ("ब्यूप्रेनॉर्फिन", "Buprenorphine"),
        ("मिथाइलफेनिडेट", "Methylphenidate"),
        ("पेंटाज़ोसिन", "Pentazocine"),
        ("kodein", "Codeine"),
        ("diajepam", "Diazepam"),
        ("morfin", "Morphine"),
        ("fentanil", "Fentanyl"),
    ],
)
def test_hindi_and_phonetic_spellings_are_the_same_name(text: str, name: str) -> None:
    assert named(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alprazolm", "Alprazolam"),
        ("Tramadal", "Tramadol"),
        ("zolpidam", "Zolpidem"),
        ("dizepam", "Diazepam"),
        ("Alpralozam", "Alprazolam"),
        ("chloridiazepoxide", "Chlordiazepoxide"),
        ("fentanly", "Fentanyl"),
    ],
)
def test_a_near_miss_is_a_question_and_no_refusal(text: str, name: str) -> None:
    assert find(text) == (Finding(name, text.casefold(), certain=False),)
    assert named(text) is None


@given(LONG_NAMES, st.data())
def test_no_single_typo_hides_a_name(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(name) - 1))
    slip = data.draw(st.sampled_from(["", *string.ascii_lowercase]))
    assert find(name[:place] + slip + name[place + 1 :])
    assert find(name[:place] + slip + name[place:])


@given(
    BARRED_NAMES,
    st.sampled_from(["", "Tab ", "INJ. ", "paracetamol + "]),
    st.sampled_from(["", " 10 mg", " HCl", "/aspirin", "10"]),
)
def test_forms_salts_strengths_and_combinations_hide_nothing(name: str, before: str, after: str) -> None:
    assert named(before + name.upper() + after) is not None


def flagged(texts: Iterable[str]) -> dict[str, tuple[Finding, ...]]:
    """What is found in each text in which something is."""
    return {text: found for text in texts if (found := find(text))}


def test_no_other_medicine_is_a_false_positive() -> None:
    assert flagged({*ALLOWED, *COMMON}) == {}


def test_there_are_five_hundred_common_names_among_them() -> None:
    assert len(set(COMMON)) >= 500


def test_no_hindi_word_of_the_portal_is_a_false_positive() -> None:
    text = (HERE.parents[2] / "portal" / "translations" / "hi" / "LC_MESSAGES" / "messages.po").read_text("utf-8")
    assert flagged(set(re.findall("[\u0900-\u097f]+", text))) == {}


@pytest.mark.parametrize(
    "text", ["", "+", "तरीका", "वालों को", "भाग", "विभाग", "मतदान", "Corex DX", "with cetirizine", "Spasmo"]
)
def test_a_look_alike_is_no_false_positive(text: str) -> None:
    assert find(text) == ()


@given(BARRED_NAMES, st.sampled_from("aeiou"))
def test_a_barred_name_inside_a_longer_word_is_another_word(name: str, letter: str) -> None:
    longer = f"qx{letter}{name.split()[-1]}{letter}xq"
    assert named(longer) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ট্রামাডল", "Tramadol"),
        ("ட்ரமடால்", "Tramadol"),
        ("ట్రామడాల్", "Tramadol"),
        ("ട്രമഡോൾ", "Tramadol"),
        ("ट्राma डोल", "Tramadol"),
        ("अल्प्रा zolam", "Alprazolam"),
        ("TRAM4DOL", "Tramadol"),
        ("@lprax", "Alprazolam"),
        ("Ultra\u0441et", "Tramadol"),
        ("fentynal", "Fentanyl"),
        ("ultrasat", "Tramadol"),
    ],
)
def test_other_scripts_mixed_scripts_and_wrong_vowels_are_found(text: str, name: str) -> None:
    assert {finding.medicine for finding in find(text)} == {name}


@pytest.mark.parametrize("word", ["clonazepan", "clonazpam", "clobazem", "phenobarbitol"])
def test_a_misspelt_medicine_that_may_be_prescribed_is_no_near_miss_of_a_barred_one(word: str) -> None:
    assert find(word) == ()


def test_a_name_is_not_joined_over_a_pause() -> None:
    assert find("Keep calm, pose for one minute") == ()
    assert named("Tab Calm pose 5") == "Diazepam"


def test_a_site_can_bar_more_but_never_less() -> None:
    own = (Medicine("Tapentadol", "tablet", PROHIBITED), Medicine("Tramadol", "capsule", "A"))
    assert named("tapentadol 50", own) == "Tapentadol"
    assert named("tramadol", own) == "Tramadol"


@given(st.text(max_size=300))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    assert all(finding.medicine for finding in find(text))


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("", "", 0),
        ("ab", "ba", 1),
        ("abc", "ac", 1),
        ("abc", "abd", 1),
        ("abc", "abcd", 1),
        ("ca", "abc", 3),
        ("abcd", "x", 3),
    ],
)
def test_the_edit_distance_counts_typos(one: str, other: str, far: int) -> None:
    assert distance(one, other, at_most=2) == far


@given(
    st.lists(
        st.sampled_from(["Alprazolam", "alprazolm", "Corex", "ट्रामाडोल", "paracetamol", "a", "l", "प्र"]), max_size=6
    )
)
def test_what_is_named_is_a_certain_finding(words: list[str]) -> None:
    text = " ".join(words)
    certain = [finding.medicine for finding in find(text) if finding.certain]
    assert named(text) in (certain or [None])
