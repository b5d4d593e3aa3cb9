"""Validation of a prescription by the rules: refusals, and one question for the doctor (domain.md 1.6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.lazy import lazy
from portal.core.prescribing import barred, rules
from portal.core.prescribing.barred import Finding
from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.rules import Medicine

# Fields of a row that can name another medicine, the name first.
_ROW_TEXTS = ("drug", "strength", "form", "dose", "frequency", "instructions", "reason")


@dataclass(frozen=True)
class Question:
    """A question that only the doctor can answer. `about` names all it asks: a tick counts for these and no others."""

    about: str
    sentence: str


class Asked(Invalid):
    """Raised when the rules ask first: 409, with a form that names the medicines and takes a tick."""

    status = 409

    def __init__(self, question: Question) -> None:
        super().__init__({"judgement": question.sentence})
        self.about = question.about


@dataclass(frozen=True)
class Judged:
    """One medicine as the rules see it. `found`: barred medicines by field; `split` across fields.

    `tele_class`: O, A, B, PROHIBITED, or "" for one not in the formulary; `has_form`: the formulary has this form too.
    """

    item: Item
    tele_class: str
    has_form: bool
    found: Mapping[str, tuple[Finding, ...]]
    split: str | None

    @property
    def is_unknown(self) -> bool:
        """Tell whether it is in no list."""
        return bool(self.item.drug) and not self.tele_class

    @property
    def is_unknown_form(self) -> bool:
        """Tell whether a listed medicine has an unlisted form: class and dose of a tablet say nothing of it."""
        return bool(self.item.form) and self.tele_class not in ("", rules.PROHIBITED) and not self.has_form

    @property
    def name(self) -> str:
        """Name of the medicine in the question."""
        return f"{self.item.drug} ({self.item.form})" if self.is_unknown_form else self.item.drug

    def barred(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that name a barred medicine; a name split across fields counts for the first."""
        named = [(field, medicine) for field, found in self.found.items() if (medicine := _certain(found))]
        yield from [("drug", self.split)] if self.split else named

    def near_misses(self) -> Iterator[tuple[str, str]]:
        """Yield near misses of barred medicines; the name of a listed medicine is never one."""
        for field in _ROW_TEXTS[1:] if self.tele_class else _ROW_TEXTS:
            yield from ((each.word, each.medicine) for each in self.found[field] if not each.certain)


class Judgement:
    """Result of the rules for some notes: each medicine is looked up once, and results are cached."""

    def __init__(self, notes: Notes, medicines: Sequence[Medicine]) -> None:
        self.notes, self._medicines = notes, medicines
        self.rows = tuple(_judged(item, medicines) for item in notes.items)

    @lazy
    def refusals(self) -> dict[str, str]:
        """Map the fields of medicine rows that may not be prescribed here to a sentence."""
        found: dict[str, str] = {}
        for row in self.rows:
            found |= {f"items-{row.item.place}-{field}": _is_barred(medicine) for field, medicine in row.barred()}
        if self.notes.kind == "first" and self.notes.mode != "video":
            for row in self._unknown:
                field = "drug" if row.is_unknown else "form"
                found.setdefault(f"items-{row.item.place}-{field}", _needs_video(row.name))
        return found

    @lazy
    def question(self) -> Question | None:
        """The one question of a prescription: unknown medicines, near misses, barred medicines in advice or tests."""
        unknown = [row.name for row in self._unknown if row.is_unknown]
        forms = [row.name for row in self._unknown if row.is_unknown_form]
        near = sorted({miss for row in self.rows for miss in row.near_misses()})
        texts = (self.notes.advice, self.notes.investigations)
        told = sorted({each.medicine for text in texts for each in barred.find(text, self._medicines)})
        sentences = [
            *([_unlisted(unknown)] if unknown else []),
            *([_unlisted_forms(forms)] if forms else []),
            *(_nearly(word, medicine) for word, medicine in near),
            *([_in_words(told)] if told else []),
        ]
        about = ", ".join([*unknown, *forms, *(f"{word}: {medicine}" for word, medicine in near), *told])
        return Question(about, " ".join(sentences)) if sentences else None

    @lazy
    def outside_lists(self) -> list[str]:
        """Medicines outside the guidelines' lists for this consult (domain.md 1.6).

        The guidelines leave these to the doctor's clinical judgement: the page says so, and they are audited.
        """
        is_first = self.notes.kind == "first"
        by_sight = self.notes.mode == "video" or self.notes.kind == "follow_up"
        return [
            row.item.drug
            for row in self.rows
            if row.tele_class != "O" and (not by_sight or (row.tele_class == "B" and is_first))
        ]

    @property
    def _unknown(self) -> list[Judged]:
        return [row for row in self.rows if row.is_unknown or row.is_unknown_form]


def _judged(item: Item, medicines: Sequence[Medicine]) -> Judged:
    texts = {field: str(getattr(item, field)) for field in _ROW_TEXTS}
    found = {field: barred.find(text, medicines) for field, text in texts.items()}
    is_named = any(_certain(each) for each in found.values())
    split = None if is_named else barred.named(" ".join(texts.values()), medicines)
    is_barred = _certain(found["drug"])
    tele_class = rules.PROHIBITED if is_barred else rules.tele_class(item.drug, item.form, medicines)
    return Judged(item, tele_class, rules.has_form(item.drug, item.form, medicines), found, split)


def _certain(found: Iterable[Finding]) -> str | None:
    return next((each.medicine for each in found if each.certain), None)


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


def _unlisted_forms(names: Sequence[str]) -> str:
    return _(
        "The clinic's list does not have %(medicines)s in this form. Check the form; it is prescribed by your "
        "judgement.",
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
