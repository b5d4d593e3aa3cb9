"""Fields of the forms of rosters: days, times, hours with a quota. What is wrong is put into `problems`."""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta

from portal.base import typed
from portal.base.language import gettext as _
from portal.core.doctors.planning.deeds import FARTHEST
from portal.settings.clinic import ClinicHours

Form = Mapping[str, str]
Problems = dict[str, str]
OPEN, SHUT = "yes", "no"
MOST_TOKENS, REASON = 2000, 200


def hours(form: Form, suffix: str, problems: Problems) -> Iterator[tuple[str, object]]:
    """Yield the values of a rule; only an open day has hours and a quota."""
    state = form.get(f"open{suffix}", "")
    if state not in (OPEN, SHUT):
        problems[f"open{suffix}"] = choose()
    is_held = state == OPEN
    opens, closes = (moment(form, f"{name}{suffix}", problems) if is_held else None for name in ("opens", "closes"))
    usual = ClinicHours.in_force()
    if (opens or usual.opens_at) >= (closes or usual.closes_at) or (closes or usual.closes_at) <= usual.tokens_from:
        name = "closes" if closes else "opens"
        problems.setdefault(
            f"{name}{suffix}", _("The closing time has to come after the opening, and after tokens begin.")
        )
    quota = form.get(f"quota{suffix}", "").strip() if is_held else ""
    count = typed.whole(quota, 1, MOST_TOKENS) if quota else None
    if quota and count is None:
        problems[f"quota{suffix}"] = _("Give a whole number from %(low)s to %(high)s.", low=1, high=MOST_TOKENS)
    yield "is_open", is_held
    yield "opens_at", opens.strftime("%H:%M") if opens else None
    yield "closes_at", closes.strftime("%H:%M") if closes else None
    yield "quota", count
    yield "reason", reason(form) if not suffix else ""


def moment(form: Form, name: str, problems: Problems) -> time | None:
    """Read a time of the clinic; None where it is empty, or with a problem."""
    text = typed.plain_digits(form.get(name, "").strip())
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else None
    except ValueError:
        problems[name] = _("Give a time such as 09:30.")
        return None


def day(form: Form, name: str, today: date, problems: Problems, ahead: int = FARTHEST.days) -> date | None:
    """Read a day from today on, at most so many days ahead; None with a problem."""
    try:
        found = typed.read_date(form.get(name, ""))
    except typed.NotADate as error:
        problems[name] = str(error)
        return None
    if not today <= found <= today + timedelta(days=ahead):
        problems[name] = _("Choose today or a day of the next %(days)s days.", days=ahead)
    return found


def reason(form: Form) -> str:
    """Read the reason on one line."""
    return " ".join(form.get("reason", "").split())[:REASON]


def choose() -> str:
    """Return the sentence over a choice that is not offered."""
    return _("Choose one of the list.")
