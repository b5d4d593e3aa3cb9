"""Words in Devanagari that stand beside a medicine's name: its form, the unit of its strength, and small words."""

from functools import cache

from portal.core.formulary.devanagari import words

# What the list of medicines calls the form.
_FORMS = {
    "tablet": "गोली गोलियाँ गोलियां टैबलेट टेबलेट टैब्लेट टैबलेट्स टैब टेब टिकिया",
    "capsule": "कैप्सूल कैपसूल कैप",
    "syrup": "सिरप शरबत",
    "suspension": "सस्पेंशन",
    "injection": "इंजेक्शन इन्जेक्शन सुई",
    "inhaler": "इनहेलर",
    "spray": "स्प्रे",
    "drops": "बूँद बूंद बूँदें बूंदें बूँदे बूंदे ड्रॉप ड्राप ड्रॉप्स ड्राप्स",
    "eye": "आँख आंख आँखों आंखों आई",
    "ear": "कान",
    "nasal": "नाक",
    "cream": "क्रीम",
    "ointment": "मलहम मरहम ऑइंटमेंट",
    "gel": "जेल",
    "lotion": "लोशन",
    "powder": "पाउडर चूर्ण",
    "sachet": "सैशे",
    "sr": "एसआर ईआर एक्सआर एक्सएल सीआर",
}
_OTHERS = (
    "की का के में वाली वाला दवा दवाई औषधि मिग्रा मिलीग्राम एमजी मिग्र ग्रा ग्राम माइक्रोग्राम एमसीजी मिली मिलीलीटर एमएल"
    " आईयू यूनिट इकाई प्रतिशत"
)

# Words of names that their sounds do not tell: too short, or said otherwise.
_IN_NAMES = {
    "acid": "एसिड ऐसिड अम्ल",
    "sulphate": "सल्फेट",
    "succinate": "सक्सिनेट",
    "ferrous": "फेरस",
    "ors": "ओआरएस",
    "dolo": "डोलो",
    "a": "ए",
    "b": "बी",
    "c": "सी",
    "d": "डी",
    "e": "ई",
    "quetiapine": "क्वेटियापिन क्वेटियापीन क्यूटियापिन",
}


def is_beside(word: str) -> bool:
    """Tell whether this word of `devanagari.words` is none of the name."""
    return word in _beside()


def in_latin(word: str) -> str:
    """Return the word of the list that this one of `devanagari.words` stands for, or the word itself.

    "" for the unit of a strength, and for small words.
    """
    return _beside().get(word, _in_names().get(word, word))


@cache
def _in_names() -> dict[str, str]:
    return {word: name for name, several in _IN_NAMES.items() for word in words(several)}


@cache
def _beside() -> dict[str, str]:
    others = dict.fromkeys(words(_OTHERS), "")
    return others | {word: form for form, several in _FORMS.items() for word in words(several)}
