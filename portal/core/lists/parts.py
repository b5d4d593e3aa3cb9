"""Import of classes or brands alone, for medicines that the formulary has: each file is a version too."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from portal.base.language import gettext as _
from portal.core.formulary import rows, versions
from portal.core.formulary.classes import several_of
from portal.core.formulary.versions import Values
from portal.core.lists import whole
from portal.store.csv_file import Columns, Line
from portal.store.db import one_at_a_time

Key = tuple[str, str]
Cells = Mapping[str, str]
Merge = Callable[[Cells, Cells], Cells]


def take_over(
    kind: str, lines: Iterable[Line], refused: list[tuple[int, str]], *, by: str, file: str, now: datetime
) -> tuple[int, list[str]]:
    """Merge a file into the version in force, in the caller's transaction; return (lines taken, what changes).

    Wrong lines go to `refused`.
    """
    one_at_a_time("formulary")
    changed, taken = read(kind, lines, refused)
    changes = versions.take_over(changed, keep_others=True, by=by, file=file, now=now)
    return taken, list(whole.told(changes))


def read(kind: str, lines: Iterable[Line], refused: list[tuple[int, str]]) -> tuple[list[Values], int]:
    """Return the medicines of the version in force with what a file says of them, and how many lines were taken."""
    merge = PARTS[kind][1]
    listed: dict[Key, Cells] = {versions.key_of(row): rows.cells_of(row) for row in versions.in_force_rows()}
    taken: dict[Key, int] = {}
    for line in lines:
        try:
            merged = _merged(line, listed, merge)
        except ValueError as reason:
            refused.append((line.number, str(reason)))
        else:
            listed |= merged
            taken |= dict.fromkeys(merged, line.number)
    _refuse_clashes(listed, taken, refused)
    return [rows.values_of(listed[key]) for key in taken], len(set(taken.values()))


def _refuse_clashes(listed: dict[Key, Cells], taken: dict[Key, int], refused: list[tuple[int, str]]) -> None:
    """Take out what gave a medicine the name of another one."""
    keys = list(listed)
    for place, reason in rows.clashes(enumerate(listed.values())).items():
        if line := taken.pop(keys[place], 0):
            refused.append((line, reason))


def _merged(line: Line, listed: Mapping[Key, Cells], merge: Merge) -> dict[Key, Cells]:
    """Merge a line into every form of its medicine, or into the one that it names."""
    if line.wrong:
        raise ValueError(line.wrong)
    name, form = line.cells["name"], line.cells.get("form", "")
    meant = [
        key for key in listed if key[0].casefold() == name.casefold() and form.casefold() in {"", key[1].casefold()}
    ]
    if not meant:
        meant_as = f"{name} ({form})" if form else name
        raise ValueError(_("the formulary has no '%(name)s'", name=meant_as))
    merged = {key: merge(listed[key], line.cells) for key in meant}
    for cells in merged.values():
        rows.values_of(cells)
    return merged


def _with_class(row: Cells, line: Cells) -> Cells:
    if line["tele_class"] and not line["class_source"]:
        raise ValueError(
            _("a class needs its class_source: the place of the guideline or notice that names the medicine")
        )
    return {**row, "tele_class": line["tele_class"], "class_source": line["class_source"]}


def _with_brand(row: Cells, line: Cells) -> Cells:
    if not line["brand"] or not line["source"]:
        raise ValueError(_("%(columns)s must not be empty", columns="brand, source"))
    brands = dict.fromkeys([*several_of(row["brands"]), line["brand"]])
    sources = dict.fromkeys([*several_of(row["source"]), line["source"]])
    return {**row, "brands": "|".join(brands), "source": "|".join(sources)}


PARTS: dict[str, tuple[Columns, Merge]] = {
    "classes": (Columns(("name", "tele_class", "class_source"), ("form",)), _with_class),
    "brands": (Columns(("name", "brand", "source"), ("form",)), _with_brand),
}
