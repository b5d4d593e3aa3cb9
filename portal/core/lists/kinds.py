"""The lists that can be imported, in one shape: what stands in a file, how it is read, compared, written and kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from portal.base.errors import NotFound
from portal.base.language import gettext as _
from portal.core.formulary import rows, versions
from portal.core.formulary.models import FormularyVersion
from portal.core.formulary.versions import Values
from portal.core.lists import parts, whole
from portal.core.lists import rules as ruled
from portal.core.lists.differences import ADDED, CHANGED, GONE, REFUSED, Difference, Row, between
from portal.core.rules import tables
from portal.core.rules import versions as rule_versions
from portal.core.rules.models import RuleTable
from portal.store.csv_file import Columns, Line

CLASS_COLUMNS = ("tele_class", "class_source")


@dataclass(frozen=True)
class Version:
    """One version of a list; number 0 is the list as delivered."""

    number: int
    at: datetime | None = None
    by: str = ""
    file: str = ""
    signed_by: str = ""


@dataclass
class Reading:
    """What a file would make of a list, and its refused lines with the reason."""

    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)  # of the formulary: the rows as they are stored

    @property
    def lines(self) -> int:
        """How many lines are taken."""
        return len(self.rows)


@dataclass(frozen=True)
class Kind:
    """A list. `is_whole`: the file is the whole list, so that what it lacks goes.

    `is_strict`: a refused line stops the import; else the others are taken, and nothing goes.
    """

    key: str
    keys: tuple[str, ...]
    is_whole: bool = True
    is_strict: bool = True

    def head(self) -> Columns:
        """Return the columns of a file."""
        return ruled.head(self.key)

    def in_force(self) -> list[Row]:
        """Return the lines in force."""
        rule_versions.refresh()
        return list(tables.rows(self._table))

    def number(self) -> int:
        """Return the number of the version in force."""
        return self.versions()[0].number

    def versions(self) -> list[Version]:
        """List the versions, the newest first."""
        made = RuleTable.select(
            RuleTable.number, RuleTable.imported_at, RuleTable.imported_by, RuleTable.file, RuleTable.signed_by
        )
        rows = made.where(RuleTable.name == self._table).order_by(RuleTable.number.desc())
        found = [Version(row.number, row.imported_at, row.imported_by, row.file, row.signed_by) for row in rows]
        return [*found, Version(0)]

    def rows_of(self, number: int) -> list[Row]:
        """Return the lines of a version. Raises NotFound."""
        if number == 0:
            return list(tables.rows_of(tables.packaged(self._table)))
        row = RuleTable.get_or_none((RuleTable.name == self._table) & (RuleTable.number == number))
        if row is None:
            raise NotFound
        return list(tables.rows_of(str(row.content)))

    def read(self, lines: Iterable[Line]) -> Reading:
        """Read the lines of a file; nothing is changed."""
        refused: list[tuple[int, str]] = []
        return Reading(ruled.read(self.key, lines, refused), sorted(refused))

    def differences(self, reading: Reading) -> list[Difference]:
        """Compare what a file would make with the list in force."""
        after = list(reading.rows)
        before = self.in_force()
        if not self.is_whole or (reading.refused and not self.is_strict):
            read = {self._key_of(row) for row in after}
            after += [row for row in before if self._key_of(row) not in read]
        return between(before, after, self.keys)

    def needs_sign_off(self, found: Iterable[Difference]) -> bool:
        """Must somebody answer for these changes by name?"""
        return self.key in ruled.SIGNED and any(True for _each in found)

    def take_over(self, reading: Reading, *, signed_by: str, by: str, file: str, now: datetime) -> None:
        """Write the next version, in the caller's transaction."""
        rule_versions.take_over(self._table, reading.rows, signed_by=signed_by, by=by, file=file, now=now)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the list as a file."""
        return self.head().needed

    @property
    def _table(self) -> str:
        return ruled.NAMES[self.key]

    def _key_of(self, row: Row) -> tuple[str, ...]:
        return tuple(row[key].casefold() for key in self.keys)


class Formulary(Kind):
    """The list of medicines."""

    def head(self) -> Columns:
        """Return the columns of a file; more are known, and may be left out."""
        return whole.HEAD

    def in_force(self) -> list[Row]:
        """Return the medicines in force."""
        return [rows.cells_of(row) for row in versions.in_force_rows()]

    def versions(self) -> list[Version]:
        """List the versions, the newest first; before the first import there is an empty one."""
        made = FormularyVersion.select().order_by(FormularyVersion.number.desc())
        found = [Version(row.number, row.imported_at, row.imported_by, row.file, row.signed_by) for row in made]
        return found or [Version(0)]

    def rows_of(self, number: int) -> list[Row]:
        """Return the medicines of a version. Raises NotFound."""
        if number and not FormularyVersion.select().where(FormularyVersion.number == number).exists():
            raise NotFound
        return [
            rows.cells_of({column: getattr(drug, column) for column in versions.COLUMNS})
            for drug in versions.drugs_of(number)
        ]

    def read(self, lines: Iterable[Line]) -> Reading:
        """Read the lines of a file; nothing is changed."""
        refused: list[tuple[int, str]] = []
        return _reading(whole.read(lines, refused), refused)

    def needs_sign_off(self, found: Iterable[Difference]) -> bool:
        """Classes decide what may be prescribed by video: whoever changes them answers for it by name."""
        return any(each.touches(*CLASS_COLUMNS) for each in found)

    def take_over(self, reading: Reading, *, signed_by: str, by: str, file: str, now: datetime) -> None:
        """Write the next version, in the caller's transaction."""
        keeps = not self.is_whole or bool(reading.refused)
        versions.take_over(reading.values, keep_others=keeps, by=by, file=file, now=now, signed_by=signed_by)

    def columns(self) -> tuple[str, ...]:
        """Return the columns of the list as a file."""
        return whole.FILE_COLUMNS


