"""A medicine for this person: age, pregnancy, allergies on record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portal.base.language import current
from portal.base.language import gettext as _
from portal.core.formulary.classes import substance
from portal.core.prescribing.notes import Item, Notes
from portal.core.prescribing.safety import allergies, tables
from portal.core.prescribing.safety.concerns import Concern, Tier
from portal.core.prescribing.safety.substances import Row, among
from portal.core.prescribing.safety.tables import Person

PREGNANT = "pregnant"
_PREGNANCY = re.compile(
    r"\b(?:pregn[ae]n\w*|primi(?:gravida)?|gravida|g\dp\d\w*|antenatal|anc|gestation|upt[\s:=-]*(?:is\s*)?positive"
    r"|garbh[vw]ati)\b|\bupt[\s:=-]*\+|गर्भवती|गर्भावस्था|गर्भ से"
)
_ASKED = re.compile(rf"{_PREGNANCY.pattern}|\bupt\b")
# Only what stands right before or behind it denies it: "pregnant with no bleeding" is pregnant.
_BEFORE = re.compile(
    r"\b(?:not|no|non|never|denies|denied|without|negative for|post|plan\w*|exclud\w*|rule\w* out|avoid\w*"
    r"|prevent\w*)\b"
    r"(?:[\s/-]+(?:h/o|ho|hx|history|of|any|a|an|the|chance|chances|possibility|sign|signs|been|got|get|getting|become"
    r"|becoming|for|to|yet|currently|now|known|recent|further))*[\s/-]*$"
)
_BEHIND = re.compile(
    r"^(?:\s*test)?(?:\s+(?:is|was))?\s*[:?=-]?\s*(?:negative|excluded|ruled out|denied|nil"
    r"|no\s*$|not (?:confirmed|detected|likely|possible))(?!\w)"
    r"|^(?:\s+(?:है|हैं|भी))?\s+नहीं"
)
_CODES = re.compile(r"O[1-4]|Z3[3-6]|Z32\.1")  # ICD-10: pregnant, or looked after as pregnant; not after it
LONGEST_CYCLE = 38  # days (FIGO, abnormal uterine bleeding, system 1, 2018: 24 to 38)
_SENTENCE = re.compile(r"[.;,\n।]")


@dataclass(frozen=True)
class Allergy:
    """An allergy on record: what to, and what happened (its severity too), as written.

    `generic`: its substances joined by " + ", when it is written as a brand or in Hindi; else as written.
    """

    substance: str
    reaction: str = ""
    generic: str = ""

    @property
    def names(self) -> list[str]:
        """The bare names of its substances, and what is written."""
        written = (self.substance, *self.generic.split(" + "))
        return list(dict.fromkeys(filter(None, (" ".join(substance(name)) for name in written))))


@dataclass(frozen=True)
class Patient:
    """What the rules of safety know of the patient. `age` in years; `taken`: present medicines by name.

    `is_pregnant`: by the chart; the notes may say so too, except of a man. `since_period`: days since the last
    one began.
    """

    age: int | None = None
    is_male: bool = False
    is_pregnant: bool = False
    since_period: int | None = None
    allergies: tuple[Allergy, ...] = ()
    taken: tuple[str, ...] = ()


def concerns_of(row: Row, item: Item, patient: Patient) -> Iterator[Concern]:
    """Yield what this medicine raises for this person."""
    for rule in tables.people():
        if _holds(rule, patient) and row.members(rule.medicine):
            yield Concern(rule.rule, rule.tier, _field(item), item.drug, _said(rule, item), rule.source, item.place)
    yield from _late_period(row, item, patient)
    for allergy in patient.allergies:
        yield from _allergic(row, item, allergy)


def concern_of_unknown(item: Item, patient: Patient) -> Concern:
    """Say that the rules cannot check an unlisted name; asked, each time, where an allergy is on record."""
    source = _("list of medicines")
    if not patient.allergies:
        sentence = _("%(medicine)s is not in the list: dose and interactions are not checked.", medicine=item.drug)
        return Concern("unlisted", "note", _field(item), item.drug, sentence, source, item.place)
    sentence = _(
        "%(medicine)s is not in the list of medicines, so nobody has compared it with the allergies on record "
        "(%(allergies)s).",
        medicine=item.drug,
        allergies=", ".join(allergy.substance for allergy in patient.allergies),
    )
    return Concern("unlisted_and_allergy", "ask", _field(item), item.drug, sentence, source, item.place)


def names_pregnancy(name: str, icd10: str) -> bool:
    """Tell whether a diagnosis or a problem of the chart is a pregnancy, by its words or by its ICD-10 code."""
    return _CODES.match(icd10) is not None or _says_pregnant(name)


def says_pregnant(notes: Notes) -> bool:
    """Tell whether the notes say so, by a code or in words, and do not deny it in the same breath."""
    return names_pregnancy("", notes.icd10) or any(_says_pregnant(text) for text in _texts(notes))


def speaks_of_pregnancy(notes: Notes) -> bool:
    """Tell whether the notes name it, even to deny it: then somebody has asked."""
    return any(_ASKED.search(text.casefold()) for text in _texts(notes))


def _texts(notes: Notes) -> tuple[str, ...]:
    return notes.complaints, notes.history, notes.findings, notes.diagnosis


def _says_pregnant(text: str) -> bool:
    return any(
        not _BEFORE.search(part[: found.start()]) and not _BEHIND.search(part[found.end() :])
        for part in _SENTENCE.split(text.casefold())
        for found in _PREGNANCY.finditer(part)
    )


def _holds(rule: Person, patient: Patient) -> bool:
    if rule.state == PREGNANT:
        return patient.is_pregnant
    return rule.below_age is not None and patient.age is not None and patient.age < rule.below_age


def _said(rule: Person, item: Item) -> str:
    """Say what the rule is about; in pregnancy also where that stands, as nobody was asked."""
    why = rule.why.get(current(), rule.why["en"])
    if rule.state != PREGNANT:
        return _("%(medicine)s: %(why)s.", medicine=item.drug, why=why)
    return _("%(medicine)s in pregnancy, which the notes or the chart name: %(why)s.", medicine=item.drug, why=why)


def _late_period(row: Row, item: Item, patient: Patient) -> Iterator[Concern]:
    """Note a medicine that is asked about in pregnancy while the period is late, and nobody wrote whether she is."""
    if patient.is_pregnant or patient.since_period is None or patient.since_period <= LONGEST_CYCLE:
        return
    for rule in tables.people():
        if (rule.state, rule.tier) == (PREGNANT, "ask") and row.members(rule.medicine):
            sentence = _(
                "%(medicine)s: the last period began %(days)s days ago. Ask whether she is pregnant: %(why)s.",
                medicine=item.drug,
                days=patient.since_period,
                why=rule.why.get(current(), rule.why["en"]),
            )
            yield Concern("late_period", "note", _field(item), item.drug, sentence, rule.source, item.place)


def _allergic(row: Row, item: Item, allergy: Allergy) -> Iterator[Concern]:
    """Yield an allergy to this very substance or its class; a related class is noted, after anaphylaxis asked."""
    is_severe = allergies.is_severe(f"{allergy.substance} {allergy.reaction}")
    found, named = _groups(allergy), {group for group, _near, _source in _groups(Allergy(row.name))}
    if any(among(part.name, allergy.names) for part in row.parts) or any(
        _has(row, group) or group in named for group, _near, _source in found
    ):
        source = found[0][2] if found else _("allergy on record")
        yield _allergy(item, allergy, "stop" if is_severe else "ask", source)
        return
    for _group, near, source in found:
        if near and _has(row, near):
            yield _allergy(item, allergy, "ask" if is_severe else "note", source, rule="related_allergy")


def _groups(allergy: Allergy) -> list[tuple[str, str, str]]:
    found = allergies.classes_of(f"{allergy.substance} {allergy.generic}")
    return [(each.group, each.near, each.source) for each in found]


def _has(row: Row, group: str) -> bool:
    """An allergy counts for every way in: drops, creams, injections."""
    return bool(among(row.generic, tables.groups()[group]))


def _allergy(item: Item, allergy: Allergy, tier: Tier, source: str, rule: str = "") -> Concern:
    on_record = ", ".join(part for part in (allergy.substance, allergy.reaction) if part)
    sentence = _("%(medicine)s: allergy on record (%(allergy)s).", medicine=item.drug, allergy=on_record)
    name = rule or ("anaphylaxis" if tier == "stop" else "allergy")
    return Concern(name, tier, _field(item), item.drug, sentence, source, item.place)


def _field(item: Item) -> str:
    return f"items-{item.place}-drug"
