"""What a recorded allergy means: the classes of medicines that it names, misspelt too, and whether it was severe."""

import re

from portal.core.prescribing.dosing.phrases import normalised
from portal.core.prescribing.safety import tables
from portal.core.prescribing.safety.tables import AllergyClass

_ANAPHYLAXIS = re.compile(
    r"anaphyla|angio-?edema|angio-?oedema|stevens|sjs|toxic epidermal|life.?threat|severe|shock|एनाफिल|गंभीर|बेहोश"
)
# Signs of anaphylaxis (World Allergy Organization 2020: airway, breathing, circulation). Nobody has graded them:
# they count as severe until somebody writes "mild".
_SIGNS = re.compile(
    r"breathless|short(?:ness)? of breath|dyspn|(?:difficult\w*|trouble|problem) (?:in |with )?breathing"
    r"|can(?:'?t|not| not) breathe|\bsob\b|wheez|bronchospasm|stridor|choking|laryn\w+ (?:o?edema|swelling)"
    r"|(?:face|facial|lips?|tongue|throat|eyelids?)\b[\w ,/&]*\bsw[eo]ll"
    r"|sw[eo]ll\w*[\w ]*\b(?:face|lips?|tongue|throat)"
    r"|collapse|faint|syncope|unconscious|hypotension"
    r"|(?:सांस|श्वास|दम)[ \w\u0900-\u097f]*(?:फूल|तकलीफ|दिक्कत|घुट|कमी|रुक|कठिन)|गला (?:सूज|बंद)|(?:चेहर|होंठ|जीभ)\S*[^,;]*सूज"
)
_MILD = re.compile(r"\bmild\b|हल्क")


def is_severe(text: str) -> bool:
    """Tell whether an allergy, as written with its reaction and severity, was one that may kill."""
    plain = normalised(text)
    return _ANAPHYLAXIS.search(plain) is not None or (_SIGNS.search(plain) is not None and not _MILD.search(plain))


def classes_of(text: str) -> list[AllergyClass]:
    """List the classes that a text names: by a word of the table, nearly spelt, or in Devanagari by ear."""
    typed = f" {normalised(text)} "
    near = tables.allergy_spellings().find(text)
    return [
        each
        for each in tables.allergies()
        if each.name in near or any(f" {normalised(word)} " in typed for word in each.words)
    ]


def without_classes(text: str) -> str:
    """Leave the words that name no class: the others say enough, and penicillin is nearly penicillamine."""
    return " ".join(word for word in text.split() if not classes_of(word))
