"""Each rule of safety: what it finds, in which tier, by which source."""

from dataclasses import replace

import pytest

from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.safety import tables
from portal.core.prescribing.safety.checking import check
from portal.core.prescribing.safety.concerns import Concern, joined, question_of, unreasoned
from portal.core.prescribing.safety.people import Allergy, Patient

ADULT = Patient(age=41)


def row(text: str, place: int = 0) -> Item:
    """Parse "drug, form, strength, dose, frequency, days" into a row."""
    drug, form, strength, dose, frequency, days, *_rest = [*map(str.strip, text.split(",")), *[""] * 6]
    return Item(place, drug, form or "tablet", strength, dose, frequency, int(days) if days else None)


def found(*rows: str, patient: Patient = ADULT, **notes: object) -> list[Concern]:
    items = tuple(row(text, place) for place, text in enumerate(rows))
    return list(check(Notes(items=items, **notes), patient))  # type: ignore[arg-type]


def rules(*rows: str, patient: Patient = ADULT, **notes: object) -> list[tuple[str, str]]:
    return [(each.rule, each.tier) for each in found(*rows, patient=patient, **notes)]


PAIRS = [
    ("two_nsaids", "ask", "Ibuprofen", "Diclofenac sodium"),
    ("nsaid_and_aspirin", "note", "Naproxen", "Aspirin"),
    ("ace_and_arb", "ask", "Ramipril", "Telmisartan"),
    ("raas_and_potassium", "ask", "Enalapril maleate", "Spironolactone"),
    ("raas_and_potassium", "ask", "Losartan potassium", "Eplerenone"),
    ("warfarin_and_nsaid", "ask", "Warfarin", "Aceclofenac"),
    ("warfarin_and_aspirin", "note", "Acenocoumarol", "Aspirin"),
    ("nitrate_and_pde5", "ask", "Isosorbide mononitrate", "Sildenafil"),
    ("methotrexate_and_cotrimoxazole", "ask", "Methotrexate", "Co-trimoxazole"),
    ("methotrexate_and_cotrimoxazole", "ask", "Methotrexate", "Sulfamethoxazole + trimethoprim"),
    ("methotrexate_and_nsaid", "note", "Methotrexate", "Etoricoxib"),
    ("ssri_and_tramadol", "ask", "Sertraline", "Tramadol + paracetamol"),
    ("ssri_and_linezolid", "ask", "Fluoxetine", "Linezolid"),
    ("statin_and_clarithromycin", "ask", "Atorvastatin", "Clarithromycin"),
    ("qt_pair", "ask", "Escitalopram oxalate", "Ondansetron"),
    ("lithium_and_nsaid", "ask", "Lithium carbonate", "Ibuprofen"),
    ("lithium_and_raas", "note", "Lithium carbonate", "Ramipril"),
    ("lithium_and_raas", "note", "Lithium carbonate", "Telmisartan"),
]
SOURCES = {pair.rule: pair.source for pair in tables.pairs()} | {each.rule: each.source for each in tables.people()}


@pytest.mark.parametrize(
    ("rule", "tier", "one", "other"), PAIRS, ids=[f"{rule} — {SOURCES[rule]}" for rule, *_rest in PAIRS]
)
def test_two_medicines_are_questioned_as_their_source_says(rule: str, tier: str, one: str, other: str) -> None:
    assert rules(one, other) == [(rule, tier)]
    assert rules(other, one) == [(rule, tier)]
    assert rules(one, patient=replace(ADULT, taken=(other,))) == [(rule, tier)]


@pytest.mark.parametrize("dose", ["25", "101", "30 tablets", "२५", "25 गोली", "21 tabs", "25.5"])
def test_a_bare_number_above_twenty_is_stopped_as_no_rule_can_read_it(dose: str) -> None:
    assert rules(f"Paracetamol, tablet, 650 mg, {dose}, TDS, 5, 100") == [("too_many_at_once", "stop")]
    assert ("too_many_at_once", "stop") in rules(f"Metformin, tablet, 500 mg, {dose}, BD, 30, 60")


@pytest.mark.parametrize("dose", ["20", "1", "25 ml", "30 units", "1-0-1", "½", "", "25 mg"])
def test_what_can_be_read_is_not_too_many(dose: str) -> None:
    assert "too_many_at_once" not in dict(rules(f"Paracetamol, tablet, 500 mg, {dose}, OD, 5, 10"))


