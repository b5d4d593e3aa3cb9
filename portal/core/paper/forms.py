"""Dosage forms in the patient's words: those of the packaged formulary, and others by their last known word."""

from portal.base.language import N_, speaking
from portal.base.language import gettext as _
from portal.base.typed import words

_KNOWN = (
    N_("tablet"),
    N_("prolonged-release tablet"),
    N_("dispersible tablet"),
    N_("effervescent tablet"),
    N_("orodispersible tablet"),
    N_("chewable tablet"),
    N_("sublingual tablet"),
    N_("vaginal tablet"),
    N_("lozenge"),
    N_("capsule"),
    N_("prolonged-release capsule"),
    N_("inhalation capsule"),
    N_("syrup"),
    N_("oral suspension"),
    N_("oral liquid"),
    N_("oral drops"),
    N_("sachet"),
    N_("powder"),
    N_("dusting powder"),
    N_("injection"),
    N_("inhaler"),
    N_("nebuliser solution"),
    N_("eye drops"),
    N_("eye ointment"),
    N_("ear drops"),
    N_("nasal drops"),
    N_("nasal spray"),
    N_("drops"),
    N_("spray"),
    N_("cream"),
    N_("ointment"),
    N_("gel"),
    N_("lotion"),
    N_("topical solution"),
    N_("solution"),
    N_("suspension"),
    N_("paint"),
    N_("mouth paint"),
    N_("nail lacquer"),
    N_("shampoo"),
    N_("soap"),
    N_("patch"),
    N_("mouthwash"),
    N_("gargle"),
    N_("chewing gum"),
    N_("suppository"),
)
_SPELT = {" ".join(words(name)): name for name in _KNOWN}
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
    """Say a dosage form in a language; in English, and one that is not known, it stays as written."""
    if language == "en":
        return form
    typed = [_SHORT.get(word, word) for word in words(form)]
    phrases = (" ".join(typed[start:]) for start in range(len(typed)))
    known = next((_SPELT[phrase] for phrase in phrases if phrase in _SPELT), "")
    with speaking(language):
        said = _(known) if known else ""
    return said if said != known else form
