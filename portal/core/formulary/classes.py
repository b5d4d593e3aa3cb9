"""Class of a medicine by the Telemedicine Practice Guidelines; `barred` detects the prohibited ones."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from portal.core.formulary import ways
from portal.core.formulary.folding import folded
from portal.store.csv_file import shipped

PROHIBITED = "PROHIBITED"
STRICTEST_FIRST = (PROHIBITED, "B", "A", "O")

# The packaged formulary. Names and strengths are facts, after NLEM 2022 (S.O. 5249(E)) and Schedule X.
FORMULARY_FILE = Path(__file__).parent.parent / "data" / "formulary.csv"

# Forms, units and salts: they do not make another medicine.
_FORM_WORDS = frozenset(
    "tab tabs tablet tablets cap caps capsule capsules inj injection injections syp syr syrup susp suspension"
    " oint ointment cream gel lotion drop drops inhaler spray powder sachet sr er xr cr mr od dt md".split()
)
_UNITS = frozenset("mg mcg ug μg µg g gm gms ml iu unit units".split())
_SALTS = frozenset(
    "hcl hydrochloride hydrobromide hbr sulphate sulfate phosphate tartrate bitartrate citrate maleate fumarate"
    " besylate besilate mesylate acetate succinate oxalate nitrate sodium potassium calcium magnesium dihydrate"
    " monohydrate".split()
)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Medicine:
    """A medicine of a formulary as the rules see it. `aliases` are other spellings of the same substance."""

    name: str
    form: str
    tele_class: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Name and aliases."""
        return (self.name, *self.aliases)


def from_row(row: Mapping[str, str]) -> Medicine:
    """Map a row of formulary.csv, or of a table with the same columns."""
    aliases = tuple(alias.strip() for alias in row["aliases"].split("|") if alias.strip())
    return Medicine(row["name"], row["form"], row["tele_class"], aliases)


@cache
def always_prohibited() -> tuple[Medicine, ...]:
    """Return Schedule X and the listed narcotics and psychotropics: barred whatever formulary a site has loaded."""
    medicines = map(from_row, shipped(FORMULARY_FILE))
    return tuple(medicine for medicine in medicines if medicine.tele_class == PROHIBITED)


def tele_class(text: str, form: str, formulary: Iterable[Medicine]) -> str:
    """Return the class of a medicine in the formulary, or "" when it is unknown.

    For an unlisted form the strictest class of the name counts.
    """
    found = _listed(text, formulary)
    same_form = [medicine for medicine in found if medicine.form.casefold() == form.strip().casefold()]
    classes = {medicine.tele_class for medicine in same_form or found}
    return next((known for known in STRICTEST_FIRST if known in classes), "")


def has_form(text: str, form: str, formulary: Iterable[Medicine]) -> bool:
    """Tell whether the formulary has the medicine in this form, or in one of the same route."""
    return ways.is_among(form, (medicine.form for medicine in _listed(text, formulary)))


def substances(text: str, formulary: Iterable[Medicine]) -> frozenset[tuple[str, ...]]:
    """Read the substance of a medicine under every name that the formulary has for it."""
    names = (name for medicine in _listed(text, formulary) for name in medicine.names)
    return frozenset(filter(None, map(substance, (text, *names))))


def _listed(text: str, formulary: Iterable[Medicine]) -> list[Medicine]:
    bare = substance(text)
    return [medicine for medicine in formulary if bare and bare in map(substance, medicine.names)]


@lru_cache(maxsize=16384)
def substance(text: str) -> tuple[str, ...]:
    """Extract the words of the substance: without forms, strengths, and salts behind the first word."""
    words = [word for word in _WORD.findall(folded(text)) if word not in _FORM_WORDS | _UNITS]
    return tuple(word for place, word in enumerate(words) if place == 0 or word not in _SALTS)