def test_every_interaction_of_the_table_has_a_test_and_a_source() -> None:
    assert {rule for rule, *_rest in PAIRS} == {pair.rule for pair in tables.pairs()}
    assert all(each.source for each in (*tables.pairs(), *tables.people(), *tables.limits().values()))
    named = {name for pair in tables.pairs() for name in (pair.one, pair.other)}
    assert named | {each.medicine for each in tables.people()} <= set(tables.groups())
    assert {each.group for each in tables.allergies()} <= set(tables.groups())


def test_a_combination_is_several_substances_for_every_rule() -> None:
    assert rules("Aceclofenac + paracetamol", "Ibuprofen") == [("two_nsaids", "ask")]
    assert rules("Telmisartan + hydrochlorothiazide", "Ramipril") == [("ace_and_arb", "ask")]
    assert rules("Aceclofenac + paracetamol, tablet, 100 mg + 325 mg, 1, BD, 5, 10", "Paracetamol") == [
        ("same_substance_twice", "ask")
    ]


def test_what_is_applied_to_skin_eye_ear_or_nose_interacts_with_nothing() -> None:
    assert rules("Diclofenac, gel", "Etoricoxib") == []
    assert rules("Ciprofloxacin, eye drops", "Ondansetron") == []


def test_two_medicines_that_are_taken_together_already_are_only_noted() -> None:
    both = replace(ADULT, taken=("Enalapril", "Spironolactone"))
    assert rules("Enalapril", "Spironolactone", patient=both) == [("raas_and_potassium", "note")]


def test_a_refill_is_not_the_same_substance_twice() -> None:
    assert rules("Metformin", patient=replace(ADULT, taken=("Metformin hydrochloride",))) == []


def test_two_strengths_of_one_medicine_make_up_a_dose_and_are_only_noted() -> None:
    assert rules("Levothyroxine, tablet, 100 mcg", "Levothyroxine, tablet, 25 mcg") == [
        ("same_substance_twice", "note")
    ]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("Paracetamol, tablet, 500 mg, 1, TDS, 5", None),
        ("Paracetamol, tablet, 1 g, 1, QID, 5", None),
        ("Paracetamol, tablet, 5 g, 1, OD, 5", ("above_daily_dose", "ask")),
        ("Paracetamol, tablet, 99999 mg, 1, OD, 5", ("ten_times_the_dose", "stop")),
        ("Paracetamol, tablet, 99999 mg, 1, as told, 5", ("ten_times_the_dose", "stop")),
        ("Paracetamol, tablet, 1500 mg, 1, BD, 5", ("no_such_strength", "ask")),
        ("Paracetamol, tablet, 650 mg, 2, q4h, 5", ("above_daily_dose", "ask")),
        ("Paracetamol, tablet, 650 mg, , 2-2-2-2, 5", ("above_daily_dose", "ask")),
        ("Paracetamol, syrup, 250 mg/5 ml, 5 ml, QID, 5", None),
        ("Paracetamol, syrup, 250 mg/5 ml, 50 ml, QID, 5", ("above_daily_dose", "ask")),
        ("Paracetamol, suppository, 170 mg, 1, SOS, 5", None),
        ("Levothyroxine, tablet, 100 mcg, 1, OD, 30", None),
        ("Levothyroxine, tablet, 100 mg, 1, OD, 30", ("ten_times_the_dose", "stop")),  # mg for mcg
        ("Metformin, tablet, 1000 mg, 1, BD, 30", None),
        ("Domperidone, tablet, 10 mg, 2, TDS, 5", ("above_daily_dose", "ask")),
        ("Aceclofenac + paracetamol, tablet, 100 mg + 325 mg, 1, BD, 5", None),
        ("Aceclofenac + paracetamol, tablet, 100 mg + 325 mg, 2, BD, 5", ("above_daily_dose", "ask")),
        ("Diclofenac, injection, 75 mg/3 ml, 3 ml, BD, 2", None),  # limits are of doses by mouth
        ("Nobodyknowsit, tablet, 500 g, 1, OD, 5", None),
    ],
)
def test_the_daily_dose_is_compared_with_its_limit_bnf_or_label(written: str, rule: tuple[str, str] | None) -> None:
    assert rules(written) == ([rule] if rule else [])


