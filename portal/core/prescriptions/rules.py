"""Which class a medicine has under the Telemedicine Practice Guidelines, and which may not be prescribed at all."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROHIBITED = "PROHIBITED"
STRICTEST_FIRST = (PROHIBITED, "B", "A", "O")

# The list that comes with the portal. Names and strengths are facts, after NLEM 2022 (S.O. 5249(E)) and Schedule X.
FORMULARY_FILE = Path(__file__).parent.parent / "data" / "formulary.csv"

# Ways to give it and salts: they do not make another medicine.
_FORM_WORDS = frozenset(
    "tab tabs tablet tablets cap caps capsule capsules inj injection injections syp syr syrup susp suspension"
    " oint ointment cream gel lotion drop drops inhaler spray powder sachet sr er xr cr mr od dt md".split()
)
_UNITS = frozenset("mg mcg g gm gms ml iu unit units".split())
_SALTS = frozenset(
    "hcl hydrochloride hydrobromide hbr sulphate sulfate phosphate tartrate bitartrate citrate maleate fumarate"
    " besylate besilate mesylate acetate succinate oxalate nitrate sodium potassium calcium magnesium dihydrate"
    " monohydrate".split()
)
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class Medicine:
    """A medicine of a formulary as the rules see it. `aliases` are other spellings of the same substance."""

    name: str
    form: str
    tele_class: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by."""
        return (self.name, *self.aliases)


def from_row(row: Mapping[str, str]) -> Medicine:
    """A row of formulary.csv, or of a table with the same columns."""
    aliases = tuple(alias.strip() for alias in row["aliases"].split("|") if alias.strip())
    return Medicine(row["name"], row["form"], row["tele_class"], aliases)


@cache
def always_prohibited() -> tuple[Medicine, ...]:
    """Schedule X and the listed narcotics and psychotropics: barred whatever formulary a site has loaded."""
    with FORMULARY_FILE.open(encoding="utf-8", newline="") as file:
        medicines = map(from_row, csv.DictReader(file))
        return tuple(medicine for medicine in medicines if medicine.tele_class == PROHIBITED)


def find_prohibited(text: str, formulary: Iterable[Medicine] = ()) -> str | None:
    """The prohibited medicine that the typed text names, alone or in a combination, else None.

    Case, blanks, salts, forms and strengths make no difference; only whole words count.
    """
    written = f" {' '.join(_words(text))} "
    barred = (medicine for medicine in formulary if medicine.tele_class == PROHIBITED)
    for medicine in (*always_prohibited(), *barred):
        if any(f" {' '.join(_words(name))} " in written for name in medicine.names if _words(name)):
            return medicine.name
    return None


def tele_class(text: str, form: str, formulary: Iterable[Medicine]) -> str:
    """O, A, B or PROHIBITED, or "" when the formulary does not know the medicine.

    When the form is not among those listed, the strictest class of the name counts.
    """
    medicines = tuple(formulary)
    if find_prohibited(text, medicines):
        return PROHIBITED
    bare = _substance(text)
    found = [medicine for medicine in medicines if bare and bare in map(_substance, medicine.names)]
    same_form = [medicine for medicine in found if medicine.form.casefold() == form.strip().casefold()]
    classes = {medicine.tele_class for medicine in same_form or found}
    return next((known for known in STRICTEST_FIRST if known in classes), "")


def _words(text: str) -> list[str]:
    """Plain lower-case words and numbers; what cannot be seen is left out."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall("".join(character for character in plain if unicodedata.category(character) != "Cf"))


def _substance(text: str) -> tuple[str, ...]:
    """The words that name the substance: without forms, strengths, and salts behind the first word."""
    words = [word for word in _words(text) if not word.isdigit() and word not in _FORM_WORDS | _UNITS]
    return tuple(word for place, word in enumerate(words) if place == 0 or word not in _SALTS)
