"""Validation of a table before it is imported: what is wrong in a line, and what its lines need of other tables."""

from collections.abc import Callable, Iterable, Mapping

from portal.base.language import gettext as _
from portal.base.typed import ICD10
from portal.core.rules import tables

Row = Mapping[str, str]

LAWS = ("Schedule X", "NDPS psychotropic", "NDPS narcotic")
TIERS = ("stop", "ask", "note")
STATES = ("", "pregnant")
MOST: Mapping[str, int] = {"diagnoses": 500}  # lines: all of them are offered under the field at once


def columns_of(name: str) -> tuple[str, ...]:
    """Return the columns that a table must have: those of the packaged one."""
    return tuple(tables.packaged(name).partition("\n")[0].split(","))


def require_right(name: str, row: Row) -> None:
    """Raise ValueError with the reason for a line that cannot be right."""
    needed = {*tables.KEYS[name], "source"} & row.keys() - {"state"}
    if empty := sorted(column for column in needed if not row[column]):
        raise ValueError(_("%(columns)s must not be empty", columns=", ".join(empty)))
    _CHECKS[name](row)


def repeated(name: str, rows: Iterable[tuple[int, Row]]) -> dict[int, str]:
    """Map the lines that say a rule again to a sentence."""
    first: dict[tuple[str, ...], int] = {}
    found = {}
    for number, row in rows:
        key = tuple(row[column].casefold() for column in tables.KEYS[name])
        if (line := first.setdefault(key, number)) != number:
            found[number] = _("line %(line)s has the same %(columns)s", line=line, columns=", ".join(tables.KEYS[name]))
    return found


def too_many(name: str, rows: Mapping[int, Row]) -> list[tuple[int, str]]:
    """Return the first line beyond the length of a table, with a sentence."""
    most = MOST.get(name, len(rows))
    if len(rows) <= most:
        return []
    return [(list(rows)[most], _("a table of %(name)s has at most %(most)s lines", name=name, most=most))]


def _barred(row: Row) -> None:
    _one_of("law", row["law"], LAWS)


def _barred_name(row: Row) -> None:
    known = {each["name"] for each in tables.rows(tables.BARRED)}
    if row["medicine"] and row["medicine"] not in known:
        raise ValueError(
            _(
                "'%(text)s' is no barred substance; leave it empty for a name that only looks like one",
                text=row["medicine"],
            )
        )


def _group(row: Row) -> None:
    if not row["members"]:
        raise ValueError(_("%(columns)s must not be empty", columns="members"))


def _dose(row: Row) -> None:
    for column in ("most_a_day_mg", "largest_mg"):
        try:
            is_amount = float(row[column]) > 0
        except ValueError:
            is_amount = False
        if not is_amount:
            raise ValueError(
                _("%(column)s is '%(found)s'; give milligrams, more than 0", column=column, found=row[column])
            )


def _pair(row: Row) -> None:
    _one_of("tier", row["tier"], TIERS)
    _known_groups(row, "one", "other")
    _told(row)


def _person(row: Row) -> None:
    _one_of("tier", row["tier"], TIERS)
    _one_of("state", row["state"], STATES)
    _known_groups(row, "medicine")
    _told(row)
    if row["below_age"] and not (row["below_age"].isascii() and row["below_age"].isdigit()):
        raise ValueError(_("below_age is '%(found)s'; give whole years, or nothing", found=row["below_age"]))
    if not row["below_age"] and not row["state"]:
        raise ValueError(_("below_age or state must be given"))


def _allergy(row: Row) -> None:
    _known_groups(row, "group", *(("near",) if row["near"] else ()))
    if not row["words"]:
        raise ValueError(_("%(columns)s must not be empty", columns="words"))


def _diagnosis(row: Row) -> None:
    if not ICD10.fullmatch(row["code"]):
        raise ValueError(_("code is '%(found)s'; give a code such as I10 or E11.9", found=row["code"]))
    if not row["label"]:
        raise ValueError(_("%(columns)s must not be empty", columns="label"))


def _one_of(column: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(
            _(
                "%(column)s is '%(found)s'; allowed are %(allowed)s",
                column=column,
                found=value,
                allowed=", ".join(f"'{one}'" for one in allowed),
            )
        )


def _known_groups(row: Row, *columns: str) -> None:
    known = {each["name"] for each in tables.rows("safety_groups")}
    if unknown := [row[column] for column in columns if row[column] not in known]:
        raise ValueError(_("no group of safety_groups has this name: %(names)s", names=", ".join(unknown)))


def _told(row: Row) -> None:
    if not row["why"] or not row["why_hi"]:
        raise ValueError(_("why and why_hi must not be empty: the doctor reads them"))


_CHECKS: Mapping[str, Callable[[Row], None]] = {
    tables.BARRED: _barred,
    tables.BARRED_NAMES: _barred_name,
    "safety_groups": _group,
    "safety_doses": _dose,
    "safety_pairs": _pair,
    "safety_people": _person,
    "safety_allergies": _allergy,
    "diagnoses": _diagnosis,
    "icd10": _diagnosis,
}