LISTED = ("500 mg", "650 mg", "1000 mg")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Paracetamol, tablet, 400 mg, 1, BD, 5", [("unlisted_strength", "ask")]),
        ("Paracetamol, tablet, 0.4 g, 1, BD, 5", [("unlisted_strength", "ask")]),
        ("Paracetamol, tablet, 5000 mg, 1, OD, 5", [("above_daily_dose", "ask")]),  # once, by the stricter rule
        ("Paracetamol, tablet, 650mg, 1/2, BD, 5", []),  # half of a tablet that is made
        ("Paracetamol, tablet, 1 g, 1, BD, 5", []),
        ("Paracetamol, tablet, , 1, BD, 5", []),
        ("Paracetamol, tablet, as before, 1, BD, 5", []),
        ("Paracetamol, syrup, 240 mg/5 ml, 5 ml, BD, 5", []),  # liquids are made in more strengths than any list has
        ("Paracetamol, gel, 400 mg, , BD, 5", []),
        ("Paracetamol + ibuprofen, tablet, 325 mg + 400 mg, 1, BD, 5", []),
    ],
)
def test_a_strength_that_no_piece_of_the_list_has_is_asked(text: str, rule: list[tuple[str, str]]) -> None:
    concerns = check(Notes(items=(row(text),)), ADULT, listed=lambda _name, _form: LISTED)
    assert [(each.rule, each.tier) for each in concerns] == rule


def test_a_strength_is_not_compared_where_the_list_has_none() -> None:
    assert rules("Paracetamol, tablet, 400 mg, 1, BD, 5") == []


@pytest.mark.parametrize("strength", ["250 mg/0 ml", "0 mg", "0/0", "1 mg/0.0 ml", "9" * 60 + " mg"])
def test_a_strength_that_makes_no_sense_breaks_no_page(strength: str) -> None:
    assert found(f"Paracetamol, syrup, {strength}, 5 ml, TDS, 3") is not None


@pytest.mark.parametrize(
    "row",
    ["Warfarin, tablet, 50 mg, 1, OD, 30", "Colchicine, tablet, 0.5 mg, 10, OD, 5", "Acenocoumarol, tablet, 40 mg"],
)
def test_a_slip_of_the_point_in_a_dangerous_medicine_is_asked(row: str) -> None:
    assert [tier for rule, tier in rules(row) if rule == "above_daily_dose"] == ["ask"]


def test_doses_of_one_substance_in_two_rows_are_added_up() -> None:
    two = ("Paracetamol, tablet, 650 mg, 1, QID, 5", "Paracetamol, tablet, 500 mg, 2, TDS, 5")
    assert ("above_daily_dose", "ask") in rules(*two)
    assert [each.about for each in found(*two) if each.tier == "ask"] == ["paracetamol"]
    assert rules("Metformin, tablet, 500 mg, 1, OD, 30", "Metformin, tablet, 1000 mg, 1, OD, 30") == [
        ("same_substance_twice", "note")
    ]


def test_a_weekly_medicine_every_day_is_questioned_fda_boxed_warning_of_methotrexate() -> None:
    assert rules("Methotrexate, tablet, 7.5 mg, 1, OD, 30") == [("weekly_medicine_daily", "stop")]
    assert rules("Methotrexate, tablet, 7.5 mg, 1, weekly, 28") == []
    for often in ("alternate days", "every 3 days", "twice a week"):
        assert rules(f"Methotrexate, tablet, 7.5 mg, 1, {often}, 28") == [("weekly_medicine_daily", "stop")], often
    assert rules("Alendronic acid, tablet, 70 mg, 1, OD, 30") == [("weekly_medicine_daily", "ask")]


def test_a_quantity_that_contradicts_the_dose_is_asked_and_kept() -> None:
    item = replace(row("Metformin, tablet, 500 mg, , 1-0-1, 30"), quantity=15)
    (concern,) = check(Notes(items=(item,)), ADULT)
    assert (concern.rule, concern.tier, concern.field) == ("quantity", "ask", "items-0-quantity")
    assert "15" in concern.sentence
    assert "60" in concern.sentence


PEOPLE = [
    ("aspirin_in_children", "Aspirin", 15, 16),
    ("tetracycline_in_children", "Doxycycline", 7, 8),
    ("nimesulide_in_children", "Nimesulide", 11, 12),
    ("promethazine_in_children", "Promethazine", 1, 2),
    ("tramadol_in_children", "Tramadol", 11, 12),
    ("cold_combination_in_children", "Chlorpheniramine maleate + phenylephrine", 3, 4),
    ("fluoroquinolone_in_children", "Ofloxacin", 17, 18),
    ("thiocolchicoside_in_children", "Thiocolchicoside", 15, 16),
]


