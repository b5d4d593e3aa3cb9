"""A medicine with its class by the Telemedicine Practice Guidelines, and what of a typed name is the substance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.core.formulary import devanagari, hindi_words
from portal.core.formulary.folding import folded
from portal.core.rules import tables

PROHIBITED = "PROHIBITED"
STRICTEST_FIRST = (PROHIBITED, "B", "A", "O")

DATA = Path(__file__).parent.parent / "data"
# The packaged formulary. Each row cites where its name and strengths were read: docs/clinical.md.
FORMULARY_FILE = DATA / "formulary.csv"

# Forms, units and salts: they do not make another medicine.
_FORM_WORDS = frozenset(
    "tab tabs tablet tablets cap caps capsule capsules inj injection injections syp syr syrup susp suspension"
    " oint ointment cream gel lotion drop drops inhaler spray powder sachet sr er xr xl cr mr la od dt md".split()
)
_UNITS = frozenset("mg mcg ug μg µg g gm gms ml iu unit units".split())
_SALTS = frozenset(
    "hcl hydrochloride hydrobromide hbr sulphate sulfate phosphate tartrate bitartrate citrate maleate fumarate"
    " besylate besilate mesylate acetate succinate oxalate nitrate sodium potassium calcium magnesium dihydrate"
    " monohydrate medoxomil etabonate etexilate proxetil axetil erbumine".split()
)
NOT_OF_THE_NAME = _FORM_WORDS | _UNITS
# Letters of India's scripts with their vowel signs, which no \w matches, or other letters.
_WORD = re.compile(r"(?:(?!\d)[\u0900-\u0963\u0966-\u0dff])+|(?:(?![\u0900-\u0dff])[^\W\d_])+")


@dataclass(frozen=True)
class Medicine:
    """A medicine of a formulary as the rules see it. `tele_class` "": unclassified.

    `aliases` are other names of the same medicine, `brands` its trade names, `substances` the parts of a combination
    whose name does not tell them. `chronic`: it is taken for a long-standing illness. `strengths`: of the form.
    """

    name: str
    form: str
    tele_class: str
    aliases: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    chronic: bool = False
    strengths: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Name, aliases and brands."""
        return (self.name, *self.aliases, *self.brands)

    @property
    def parts(self) -> tuple[str, ...]:
        """Each substance by its name."""
        return self.substances or tuple(part.strip() for part in self.name.split("+"))


def from_row(row: Mapping[str, str]) -> Medicine:
    """Map a row of formulary.csv, or of a table with the same columns."""
    columns = ("aliases", "brands", "substances", "strengths")
    aliases, brands, substances, strengths = (several_of(row.get(column, "")) for column in columns)
    is_chronic = row.get("chronic") == "1"
    return Medicine(row["name"], row["form"], row["tele_class"], aliases, brands, substances, is_chronic, strengths)


def several_of(cell: str) -> tuple[str, ...]:
    """Split a cell of several values: "metformin|glucophage"."""
    return tuple(value.strip() for value in cell.split("|") if value.strip())


@tables.per_version
def always_prohibited() -> tuple[Medicine, ...]:
    """Return Schedule X and the narcotics and psychotropics: barred whatever formulary a site has loaded.

    The table says in which law each stands, where that was read, and what is left to sign off.
    """
    barred = tables.rows(tables.BARRED)
    return tuple(Medicine(row["name"], "any", PROHIBITED, several_of(row["aliases"])) for row in barred)


@lru_cache(maxsize=16384)
def substance(text: str) -> tuple[str, ...]:
    """Extract the words of the substance: without forms, strengths, and salts behind the first word."""
    return without_salts(name_words(text))


def without_salts(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the salts of a name's words; a first word stands, as in "sodium valproate"."""
    return tuple(word for place, word in enumerate(words) if place == 0 or word not in _SALTS)


@lru_cache(maxsize=16384)
def name_words(text: str) -> tuple[str, ...]:
    """Extract the words of the name: without forms and strengths, with the salt."""
    return tuple(word for word in _WORD.findall(folded(text)) if not _is_beside(word))


def _is_beside(word: str) -> bool:
    if word.isascii():
        return word in NOT_OF_THE_NAME
    return word in _UNITS or hindi_words.is_beside("".join(devanagari.words(word)))
