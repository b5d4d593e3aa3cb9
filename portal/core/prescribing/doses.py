"""Doses in words for people, and counted for machines; `dosing` parses them."""

from portal.core.prescribing.dosing.course import DROPS_A_ML, Course, course_of
from portal.core.prescribing.dosing.lines import Line, times_a_day
from portal.core.prescribing.dosing.reading import read
from portal.core.prescribing.dosing.wording import amount_in_words, days_in_words, line_in_words
from portal.core.prescribing.notes import Item

# Offered while typing; every other one that `dosing` understands may be typed too.
FREQUENCIES = ("OD", "BD", "TDS", "QID", "HS", "SOS", "STAT", "1-0-1", "1-1-1", "0-0-1", "1-0-0", "weekly")


def in_words(frequency: str, language: str) -> str:
    """Translate a frequency, such as BD or 1-0-1, into words of `en` or `hi`; an unknown one stays as written."""
    line = read(frequency)
    return line_in_words(line, language) if line else frequency.strip()


def often_in_words(frequency: str, language: str) -> str:
    """Translate a frequency that stands beside a dose: 1-0-1 stays as written, since the dose says how much."""
    line = read(frequency)
    return frequency.strip() if line and _has_amounts(line) else in_words(frequency, language)


def when_in_words(dose: str, frequency: str, language: str) -> str:
    """Say when a medicine is taken, and how much where that differs by time of day; "" when it is not understood."""
    line, often = read(dose, frequency), read(frequency)
    if line and (often is None or _has_amounts(often)):
        return line_in_words(line, language) if any(step.rhythm or step.needed for step in line.steps) else ""
    if often is None or (_has_amounts(often) and dose):
        return ""
    return line_in_words(often, language)


def instructions_in_words(text: str, language: str) -> str:
    """Say what is understood of instructions such as "PC · shake well" in words; "" when nothing is."""
    lines = filter(None, map(read, text.split(" · ")))
    return " · ".join(line_in_words(line, language) for line in lines)


def per_day(frequency: str) -> int | None:
    """Return the times a day; None when it depends or is unknown."""
    line = read(frequency)
    return times_a_day(line.steps[0]) if line and len(line.steps) == 1 else None


def course_in_words(item: Item, language: str) -> str:
    """Say what a row comes to: "1 in the morning, 1 at night: 60 tablets, 30 days"; "" when nothing is understood."""
    course = course_of(item)
    if course.line is None:
        return ""
    counted = [_amount(course, language), days_in_words(item.duration_days, language) if item.duration_days else ""]
    return ": ".join(filter(None, (line_in_words(course.line, language), ", ".join(filter(None, counted)))))


def _has_amounts(line: Line) -> bool:
    return any(step.amount is not None for step in line.steps)


def _amount(course: Course, language: str) -> str:
    if course.amount is None:
        return ""
    amount = amount_in_words(course.amount, course.unit, language)
    if course.unit != "drop":
        return amount
    return f"{amount} ({amount_in_words(course.amount / DROPS_A_ML, 'ml', language)})"