@pytest.mark.parametrize(
    ("rule", "medicine", "below", "above"), PEOPLE, ids=[f"{rule} — {SOURCES[rule]}" for rule, *_rest in PEOPLE]
)
def test_a_medicine_is_questioned_below_its_age(rule: str, medicine: str, below: int, above: int) -> None:
    assert [name for name, _tier in rules(medicine, patient=Patient(age=below))] == [rule]
    assert rules(medicine, patient=Patient(age=above)) == []
    assert rules(medicine, patient=Patient(age=None)) == []


PREGNANCY = {
    "raas_in_pregnancy": "Telmisartan",
    "valproate_in_pregnancy": "Sodium valproate",
    "warfarin_in_pregnancy": "Warfarin",
    "methotrexate_in_pregnancy": "Methotrexate",
    "isotretinoin_in_pregnancy": "Isotretinoin",
    "misoprostol_in_pregnancy": "Misoprostol",
    "tetracycline_in_pregnancy": "Doxycycline",
    "nsaid_in_pregnancy": "Ibuprofen",
    "thiocolchicoside_in_pregnancy": "Thiocolchicoside",
    "leflunomide_in_pregnancy": "Leflunomide",
    "topiramate_in_pregnancy": "Topiramate",
    "statin_in_pregnancy": "Rosuvastatin",
    "lithium_in_pregnancy": "Lithium carbonate",
    "fluoroquinolone_in_pregnancy": "Levofloxacin",
}


@pytest.mark.parametrize(
    ("rule", "medicine"), PREGNANCY.items(), ids=[f"{rule} — {SOURCES[rule]}" for rule in PREGNANCY]
)
def test_a_medicine_is_questioned_in_pregnancy(rule: str, medicine: str) -> None:
    assert [name for name, _tier in rules(medicine, diagnosis="Primi, 22 weeks, cough")] == [rule]
    assert rules(medicine, diagnosis="Cough") == []


@pytest.mark.parametrize(
    "text",
    [
        "Not pregnant",
        "UPT negative, no pregnancy",
        "planning pregnancy",
        "pregnancy excluded",
        "No h/o pregnancy",
        "Pregnancy test: negative",
        "गर्भवती नहीं हैं",
    ],
)
def test_a_pregnancy_that_is_denied_is_none(text: str) -> None:
    assert rules("Telmisartan", history=text) == []


@pytest.mark.parametrize(
    "text",
    [
        "UPT positive, 6 weeks",
        "UPT: positive",
        "G2P1, antenatal visit",
        "गर्भवती, 20 हफ़्ते",
        "not sleeping, pregnant",
        "22 weeks pregnant with no bleeding",
        "Pregnant not sleeping well",
        "ANC 5th month no fever",
        "गर्भवती है बुखार नहीं",
    ],
)
def test_a_pregnancy_is_read_from_the_notes(text: str) -> None:
    assert rules("Telmisartan", history=text) == [("raas_in_pregnancy", "ask")]


@pytest.mark.parametrize("code", ["O10", "O26.9", "Z34.1", "Z32.1"])
def test_a_pregnancy_is_read_from_the_code_of_the_diagnosis(code: str) -> None:
    assert rules("Telmisartan", icd10=code) == [("raas_in_pregnancy", "ask")]
    assert rules("Telmisartan", icd10="O90.5") == []  # after the birth


def test_a_pregnancy_in_the_chart_counts_and_the_sentence_says_where_it_stands() -> None:
    [concern] = found("Telmisartan", patient=replace(ADULT, is_pregnant=True))
    assert concern.sentence.startswith("Telmisartan in pregnancy, which the notes or the chart name: ")


def test_of_a_man_the_notes_may_name_the_pregnancy_of_his_wife() -> None:
    assert rules("Telmisartan", patient=replace(ADULT, is_male=True), history="wife is pregnant") == []


@pytest.mark.parametrize(
    ("days", "history", "said"),
    [(60, "", ["late_period"]), (38, "", []), (60, "UPT negative", []), (60, "pregnant", ["raas_in_pregnancy"])],
)
def test_a_late_period_is_noted_with_what_harms_an_unborn_child(days: int, history: str, said: list[str]) -> None:
    patient = replace(ADULT, since_period=days)
    assert [name for name, _tier in rules("Telmisartan", patient=patient, history=history)] == said
    assert rules("Paracetamol", patient=patient, history=history) == []


def test_every_rule_about_people_has_a_test() -> None:
    assert {rule for rule, *_rest in PEOPLE} | set(PREGNANCY) == {each.rule for each in tables.people()}


