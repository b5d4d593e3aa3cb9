"""The words of reports."""

from portal.base.language import gettext as _


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
