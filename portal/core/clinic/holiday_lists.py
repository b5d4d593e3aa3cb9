"""Default holidays: the central government's, from the package `holidays`."""

import csv
import io
from collections.abc import Iterator
from datetime import date

import holidays

from portal.base.plain_text import LONGEST_NAME


def central_holidays(*years: int) -> Iterator[tuple[date, str, str]]:
    """Yield (day, name, name in Hindi) in order. Dates of the lunar calendar are estimates, to be corrected."""
    english, hindi = (holidays.country_holidays("IN", years=years, language=tag) for tag in ("en_IN", "hi"))
    for day, name in sorted(english.items()):
        yield day, name[:LONGEST_NAME], str(hindi.get(day, ""))[:LONGEST_NAME]


def table_of(*years: int) -> str:
    """Write them as CSV, as `portal import holidays` takes it."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("day", "name", "name_hi"))
    writer.writerows(central_holidays(*years))
    return lines.getvalue()
