"""Validation of a prescription by the rules: refusals, and one question for the doctor (domain.md 1.6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from portal.base.errors import Invalid
from portal.base.language import gettext as _
from portal.base.lazy import lazy
from portal.core.formulary import barred, classes
from portal.core.formulary.barred import Finding
from portal.core.formulary.index import Formulary
from portal.core.prescribing import law, stopping
from portal.core.prescribing.dosing.course import course_of
from portal.core.prescribing.law import Case, Known, Rule
from portal.core.prescribing.notes import Item, Notes
from portal.core.rules import tables

# Fields of a row that can name another medicine, the name first.
_ROW_TEXTS = ("drug", "strength", "form", "dose", "frequency", "instructions", "reason", "taken_since", "purpose")


@dataclass(frozen=True)
class Point:
    """One thing that is asked, and where its rule is written unless the sentence says it."""

    sentence: str
    source: str = ""


@dataclass(frozen=True)
class Question:
    """A question that only the doctor can answer. `about` names all it asks: a tick counts for these and no others."""

    about: str
    points: tuple[Point, ...]


class Asked(Invalid):
    """Raised when the rules ask first: 409, with a form that names the medicines and takes a tick."""

    status = 409

    def __init__(self, question: Question, unreasoned: Mapping[str, str]) -> None:
        sentence = _("Please read what is asked above “Issue prescription”, and confirm it there.")
        super().__init__({"judgement": sentence, **unreasoned})
        self.question = question


@dataclass(frozen=True)
class Judged:
    """One medicine as the rules see it. `found`: barred medicines by field; `split` across fields.

    `tele_class`: O, A, B, PROHIBITED, or "" for one that is unknown or unclassified; `is_listed`: in the formulary;
    `has_form`: there in this form too.
    """

    item: Item
    tele_class: str
    is_listed: bool
    has_form: bool
    found: Mapping[str, tuple[Finding, ...]]
    split: str | None

    @property
    def is_unknown_form(self) -> bool:
        """Tell whether a listed medicine has an unlisted form: class and dose of a tablet say nothing of it."""
        return bool(self.item.form) and self.tele_class not in ("", classes.PROHIBITED) and not self.has_form

    @property
    def name(self) -> str:
        """Name of the medicine in the question."""
        return f"{self.item.drug} ({self.item.form})" if self.is_unknown_form else self.item.drug

    @property
    def key(self) -> str:
        """Key under which a doctor's answer for an unclassified name is kept: with the form, if that is unlisted."""
        name = " ".join(classes.substance(self.item.drug))
        return f"{name} ({self.item.form.casefold()})" if self.is_unknown_form else name

    def barred(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that name a barred medicine; a name split across fields counts for the first."""
        named = [(field, medicine) for field, found in self.found.items() if (medicine := _certain(found))]
        yield from [("drug", self.split)] if self.split else named

    def near_misses(self) -> Iterator[tuple[str, str]]:
        """Yield near misses of barred medicines; the name of a listed medicine is never one."""
        for field in _ROW_TEXTS[1:] if self.tele_class or self.is_listed else _ROW_TEXTS:
            yield from ((each.word, each.medicine) for each in self.found[field] if not each.certain)


class Judgement:
    """Result of the rules for some notes: each medicine is looked up once, and results are cached."""

    def __init__(self, notes: Notes, formulary: Formulary, known: Known) -> None:
        self.notes, self._formulary, self._known = notes, formulary, known
        self.rows = tuple(_judged(item, formulary) for item in notes.items)

    @lazy
    def continued(self) -> tuple[str, ...]:
        """List for each medicine the earlier prescription or the date it is taken since; "" for a new one."""
        earlier = {
            substance: number
            for drug, number in self._known.prescribed.items()
            for substance in self._formulary.identities(drug)
        }
        return tuple(self._continued(row.item, earlier) for row in self.rows)

    @lazy
    def rulings(self) -> tuple[Rule, ...]:
        """Apply the law: one rule for each medicine."""
        return tuple(self._ruling(place) for place in range(len(self.rows)))

    @lazy
    def refusals(self) -> dict[str, str]:
        """Map the fields that may not be prescribed so to a sentence; advice alone is never refused."""
        found: dict[str, str] = {}
        for row in self.rows:
            found |= {f"items-{row.item.place}-{field}": _refusal(medicine) for field, medicine in row.barred()}
        refused = self._ruled("refuse")
        waiting = [row for row in refused if self._waits_for_mode(row)]
        if waiting:
            found["mode"] = law.mode_unknown(", ".join(row.name for row in waiting))
        for row in (row for row in refused if row not in waiting):
            field = "form" if row.is_unknown_form and self._rule_of(row) is law.UNLISTED_UNSEEN else "drug"
            sentences = (self._rule_of(row).says(row.name), *map(_nearly, sorted(set(row.near_misses()))))
            found.setdefault(f"items-{row.item.place}-{field}", " ".join(sentences))
        if self.rows and self.notes.kind == "follow_up" and not self._is_follow_up:
            found["kind"] = law.not_a_follow_up()
        return found

    @lazy
    def question(self) -> Question | None:
        """The one question of a prescription: what the law asks, near misses, barred medicines in advice or tests."""
        asked = self._ruled("ask")
        forms = [row.name for row in asked if row.is_unknown_form]
        by_rule: dict[Rule, list[str]] = {}
        for row in asked:
            if not row.is_unknown_form:
                by_rule.setdefault(self._rule_of(row), []).append(row.name)
        near = sorted({miss for row in self.rows for miss in row.near_misses()})
        told = self._barred_in_words()
        sentences = [
            *(rule.says(", ".join(names)) for rule, names in by_rule.items()),
            *([_unlisted_forms(forms)] if forms else []),
            *map(_nearly, near),
            *([_in_words(told)] if told else []),
        ]
        names = [name for each in by_rule.values() for name in each]
        about = ", ".join([*names, *forms, *(f"{word}: {medicine}" for word, medicine in near), *told])
        return Question(about, tuple(map(Point, sentences))) if sentences else None

    @lazy
    def unreasoned(self) -> dict[str, str]:
        """Map the reason fields of medicines that need a reason and have none to a sentence."""
        without = [row for row in self.rows if self._needs_reason(row) and not row.item.reason]
        return {f"items-{row.item.place}-reason": _("Say why; it is kept with the prescription.") for row in without}

    @lazy
    def outside_lists(self) -> list[str]:
        """Medicines that the guidelines leave to the doctor's judgement: the page says so, and the audit keeps it."""
        asked = (row for row in self._ruled("ask") if self._rule_of(row) is not law.MANY_UNITS)  # of listed ones
        return [row.item.drug for row in asked] + self.judged_before

    @lazy
    def judged_before(self) -> list[str]:
        """Medicines without a class that this doctor has answered for: not asked again."""
        return [row.item.drug for row in self._ruled("allow") if self._rule_of(row) is law.UNLISTED_ANSWERED]

    @lazy
    def answers(self) -> list[str]:
        """Keys of the medicines without a class that the question names."""
        return [row.key for row in self._ruled("ask") if self._rule_of(row) is law.UNLISTED_ASKED]

    def kept(self, place: int) -> dict[str, str]:
        """Serialise the judgement of one medicine: versions of law, list and tables, rule, refill, reason."""
        rule, item = self.rulings[place], self.rows[place].item
        reason = item.reason if self._needs_reason(self.rows[place]) else ""
        number = str(tables.in_force().number or "")
        told = {"rules": number, "continues": self.continued[place], "reason": reason}
        versions = {"version": law.VERSION, "formulary": str(self._formulary.number), "barred": barred.version()}
        return versions | {"rule": rule.name} | {name: text for name, text in told.items() if text}

    def _needs_reason(self, row: Judged) -> bool:
        """Tell whether a tick is not enough: the law leaves it to judgement, or the name is nearly a barred one."""
        return row in self._ruled("ask") or (bool(row.item.drug) and any(row.near_misses()))

    @property
    def _is_follow_up(self) -> bool:
        return self._known.was_here or self.notes.seen_in_person_on is not None

    def _continued(self, item: Item, earlier: Mapping[tuple[str, ...], str]) -> str:
        known = (earlier.get(each) for each in sorted(self._formulary.identities(item.drug)))
        return next(filter(None, known), item.taken_since)

    def _waits_for_mode(self, row: Judged) -> bool:
        """Tell whether a medicine is refused only because neither the call log nor the doctor says the mode."""
        return not self.notes.mode and self._ruling(self.rows.index(row), "video").outcome != "refuse"

    def _ruling(self, place: int, mode: str | None = None) -> Rule:
        """Judge by the name's class; an unlisted form of what that allows is judged as unlisted, never more mildly."""
        case = self._case(place, mode or self.notes.mode or "")
        rule = law.judge(case)
        if rule.outcome == "refuse" or not self.rows[place].is_unknown_form:
            return rule
        return law.judge(replace(case, tele_class=""))

    def _case(self, place: int, mode: str) -> Case:
        row, others = self.rows[place], [text for number, text in enumerate(self.continued) if number != place]
        return Case(
            tele_class=row.tele_class,
            mode=mode,
            kind=self.notes.kind or "first",
            age=self._known.age,
            seen_in_person_on=self.notes.seen_in_person_on,
            continues=bool(self.continued[place]),
            adds_to_treatment=any(others) or bool(self._known.prescribed),
            strict=self._known.strict,
            unseen=self._known.picture.was_gone_for(row.item.drug),
            answered=row.key in self._known.answered,
            repeats=self.continued[place] in self._known.prescribed.values(),
            units=self._units(row.item.drug),
        )

    def _units(self, drug: str) -> int:
        """Count the units of a controlled medicine in all rows that have it; 0 for every other medicine."""
        controlled = law.CONTROLLED.intersection(self._formulary.substances(drug))
        rows = (row.item for row in self.rows if controlled.intersection(self._formulary.substances(row.item.drug)))
        return sum(item.quantity or course_of(item).quantity or 0 for item in rows)

    def _ruled(self, outcome: str) -> list[Judged]:
        return [row for row in self.rows if row.item.drug and self._rule_of(row).outcome == outcome]

    def _rule_of(self, row: Judged) -> Rule:
        return self.rulings[self.rows.index(row)]

    def _barred_in_words(self) -> list[str]:
        told = chain.from_iterable(map(stopping.left_to_ask, (self.notes.advice, self.notes.investigations)))
        return sorted({each.medicine for text in told for each in self._formulary.barred(text)})


def _judged(item: Item, formulary: Formulary) -> Judged:
    texts = {field: str(getattr(item, field)) for field in _ROW_TEXTS}
    found = {field: formulary.barred(text) for field, text in texts.items()}
    is_named = any(_certain(each) for each in found.values())
    split = None if is_named else formulary.named_barred(" ".join(texts.values()))
    tele_class = classes.PROHIBITED if _certain(found["drug"]) else formulary.tele_class(item.drug, item.form)
    is_listed, has_form = formulary.knows(item.drug), formulary.has_form(item.drug, item.form)
    return Judged(item, tele_class, is_listed, has_form, found, split)


def _refusal(medicine: str) -> str:
    return law.barred_by_caution(medicine) if medicine in barred.left_open() else law.barred(medicine)


def _certain(found: Iterable[Finding]) -> str | None:
    return next((each.medicine for each in found if each.certain), None)


def _unlisted_forms(names: Sequence[str]) -> str:
    return _(
        "The clinic's list does not have %(medicines)s in this form. Check the form; it is prescribed by your "
        "judgement.",
        medicines=", ".join(names),
    )


def _nearly(miss: tuple[str, str]) -> str:
    word, medicine = miss
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
