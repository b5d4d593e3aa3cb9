"""The words of reports."""

from datetime import date

from babel import Locale
from babel.dates import format_date

from portal.base.language import WRITTEN, current
from portal.base.language import gettext as _
from portal.core.boards.words import reason_words

SHORT = {"ace", "arb", "nsaid", "pde5", "qt", "raas", "ssri"}


def stages() -> dict[str, str]:
    """Map what tokens have come to, to words."""
    return {
        "done": _("Completed"),
        "in_call": _("With the doctor"),
        "called": _("Called"),
        "waiting": _("Waiting"),
        "missed": _("Missed or set aside"),
        "no_show": _("No consultation"),
        "gone": _("Given up or not seen"),
        "elsewhere": _("Goes on elsewhere"),
    }


def duty() -> dict[str, str]:
    """Map the states of a doctor's duty to words."""
    away = _("On a break")
    return {"on": _("On duty now"), "break10": away, "break20": away, "break30": away, "off": _("Not on duty")}


def minutes(count: int | None) -> str:
    """Say how long somebody waits, in minutes, or in hours where they are more than two."""
    if count is None:
        return "–"
    if count < 120:
        return _("%(count)s min", count=count)
    return _("%(hours)s h %(minutes)s min", hours=count // 60, minutes=count % 60)


def reasons() -> dict[str, str]:
    """Map the reasons why there was no consultation to words; calls that were never answered are one."""
    return reason_words() | {"missed": _("Calls not answered")}


def weekdays() -> dict[int, str]:
    """Map weekdays, 1 is Monday, to words."""
    names = Locale.parse(WRITTEN[current()]).days["format"]["wide"]
    return {day + 1: str(names[day]) for day in range(7)}


def month(day: date) -> str:
    """Name the month of a day, with its year."""
    return format_date(day, "LLLL y", locale=WRITTEN[current()])


def classes() -> dict[str, str]:
    """Map the classes of medicines by the Telemedicine Practice Guidelines to words."""
    return {
        "O": _("List O: in any consultation"),
        "A": _("List A: by video, or when continued"),
        "B": _("List B: added in a follow-up"),
        "unlisted": _("In no list"),
    }


def qualities() -> dict[str, str]:
    """Map the qualities of calls to words."""
    return {"good": _("Good"), "fair": _("Fair"), "poor": _("Poor"), "untold": _("Not told")}


def rule(name: str) -> str:
    """Say what a rule of safety warns of; names of medicines in it stay as they are written."""
    known = {
        "above_daily_dose": _("More than the most a day"),
        "allergy": _("Allergy on record"),
        "anaphylaxis": _("Severe allergy on record"),
        "glucose_unit": _("Glucose in another unit?"),
        "no_such_strength": _("No piece of this strength"),
        "quantity": _("Quantity does not fit dose and days"),
        "related_allergy": _("Allergy to a related medicine"),
        "same_substance_twice": _("The same substance twice"),
        "ten_times_the_dose": _("Ten times the dose"),
        "two_nsaids": _("Two painkillers (NSAID)"),
        "unlisted_and_allergy": _("Not in the list, and an allergy on record"),
        "unlisted_strength": _("Strength not in the list"),
        "weekly_medicine_daily": _("A weekly medicine every day"),
        "weight_for_age": _("Weight unlikely at this age"),
    }
    if name in known:
        return known[name]
    for ending, sentence in (
        ("_in_pregnancy", _("%(medicine)s in pregnancy")),
        ("_in_children", _("%(medicine)s in children")),
    ):
        if name.endswith(ending):
            return sentence % {"medicine": _medicine(name.removesuffix(ending))}
    one, _and, other = name.partition("_and_")
    return _("%(one)s with %(other)s", one=_medicine(one), other=_medicine(other)) if other else _medicine(name)


def _medicine(name: str) -> str:
    return " ".join(word.upper() if word in SHORT else word for word in name.split("_"))
