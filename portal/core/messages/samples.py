"""The longest values that occur in each text: what a preview shows, and what its parts are counted with."""

from portal.core.messages.texts import TEXTS

LONGEST = {
    "code": "987654",
    "minutes": "10",
    "patient_id": "2611230000179",
    "token": "MED-999",
    "before": "MED-998",
    "number": "999",
    "ahead": "20",
    "day": "23-11-2026",
    "time": "23:59",
    "plugin": "esanjeevani_bridge",
}
OF_A_TEXT = {("prescription", "number"): "RX-2611-000123", ("misprint", "number"): "RX-2611-000123"}
WORDS = {
    "en": {"next": "New token MED-999 for 23-11", "text": "Technical problem, please wait"},
    "hi": {"next": "23-11: नया टोकन MED-999", "text": "तकनीकी समस्या है, कृपया रुकें।"},
}


def samples(template: str, language: str) -> dict[str, str]:
    """A value for each name of a text."""
    known = LONGEST | WORDS[language]
    return {name: OF_A_TEXT.get((template, name), known[name]) for name in sorted(TEXTS[template].names)}