@pytest.mark.parametrize(
    ("allergy", "medicine", "rule"),
    [
        (Allergy("Penicillin", "rash"), "Amoxicillin + clavulanic acid", ("allergy", "ask")),
        (Allergy("Penicillin", "anaphylaxis"), "Amoxicillin", ("anaphylaxis", "stop")),
        (Allergy("पेनिसिलिन", "गंभीर"), "Amoxicillin", ("anaphylaxis", "stop")),
        (Allergy("Penicillin", "rash"), "Cefixime", ("related_allergy", "note")),
        (Allergy("Penicillin", "anaphylaxis"), "Cefixime", ("related_allergy", "ask")),
        (Allergy("sulfa drugs"), "Co-trimoxazole", ("allergy", "ask")),
        (Allergy("Sulpha", "Stevens-Johnson"), "Sulfasalazine", ("anaphylaxis", "stop")),
        (Allergy("painkillers"), "Aceclofenac", ("allergy", "ask")),
        (Allergy("aspirin"), "Ibuprofen", ("related_allergy", "note")),
        (Allergy("azithromycin"), "Clarithromycin", ("allergy", "ask")),
        (Allergy("ciprofloxacin"), "Moxifloxacin, eye drops", ("allergy", "ask")),  # an allergy counts by every way
        (Allergy("Metformin"), "Metformin + glimepiride", ("allergy", "ask")),
        (Allergy("Ciplox", generic="ciprofloxacin"), "Ofloxacin", ("allergy", "ask")),
        (Allergy("Clavam", generic="amoxicillin + clavulanic acid"), "Clavulanic acid", ("allergy", "ask")),
        (Allergy("Dust"), "Amoxicillin", None),
        (Allergy("Penicillin"), "Azithromycin", None),
    ],
    ids=str,
)
def test_an_allergy_on_record_counts_with_its_class(
    allergy: Allergy, medicine: str, rule: tuple[str, str] | None
) -> None:
    assert rules(medicine, patient=replace(ADULT, allergies=(allergy,))) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("vitals", "age", "rule"),
    [
        ({"glucose": 5.5}, 41, "glucose_unit"),
        ({"glucose": 55}, 41, None),
        ({"weight": 7}, 41, "weight_for_age"),
        ({"weight": 7}, 1, None),
        ({"weight": 70}, 1, "weight_for_age"),
        ({"weight": 42}, 41, None),
    ],
)
def test_a_measured_value_that_looks_like_a_slip_is_asked(vitals: dict[str, float], age: int, rule: str | None) -> None:
    assert rules(vitals=vitals, patient=Patient(age=age)) == ([(rule, "ask")] if rule else [])


def test_all_that_is_asked_is_one_question_and_notes_are_none_of_it() -> None:
    concerns = found("Ibuprofen", "Diclofenac", "Aspirin", vitals={"glucose": 5.5})
    question = question_of(concerns)
    assert question is not None
    assert question.about == "two_nsaids: Ibuprofen + Diclofenac, glucose_unit: 5.5 mg/dL"
    assert "nsaid_and_aspirin" in [each.rule for each in concerns]
    assert joined(None, question, None) == question
    assert joined(None, None) is None


def test_what_stops_demands_a_reason_in_its_row() -> None:
    concerns = found("Paracetamol", "Methotrexate, tablet, 7.5 mg, 1, OD, 30")
    assert list(unreasoned(concerns, {0: "", 1: ""})) == ["items-1-reason"]
    assert unreasoned(concerns, {1: "induction, oncologist's plan"}) == {}


def test_an_allergy_counts_for_a_brand_whose_name_is_a_word_of_its_class() -> None:
    assert rules("Septran", patient=replace(ADULT, allergies=(Allergy("Sulfa", "rash"),))) == [("allergy", "ask")]


@pytest.mark.parametrize(
    ("allergies", "rule"), [((Allergy("Penicillin"),), ("unlisted_and_allergy", "ask")), ((), ("unlisted", "note"))]
)
def test_a_name_that_no_list_has_is_asked_where_an_allergy_is_on_record(
    allergies: tuple[Allergy, ...], rule: tuple[str, str]
) -> None:
    notes, patient = Notes(items=(row("Moxydon"), row("Metformin", 1))), replace(ADULT, allergies=allergies)
    told = check(notes, patient, knows=lambda name: name == "Metformin")
    assert [((each.rule, each.tier), each.about) for each in told] == [(rule, "Moxydon")]
    assert all(allergy.substance in told[0].sentence for allergy in allergies)
