"""Validation of a formulary's rows before they become a version: what is wrong in one, and between two."""

import re
from collections.abc import Iterable, Mapping

from portal.base.language import gettext as _
from portal.core.formulary import barred
from portal.core.formulary.classes import PROHIBITED, STRICTEST_FIRST, from_row, name_words, several_of
from portal.core.formulary.versions import COLUMNS, LONGEST, Values

# A volume alone, or the weight of a tube: what the patient carries home, not how strong it is.
_VOLUME = re.compile(r"[0-9.]+\s*(ml|millilitre|l|litre)s?( bottle| vial)?", re.IGNORECASE)
_WEIGHT = re.compile(r"[0-9.]+\s*(g|gm|gram)s?( tube| jar)?", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]+\s*(tablet|capsule|cap|tab|strip|pack)s?", re.IGNORECASE)
_SPREAD = frozenset("cream ointment gel lotion paste liniment".split())


def values_of(cells: Mapping[str, str]) -> Values:
    """Read a row of the table. Raises ValueError with the reason for what cannot be right."""
    row = {column: cells.get(column, "").strip() for column in COLUMNS}
    _require_known_values(row)
    _require_strengths(row)
    _require_one_medicine(row)
    medicine = from_row(row)
    named = barred.named(" + ".join((*medicine.names, *medicine.parts)))
    if named and medicine.tele_class != PROHIBITED:
        raise ValueError(
            _("%(name)s may not be prescribed here: tele_class must be %(value)s", name=named, value=PROHIBITED)
        )
    return {**row, "chronic": row["chronic"] == "1"}


def cells_of(row: Values) -> dict[str, str]:
    """Format a row as the table has it: the reverse of `values_of`."""
    return {column: str(value) for column, value in row.items()} | {"chronic": "1" if row["chronic"] else "0"}


def clashes(rows: Iterable[tuple[int, Values]]) -> dict[int, str]:
    """Map the lines whose other name or brand is another medicine's to a sentence."""
    found: dict[int, str] = {}
    owners: dict[tuple[str, ...], str] = {}
    listed = list(rows)
    for _number, row in listed:
        owners.setdefault(name_words(str(row["name"])), str(row["name"]))
    for number, row in listed:
        for other in (*several_of(str(row["aliases"])), *several_of(str(row["brands"]))):
            owner = owners.setdefault(name_words(other), str(row["name"]))
            if owner != row["name"]:
                found.setdefault(
                    number, _("'%(name)s' is %(owner)s; one name cannot be two medicines", name=other, owner=owner)
                )
    return found


def says_again(line: int) -> str:
    """Return the sentence for a medicine that an earlier line has."""
    return _("line %(line)s has the same %(columns)s", line=line, columns="name, form")


def _require_known_values(row: Mapping[str, str]) -> None:
    if not row["name"]:
        raise ValueError(_("%(columns)s must not be empty", columns="name"))
    if row["tele_class"] not in {"", *STRICTEST_FIRST}:
        raise ValueError(
            _("tele_class is '%(found)s'; allowed are O, A, B, PROHIBITED and none at all", found=row["tele_class"])
        )
    if row["chronic"] not in {"", "0", "1"}:
        raise ValueError(
            _(
                "%(column)s is '%(found)s'; allowed are %(allowed)s",
                column="chronic",
                found=row["chronic"],
                allowed="0, 1",
            )
        )
    for column, text in row.items():
        longest = LONGEST[column]
        if longest and len(text) > longest:
            raise ValueError(_("%(column)s is longer than %(limit)s characters", column=column, limit=longest))


def _require_strengths(row: Mapping[str, str]) -> None:
    spread = bool(_SPREAD & set(row["form"].casefold().split()))
    for strength in several_of(row["strengths"]):
        if _VOLUME.fullmatch(strength) or _COUNT.fullmatch(strength) or (spread and _WEIGHT.fullmatch(strength)):
            raise ValueError(_("'%(text)s' is the size of a pack, not a strength", text=strength))


def _require_one_medicine(row: Mapping[str, str]) -> None:
    """A part of a combination is no other name of it, or whoever writes the part is understood to mean the whole."""
    medicine = from_row(row)
    parts = {name_words(part) for part in medicine.parts} if len(medicine.parts) > 1 else set()
    for other in (*medicine.aliases, *medicine.brands):
        if name_words(other) in parts:
            raise ValueError(
                _(
                    "'%(text)s' is one substance of %(medicine)s, not another name of it",
                    text=other,
                    medicine=medicine.name,
                )
            )
