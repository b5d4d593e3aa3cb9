"""Rosters in words: parts of a day, patterns, hours, what a change does, and what it was."""

from collections.abc import Mapping
from datetime import date, time

from portal.base.clock import at_ist, clinic_day, now
from portal.base.language import gettext as _
from portal.base.language import show_date, show_time, weekdays
from portal.core.doctors.planning.deeds import EARLIER, FULL, LATER, NOBODY, SHUT, DayEffect
from portal.core.rosters.book import AWAY, DATE, DAY, FIRST, LEAVE, SECOND, WEEK, WHOLE, Facts, Slot, Values


def parts() -> dict[str, str]:
    """Return the words for the parts of a day, by letter."""
    return {WHOLE: _("Whole day"), FIRST: _("First half"), SECOND: _("Second half"), AWAY: _("Not there")}


def kinds() -> dict[str, str]:
    """Return the words for what was changed."""
    return {
        "week": _("Weekly pattern of a doctor"),
        "day": _("One day of a doctor"),
        "swap": _("Swap of two doctors"),
        "leave": _("Leave of a doctor"),
        "hours": _("Hours and tokens by weekday"),
        "date": _("One day of the specialty"),
    }


def effects() -> dict[str, str]:
    """Return what becomes of the tokens of a day, by kind of effect."""
    moved = _(
        "Those who wait get a token for the next day with a doctor, if the settings and their referral allow it; "
        "else their token is cancelled. They are told by SMS."
    )
    return {
        SHUT: _("The specialty is closed.") + " " + moved,
        NOBODY: _("No doctor is left.") + " " + moved,
        EARLIER: _("It closes earlier. Tokens stay; those who wait today are told by an announcement."),
        LATER: _("It opens later. Tokens stay."),
        FULL: _("More tokens are given than the new number. They stay, and no further ones are given."),
    }


def lost(day: DayEffect) -> str:
    """Return why a day without tokens loses its clinic."""
    return _("closed") if SHUT in day.kinds else _("no doctor")


def hour(at: time) -> str:
    """Format a time of the clinic."""
    return show_time(at_ist(clinic_day(now()), at))


def written(slot: Slot, values: Values) -> str:
    """Return what stands in a slot."""
    kind = slot[0]
    if values is None:
        return {
            WEEK: _("No own pattern"),
            DAY: _("As in the weekly pattern"),
            LEAVE: _("No leave"),
            DATE: _("As on its weekday"),
        }.get(kind, _("As in the settings"))
    if kind == WEEK:
        return _pattern(values)
    if kind == LEAVE:
        return _with_reason(_("On leave"), values)
    if kind == DAY:
        return _with_reason(parts()[str(values["part"])], values)
    return _with_reason(hours_in_words(values), values)


def place_of(slot: Slot, doctors: Mapping[int, str]) -> str:
    """Return whose slot it is, and of which day."""
    kind, owner, key = slot
    if kind == WEEK:
        return _("%(doctor)s, from %(day)s", doctor=doctors.get(owner, ""), day=show_date(date.fromisoformat(key)))
    if kind in (DAY, LEAVE):
        return f"{doctors.get(owner, '')}, {show_date(date.fromisoformat(key))}"
    return show_date(date.fromisoformat(key)) if kind == DATE else weekdays()[int(key)]


def hours_in_words(values: Mapping[str, object]) -> str:
    """Return hours and quota of a rule; what it leaves to the settings is not named."""
    if not values["is_open"]:
        return _("Closed")
    given = [values[name] for name in ("opens_at", "closes_at")]
    opens, closes = (hour(time.fromisoformat(str(at))) if at else _("as usual") for at in given)
    times = f"{opens} – {closes}" if any(given) else ""
    tokens = _("%(count)s tokens", count=values["quota"]) if values["quota"] is not None else ""
    return ", ".join(part for part in (times, tokens) if part) or _("Open as usual")


def _pattern(values: Mapping[str, object]) -> str:
    names, words = weekdays(), parts()
    days = ", ".join(
        f"{names[number]}: {words[letter]}" for number, letter in enumerate(str(values["days"]), 1) if letter != AWAY
    )
    end = _("until %(day)s", day=show_date(date.fromisoformat(str(values["ends"])))) if values["ends"] else ""
    return "; ".join(part for part in (days or _("Not there"), end) if part)


def _with_reason(text: str, values: Mapping[str, object]) -> str:
    reason = values.get("reason")
    return f"{text} ({reason})" if reason else text


def before_and_after(before: Facts, after: Facts, doctors: Mapping[int, str]) -> list[tuple[str, str, str]]:
    """Return each slot that changes: whose it is, what it was, what it is then."""
    changed = (slot for slot in sorted(after) if before.get(slot) != after[slot])
    return [(place_of(slot, doctors), written(slot, before.get(slot)), written(slot, after[slot])) for slot in changed]