class Part(Formulary):
    """Classes or brands alone, which are merged into the medicines."""

    def head(self) -> Columns:
        """Return the columns of a file."""
        return parts.PARTS[self.key][0]

    def read(self, lines: Iterable[Line]) -> Reading:
        """Read the lines of a file; nothing is changed."""
        refused: list[tuple[int, str]] = []
        changed, _taken = parts.read(self.key, lines, refused)
        return _reading(changed, refused)


def _reading(values: list[Values], refused: list[tuple[int, str]]) -> Reading:
    return Reading([rows.cells_of(row) for row in values], sorted(refused), values)


KINDS: dict[str, Kind] = {
    "formulary": Formulary("formulary", versions.KEYS, is_strict=False),
    "classes": Part("classes", versions.KEYS, is_whole=False, is_strict=False),
    "brands": Part("brands", versions.KEYS, is_whole=False, is_strict=False),
    **{key: Kind(key, tables.KEYS[name]) for key, name in ruled.NAMES.items()},
}


def kind_of(key: str) -> Kind:
    """Find a list by its key. Raises NotFound."""
    if key not in KINDS:
        raise NotFound
    return KINDS[key]


def titles() -> dict[str, str]:
    """Name the lists."""
    return {
        "formulary": _("Medicines"),
        "classes": _("Classes of medicines"),
        "brands": _("Brands of medicines"),
        "barred": _("Medicines that may not be prescribed"),
        "barred-names": _("Brands and spellings of barred medicines"),
        "safety-groups": _("Groups of medicines for the rules of safety"),
        "safety-doses": _("Largest doses"),
        "safety-pairs": _("Interactions of medicines"),
        "safety-people": _("Medicines by age and in pregnancy"),
        "safety-allergies": _("Words for allergies"),
        "diagnoses": _("Short list of diagnoses"),
        "icd10": _("Whole list of ICD-10"),
    }


def abouts() -> dict[str, str]:
    """Say what an import of each list does."""
    whole = _("The file is the whole list: what it lacks is taken out.")
    merged = _("The file is merged into the medicines; nothing is taken out.")
    return {
        "formulary": _("The medicines that doctors find when they prescribe, with form, strengths and class.")
        + f" {whole}",
        "classes": _("Which list of the Telemedicine Practice Guidelines a medicine is in.") + f" {merged}",
        "brands": _("Under which brand names a medicine is found.") + f" {merged}",
        "barred": _("Narcotic and psychotropic substances and those of Schedule X.") + f" {whole}",
        "barred-names": _("Other names under which a barred medicine is recognised.") + f" {whole}",
        "safety-groups": _("Which medicines belong together when interactions are looked for.") + f" {whole}",
        "safety-doses": _("The most of a substance in a day and in one piece, in milligrams.") + f" {whole}",
        "safety-pairs": _("Which groups of medicines do not go together, and what the doctor is told.") + f" {whole}",
        "safety-people": _("Which medicines need care below an age or in pregnancy.") + f" {whole}",
        "safety-allergies": _("By which words an allergy is recognised in what was typed.") + f" {whole}",
        "diagnoses": _("What is offered under the field of the diagnosis, in both languages.") + f" {whole}",
        "icd10": _("What the search of diagnoses looks through after the short list.") + f" {whole}",
    }


def column_words() -> dict[str, str]:
    """Name the columns; one that is not here is shown by its own name."""
    return {
        "name": _("Name"),
        "form": _("Form"),
        "strengths": _("Strengths"),
        "tele_class": _("Class"),
        "class_source": _("Source of the class"),
        "chronic": _("Long-term medicine"),
        "route": _("Route"),
        "default_frequency": _("How often"),
        "aliases": _("Other names"),
        "brands": _("Brands"),
        "brand": _("Brand"),
        "substances": _("Substances"),
        "source": _("Source"),
        "law": _("Law"),
        "entry": _("Entry of the law"),
        "medicine": _("Medicine"),
        "members": _("Members"),
        "substance": _("Substance"),
        "most_a_day_mg": _("Most a day, in mg"),
        "largest_mg": _("Largest piece, in mg"),
        "rule": _("Rule"),
        "tier": _("How strongly"),
        "one": _("One group"),
        "other": _("Other group"),
        "why": _("Reason in English"),
        "why_hi": _("Reason in Hindi"),
        "below_age": _("Below the age"),
        "state": _("State"),
        "words": _("Words"),
        "group": _("Group"),
        "near": _("Related group"),
        "code": _("Code"),
        "label": _("Name in English"),
        "label_hi": _("Name in Hindi"),
        "sign_off": _("Left to a clinician"),
    }


def kind_words() -> dict[str, str]:
    """Name the kinds of"""
    return {
        ADDED: _("New"),
        CHANGED: _("Changed"),
        GONE: _("Taken out"),
        REFUSED: _("Refused"),
    }
