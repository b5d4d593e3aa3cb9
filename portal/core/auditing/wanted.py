"""What is looked for in the audit log: parsed from the address of the page, and written back into one."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta

from portal.base.clock import at_ist
from portal.base.typed import date_or_none

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(9000, 1, 1)
ABOUT = re.compile(r"(person|visit|prescription|object):([\w.:-]{1,40})")
_ID = re.compile(r"[\w.-]{1,40}")
LONGEST = 60


@dataclass(frozen=True)
class Wanted:
    """Criteria; "" and None match everything.

    `about`: a kind and its key, such as `person:<Ben ID>` or `object:<subject>`; `by`: uid of whoever acted; `action`:
    words or a name of actions; `seen`: only rows by which somebody saw a record.
    """

    first: date | None = None
    last: date | None = None
    about: str = ""
    by: str = ""
    action: str = ""
    seen: str = ""

    @property
    def begins(self) -> datetime | None:
        """First moment of the first day."""
        return at_ist(self.first, time()) if self.first else None

    @property
    def ends(self) -> datetime | None:
        """First moment after the last day."""
        return at_ist(self.last + timedelta(days=1), time()) if self.last else None

    @property
    def kind(self) -> str:
        """What kind of thing the rows are about."""
        return self.about.partition(":")[0]

    @property
    def key(self) -> str:
        """Which one of that kind."""
        return self.about.partition(":")[2]

    def with_(self, **changes: str) -> "Wanted":
        """Return it with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def address(self, **changes: str) -> dict[str, str]:
        """Build the query string, with changes."""
        values = {key: str(value) for key, value in asdict(self).items() if value} | changes
        return {key: value for key, value in values.items() if value}


def read(arguments: Mapping[str, str]) -> Wanted:
    """Parse the address of the page; what cannot be read counts as not given."""
    about, by = arguments.get("about", ""), arguments.get("by", "")
    return Wanted(
        first=_day(arguments.get("first", "")),
        last=_day(arguments.get("last", "")),
        about=about if ABOUT.fullmatch(about) else "",
        by=by if _ID.fullmatch(by) else "",
        action=arguments.get("action", "").strip()[:LONGEST],
        seen="yes" if arguments.get("seen") else "",
    )


def _day(text: str) -> date | None:
    found = date_or_none(text)
    return min(max(found, FIRST_DAY), LAST_DAY) if found else None
