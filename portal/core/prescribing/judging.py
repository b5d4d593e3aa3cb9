"""What the rules refuse in a doctor's notes, and what they ask, once for the whole prescription (domain.md 1.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.core.prescribing import barred, checks
from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.rules import Medicine

# Where another medicine can be written in a row, the name first.
_ROW_TEXTS = ("drug", "strength", "form", "dose", "frequency", "instructions", "reason")


@dataclass(frozen=True)
class Question:
    """What only the doctor can answer. `about` names all that is asked: a tick counts for these and no others."""

    about: str
    sentence: str


class Asked(Invalid):
    """The rules ask before they let it pass: 409, with a form that names the medicines and takes a tick."""

    status = 409

    def __init__(self, question: Question) -> None:
        super().__init__({"judgement": question.sentence})
        self.about = question.about


def refusals(notes: Notes, medicines: Sequence[Medicine]) -> dict[str, str]:
    """A sentence for every field of a medicine's row that may not be prescribed here, by the field's name."""
    found: dict[str, str] = {}
    for item in notes.items:
        found |= {f"items-{item.place}-{field}": _is_barred(medicine) for field, medicine in _barred(item, medicines)}
    if notes.kind == "first" and notes.mode != "video":
        for item in _unknown(notes, medicines):
            found.setdefault(f"items-{item.place}-drug", _needs_video(item.drug))
    return found


def question(notes: Notes, medicines: Sequence[Medicine]) -> Question | None:
    """The one question of a prescription: medicines nobody knows, near misses, barred ones in advice or tests."""
    unknown = [item.drug for item in _unknown(notes, medicines)]
    near = sorted(set(_near_misses(notes, medicines)))
    told = sorted(
        {found.medicine for text in (notes.advice, notes.investigations) for found in barred.find(text, medicines)}
    )
    sentences = [
        *([_unlisted(unknown)] if unknown else []),
        *(_nearly(word, medicine) for word, medicine in near),
        *([_in_words(told)] if told else []),
    ]
    about = ", ".join([*unknown, *(f"{word}: {medicine}" for word, medicine in near), *told])
    return Question(about, " ".join(sentences)) if sentences else None


def _barred(item: Item, medicines: Sequence[Medicine]) -> Iterator[tuple[str, str]]:
    """The fields of a row that name a barred medicine; a name that is split over the fields counts for the first."""
    fields = {field: str(getattr(item, field)) for field in _ROW_TEXTS}
    found = [(field, medicine) for field, text in fields.items() if (medicine := barred.named(text, medicines))]
    split = None if found else barred.named(" ".join(fields.values()), medicines)
    yield from [("drug", split)] if split else found


def _unknown(notes: Notes, medicines: Sequence[Medicine]) -> list[Item]:
    return [item for item in notes.items if item.drug and not checks.class_of(item, medicines)]


def _near_misses(notes: Notes, medicines: Sequence[Medicine]) -> Iterator[tuple[str, str]]:
    """Words of the rows that nearly spell a barred medicine; the name of a listed one is no misspelling."""
    for item in notes.items:
        fields = _ROW_TEXTS[1:] if checks.class_of(item, medicines) else _ROW_TEXTS
        for field in fields:
            for found in barred.find(str(getattr(item, field)), medicines):
                if not found.certain:
                    yield found.word, found.medicine


def _is_barred(medicine: str) -> str:
    return _(
        "%(medicine)s may not be prescribed in a tele-consultation (Schedule X, narcotic or psychotropic: "
        "Telemedicine Practice Guidelines 2020, 3.7.4). Please remove it.",
        medicine=medicine,
    )


def _needs_video(medicine: str) -> str:
    return _(
        "The clinic's list does not know %(medicine)s. In a first consultation such a medicine may be prescribed by "
        "video only (Telemedicine Practice Guidelines 2020, List A).",
        medicine=medicine,
    )


def _unlisted(names: Sequence[str]) -> str:
    return _(
        "The clinic's list does not know %(medicines)s. Check the names; they are prescribed by your judgement.",
        medicines=", ".join(names),
    )


def _nearly(word: str, medicine: str) -> str:
    return _(
        "“%(word)s” is nearly %(medicine)s, which may not be prescribed here. Check the spelling.",
        word=word,
        medicine=medicine,
    )


def _in_words(names: Sequence[str]) -> str:
    return _(
        "Advice or tests name %(medicines)s, which may not be prescribed here: do they tell how to stop, avoid or test "
        "it?",
        medicines=", ".join(names),
    )
