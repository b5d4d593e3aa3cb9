"""What a medicine is for and how it is taken, in plain words: offered while a doctor types, said as patients speak."""

from functools import cache

from portal.base.language import N_, speaking
from portal.base.language import gettext as _
from portal.base.typed import plain

PURPOSES = (
    N_("for blood pressure"),
    N_("for diabetes"),
    N_("for cholesterol"),
    N_("for the heart"),
    N_("so that the blood does not clot"),
    N_("for the thyroid"),
    N_("for the kidneys"),
    N_("for pain"),
    N_("for fever"),
    N_("for pain and fever"),
    N_("for swelling"),
    N_("for the joints"),
    N_("for the bones"),
    N_("for an infection"),
    N_("for cough"),
    N_("for cold"),
    N_("for breathing"),
    N_("for allergy"),
    N_("for itching"),
    N_("for the skin"),
    N_("for acidity"),
    N_("for vomiting"),
    N_("for loose motions"),
    N_("for constipation"),
    N_("for the eyes"),
    N_("for eye pressure"),
    N_("for the ears"),
    N_("for the nose"),
    N_("for dizziness"),
    N_("for headache"),
    N_("for sleep"),
    N_("for the mood"),
    N_("for anxiety"),
    N_("for fits"),
    N_("for the nerves"),
    N_("for the prostate"),
    N_("for urine"),
    N_("for anaemia"),
    N_("vitamin"),
    N_("calcium"),
)
INSTRUCTIONS = (
    N_("with plenty of water"),
    N_("with milk"),
    N_("swallow whole"),
    N_("do not crush"),
    N_("do not chew"),
    N_("chew well"),
    N_("dissolve in water"),
    N_("under the tongue"),
    N_("under the skin"),
    N_("into the muscle"),
    N_("into the vein"),
    N_("shake well"),
    N_("apply a thin layer"),
    N_("for external use only"),
    N_("rinse the mouth after use"),
    N_("do not lie down for half an hour"),
    N_("do not drive"),
    N_("no alcohol"),
    N_("keep in the refrigerator"),
    N_("finish the course"),
    N_("do not stop on your own"),
)


def in_patients_words(text: str, language: str) -> str:
    """Say a listed purpose or instruction in a language; any other text stays as the doctor wrote it."""
    listed = _english().get(plain(text))
    return _in(language, listed) if listed else text


def purposes(language: str) -> list[str]:
    """List what is offered as a purpose."""
    return [_in(language, purpose) for purpose in PURPOSES]


def instructions(language: str) -> list[str]:
    """List what is offered as an instruction."""
    return [_in(language, instruction) for instruction in INSTRUCTIONS]


@cache
def _english() -> dict[str, str]:
    """Map what is listed, as a doctor types it in English or Hindi, to English."""
    return {plain(_in(language, text)): text for text in PURPOSES + INSTRUCTIONS for language in ("en", "hi")}


def _in(language: str, text: str) -> str:
    with speaking(language):
        return _(text)
