"""Dosage forms in the patient's words: those of the packaged formulary, and others by their last known word."""

from portal.base.typed import words

_HINDI = {
    "tablet": "गोली",
    "prolonged-release tablet": "धीरे घुलने वाली गोली",
    "dispersible tablet": "पानी में घोलने की गोली",
    "effervescent tablet": "पानी में घोलने की गोली",
    "orodispersible tablet": "मुँह में घुलने वाली गोली",
    "chewable tablet": "चबाने की गोली",
    "sublingual tablet": "जीभ के नीचे रखने की गोली",
    "vaginal tablet": "योनि में रखने की गोली",
    "lozenge": "चूसने की गोली",
    "capsule": "कैप्सूल",
    "prolonged-release capsule": "धीरे घुलने वाला कैप्सूल",
    "inhalation capsule": "साँस से लेने का कैप्सूल",
    "syrup": "सिरप",
    "oral suspension": "पीने की दवा",
    "oral liquid": "पीने की दवा",
    "oral drops": "पीने की बूँदें",
    "sachet": "पैकेट",
    "powder": "पाउडर",
    "dusting powder": "छिड़कने का पाउडर",
    "injection": "इंजेक्शन",
    "inhaler": "इनहेलर",
    "nebuliser solution": "नेब्युलाइज़र की दवा",
    "eye drops": "आँख की बूँदें",
    "eye ointment": "आँख का मलहम",
    "ear drops": "कान की बूँदें",
    "nasal drops": "नाक की बूँदें",
    "nasal spray": "नाक का स्प्रे",
    "drops": "बूँदें",
    "spray": "स्प्रे",
    "cream": "क्रीम",
    "ointment": "मलहम",
    "gel": "जेल",
    "lotion": "लोशन",
    "topical solution": "त्वचा पर लगाने का घोल",
    "solution": "घोल",
    "suspension": "पीने की दवा",
    "paint": "लगाने की दवा",
    "mouth paint": "मुँह में लगाने की दवा",
    "nail lacquer": "नाखून पर लगाने की दवा",
    "shampoo": "शैम्पू",
    "soap": "साबुन",
    "patch": "त्वचा पर चिपकाने का पैच",
    "mouthwash": "कुल्ला करने की दवा",
    "gargle": "गरारे की दवा",
    "chewing gum": "चबाने का गम",
    "suppository": "गुदा में रखने की दवा",
}
_SPELT = {" ".join(words(name)): said for name, said in _HINDI.items()}
_SHORT = {"tab": "tablet", "tabs": "tablet", "tablets": "tablet"} | {
    "cap": "capsule",
    "caps": "capsule",
    "capsules": "capsule",
    "inj": "injection",
    "syp": "syrup",
    "syr": "syrup",
    "drop": "drops",
    "oint": "ointment",
    "susp": "suspension",
}


def form_in_words(form: str, language: str) -> str:
    """Say a dosage form in `en` or `hi`; one that is not known stays as written."""
    if language != "hi":
        return form
    typed = [_SHORT.get(word, word) for word in words(form)]
    known = (" ".join(typed[start:]) for start in range(len(typed)))
    return next((_SPELT[phrase] for phrase in known if phrase in _SPELT), form)
