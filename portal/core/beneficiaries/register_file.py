"""The lines of a register's file: each accepted or refused with all its reasons."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from portal.base.language import gettext as _
from portal.core.beneficiaries import cells
from portal.core.beneficiaries.identity import BEN_ID_PATTERN
from portal.store.csv_file import Columns, Line

DISABILITY = "disability"  # the only optional column
COLUMNS = Columns(("ben_id", "name", "name_hi", "gender", "date_of_birth", "mobile", "centre"), (DISABILITY,))

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One validated person of the register."""

    ben_id: str
    name: str
    name_hi: str
    gender: str
    date_of_birth: date
    mobile: str
    centre: str
    has_disability: bool = False


@dataclass(frozen=True)
class Known:
    """What lines are validated against."""

    centres: Collection[str]
    today: date
    ben_id_pattern: str = BEN_ID_PATTERN


class _Reasons(list[str]):
    """All errors of a line, so that a file can be corrected in one go."""

    def check(self, rule: Callable[[str], T], text: str, instead: T) -> T:
        """Apply a rule that raises ValueError; collect the reason and return `instead`."""
        try:
            return rule(text)
        except ValueError as reason:
            self.append(str(reason))
            return instead


def check_lines(lines: Iterable[Line], known: Known) -> Iterator[tuple[Line, Row | list[str]]]:
    """Yield each line with its row, or with the reasons of its refusal. Of a Ben ID the first line counts."""
    first_at: dict[str, int] = {}
    for line in lines:
        row = [line.wrong] if line.wrong else _row(line.cells, known)
        if isinstance(row, Row) and (first := first_at.setdefault(row.ben_id, line.number)) != line.number:
            row = [_("The Ben ID %(ben_id)s stands on line %(line)s already.", ben_id=row.ben_id, line=first)]
        yield line, row


def _row(typed: Mapping[str, str], known: Known) -> Row | list[str]:
    reasons = _Reasons()
    row = Row(
        ben_id=reasons.check(lambda text: cells.ben_id(text, known.ben_id_pattern), typed["ben_id"], ""),
        name=reasons.check(cells.name, typed["name"], ""),
        name_hi=reasons.check(cells.name, typed["name_hi"], "") if typed.get("name_hi") else "",
        gender=reasons.check(cells.gender, typed["gender"], ""),
        date_of_birth=reasons.check(lambda text: cells.born(text, known.today), typed["date_of_birth"], date.min),
        mobile=reasons.check(cells.mobile, typed["mobile"], ""),
        centre=reasons.check(lambda text: cells.centre(cells.whole(text), known.centres), typed["centre"], ""),
        has_disability=reasons.check(cells.disability, typed.get(DISABILITY, ""), False),
    )
    return reasons or row
