"""Words of the lists: titles, what each is, its columns, kinds of differences."""

from portal.base.language import gettext as _
from portal.core.lists import differences


def titles() -> dict[str, str]:
    """Name the lists."""
    return {
        "formulary": _("Medicines"),
        "classes": _("Classes of medicines"),
        "brands": _("Brands of medicines"),
        "barred": _("Medicines that may not be prescribed"),
        "barred-names": _("Brands and spellings of barred medicines"),
        "safety-groups": _("Groups of medicines for the rules of safety"),
        "safety-doses": _("Largest doses"),
        "safety-pairs": _("Interactions of medicines"),
        "safety-people": _("Medicines by age and in pregnancy"),
        "safety-allergies": _("Words for allergies"),
        "diagnoses": _("Short list of diagnoses"),
        "icd10": _("Whole list of ICD-10"),
    }


def abouts() -> dict[str, str]:
    """Say what an import of each list does."""
    whole = _("The file is the whole list: what it lacks is taken out.")
    merged = _("The file is merged into the medicines; nothing is taken out.")
    return {
        "formulary": _("The medicines that doctors find when they prescribe, with form, strengths and class.")
        + f" {whole}",
        "classes": _("Which list of the Telemedicine Practice Guidelines a medicine is in.") + f" {merged}",
        "brands": _("Under which brand names a medicine is found.") + f" {merged}",
        "barred": _("Narcotic and psychotropic substances and those of Schedule X.") + f" {whole}",
        "barred-names": _("Other names under which a barred medicine is recognised.") + f" {whole}",
        "safety-groups": _("Which medicines belong together when interactions are looked for.") + f" {whole}",
        "safety-doses": _("The most of a substance in a day and in one piece, in milligrams.") + f" {whole}",
        "safety-pairs": _("Which groups of medicines do not go together, and what the doctor is told.") + f" {whole}",
        "safety-people": _("Which medicines need care below an age or in pregnancy.") + f" {whole}",
        "safety-allergies": _("By which words an allergy is recognised in what was typed.") + f" {whole}",
        "diagnoses": _("What is offered under the field of the diagnosis, in both languages.") + f" {whole}",
        "icd10": _("What the search of diagnoses looks through after the short list.") + f" {whole}",
    }


def column_words() -> dict[str, str]:
    """Name the columns; one that is not here is shown by its own name."""
    return {
        "name": _("Name"),
        "form": _("Form"),
        "strengths": _("Strengths"),
        "tele_class": _("Class"),
        "class_source": _("Source of the class"),
        "chronic": _("Long-term medicine"),
        "route": _("Route"),
        "default_frequency": _("How often"),
        "aliases": _("Other names"),
        "brands": _("Brands"),
        "brand": _("Brand"),
        "substances": _("Substances"),
        "source": _("Source"),
        "law": _("Law"),
        "entry": _("Entry of the law"),
        "medicine": _("Medicine"),
        "members": _("Members"),
        "substance": _("Substance"),
        "most_a_day_mg": _("Most a day, in mg"),
        "largest_mg": _("Largest piece, in mg"),
        "rule": _("Rule"),
        "tier": _("How strongly"),
        "one": _("One group"),
        "other": _("Other group"),
        "why": _("Reason in English"),
        "why_hi": _("Reason in Hindi"),
        "below_age": _("Below the age"),
        "state": _("State"),
        "words": _("Words"),
        "group": _("Group"),
        "near": _("Related group"),
        "code": _("Code"),
        "label": _("Name in English"),
        "label_hi": _("Name in Hindi"),
        "sign_off": _("Left to a clinician"),
    }


def kind_words() -> dict[str, str]:
    """Name the kinds of differences."""
    return {
        differences.ADDED: _("New"),
        differences.CHANGED: _("Changed"),
        differences.GONE: _("Taken out"),
        differences.REFUSED: _("Refused"),
    }
